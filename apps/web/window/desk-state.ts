import type { Schemas } from '#libs/api-client';
import type { Trouble } from '../shared/trouble.ts';
import { askable, type Case, type Consent, tickedAfter } from './asking.ts';
import type { Reply, Trust, WordCheck } from './receipt-check.ts';

export type Matter = Schemas['MattersDto']['matters'][number];

/** Data on the screen: in the page's memory alone, and only while they may be read. */
export interface Released {
  readonly consent: string;
  readonly reply: Reply;
  readonly trust: Trust;
  readonly words: readonly WordCheck[];
}

/** Why a yes has not become data. */
export type Hindrance =
  /**
   * The witnesses have not seen the record: once its receipt can be had (from `at`, a path), the
   * same is read again.
   */
  | { readonly is: 'held'; readonly at: string | null }
  | { readonly is: 'used-elsewhere' }
  | { readonly is: 'changed' }
  /** Nothing that was asked for can be released; the consent is not spent. */
  | { readonly is: 'nothing' }
  /** The reply was lost on the way: reading again brings it. */
  | { readonly is: 'lost' }
  | { readonly is: 'refused'; readonly trouble: Trouble };

export interface OpenCase {
  readonly is: 'case';
  readonly found: Case;
  readonly ticked: readonly string[];
  /** The consent that was asked for last. */
  readonly consent: Consent | null;
  readonly hindrance: Hindrance | null;
  readonly released: readonly Released[];
}

/** Why no case is open. */
export type EmptyWhy = 'start' | 'closed' | 'returned' | 'idle' | 'disabled';

export type Place =
  | { readonly is: 'empty'; readonly why: EmptyWhy }
  | { readonly is: 'new'; readonly matter: Matter }
  | OpenCase;

export type Change =
  | { readonly is: 'matter-chosen'; readonly matter: Matter }
  | { readonly is: 'case-opened'; readonly found: Case; readonly consent: Consent | null }
  | { readonly is: 'case-seen'; readonly found: Case }
  | { readonly is: 'ticked'; readonly material: string; readonly on: boolean }
  | { readonly is: 'consent-seen'; readonly case: string; readonly consent: Consent }
  | { readonly is: 'hindered'; readonly consent: string; readonly hindrance: Hindrance }
  | { readonly is: 'released'; readonly released: Released }
  | { readonly is: 'sealed'; readonly consent: string; readonly receipt: string }
  | { readonly is: 'moment'; readonly now: number }
  | { readonly is: 'cleared'; readonly why: EmptyWhy };

export const nothing: Place = { is: 'empty', why: 'start' };

/** The desk after a change. What belongs to another case than the open one changes nothing. */
export function change(place: Place, what: Change): Place {
  switch (what.is) {
    case 'matter-chosen':
      return { is: 'new', matter: what.matter };
    case 'cleared':
      return { is: 'empty', why: what.why };
    case 'case-opened': {
      const { found, consent } = what;
      const ticked =
        consent === null ? askable(found) : tickedAfter(askable(found), consent, found);
      return { is: 'case', found, ticked, consent, hindrance: null, released: [] };
    }
    default:
      return place.is === 'case' ? changeCase(place, what) : place;
  }
}

type CaseChange = Exclude<Change, { readonly is: 'matter-chosen' | 'cleared' | 'case-opened' }>;

function changeCase(place: OpenCase, what: CaseChange): OpenCase {
  switch (what.is) {
    case 'case-seen':
      return what.found.case === place.found.case ? { ...place, found: what.found } : place;
    case 'ticked': {
      const others = place.ticked.filter((material) => material !== what.material);
      return { ...place, ticked: what.on ? [...others, what.material] : others };
    }
    case 'consent-seen': {
      if (what.case !== place.found.case) return place;
      const { consent } = what;
      const same = place.consent?.consent === consent.consent;
      // What was in the way stays told; a new request begins without it.
      return {
        ...place,
        consent,
        hindrance: same ? place.hindrance : null,
        ticked: tickedAfter(place.ticked, consent, place.found),
      };
    }
    case 'hindered':
      return place.consent?.consent === what.consent
        ? { ...place, hindrance: what.hindrance }
        : place;
    case 'released': {
      const { released } = what;
      if (released.reply.handedOver.case !== place.found.case) return place;
      return {
        ...place,
        hindrance: null,
        released: [
          ...place.released.filter(({ consent }) => consent !== released.consent),
          released,
        ],
      };
    }
    case 'sealed':
      return {
        ...place,
        released: place.released.map((one) =>
          one.consent === what.consent
            ? { ...one, trust: { ...one.trust, receipt: what.receipt } }
            : one,
        ),
      };
    case 'moment': {
      const readable = place.released.filter(
        ({ reply }) => Date.parse(reply.readAgainUntil) > what.now,
      );
      return readable.length === place.released.length ? place : { ...place, released: readable };
    }
  }
}

/** Whether the data of the case's last consent are on the screen. */
export const showsReleased = ({ consent, released }: OpenCase): boolean =>
  consent !== null && released.some((one) => one.consent === consent.consent);
