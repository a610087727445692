import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { CaseReader } from '#libs/case';
import type { ClientCaller, Principal } from '#libs/identity';
import { Clock, type Instant, plusSeconds } from '#libs/kernel';
import { LedgerSecrets } from '#libs/vault';
import {
  type Consent,
  consentsIn,
  type ConsentStatus,
  consentStatusOf,
  foundIn,
  type StatusAtWindow,
  statusAtWindow,
} from '../book.js';
import { redeemSeconds, triesLeft } from '../answer-decisions.js';
import type { Action, Ask, EndReason, Notice } from '../consent.events.js';
import { answerSeconds } from '../consent.decider.js';
import { holderOfConsent } from '../consent.stream.js';
import { openMatch } from '../number-match.js';
import { Books } from '../ports.js';

/** A consent as the requesting window sees it. */
export interface WindowConsent {
  readonly consent: string;
  readonly role: string;
  readonly materials: readonly string[];
  readonly state: StatusAtWindow;
  readonly answerBy: Instant;
  readonly redeemBy: Instant | null;
  /** Why it ended otherwise than by an answer or a release; null where it did not. */
  readonly endReason: EndReason | 'nothing_to_release' | null;
  /**
   * The number that the requesting terminal shows while it waits; null otherwise, and where there
   * is none.
   */
  readonly number: string | null;
}

export class ConsentState extends Query<WindowConsent> {
  constructor(
    readonly caller: ClientCaller,
    readonly atCase: string,
    readonly consent: string,
  ) {
    super();
  }
}

@QueryHandler(ConsentState)
export class ConsentStateHandler implements IQueryHandler<ConsentState> {
  constructor(
    private readonly cases: CaseReader,
    private readonly books: Books,
    private readonly clock: Clock,
    private readonly secrets: LedgerSecrets,
  ) {}

  async execute({ caller, atCase, consent: id }: ConsentState): Promise<WindowConsent> {
    const { opened } = await this.cases.own(atCase, caller);
    const { subject } = await holderOfConsent(this.books, opened, id);
    const { book } = await this.books.read(subject, { ofCase: opened });
    const consent = foundIn(book, id);
    const { request } = consent;
    const state = statusAtWindow(consent, this.clock.now());
    const shows = state === 'waiting' && request.terminal === caller.client;
    return {
      consent: id,
      role: request.role,
      materials: request.asks.map(({ material }) => material),
      state,
      answerBy: request.answerBy,
      redeemBy: redeemByOf(consent),
      endReason: endReasonOf(consent),
      number: shows ? (openMatch(this.secrets, request)?.digits ?? null) : null,
    };
  }
}

/** A consent as its holder sees it: requester, purpose, data, and the text that is signed. */
export interface HolderConsent {
  readonly consent: string;
  readonly case: string;
  readonly state: ConsentStatus;
  readonly department: string;
  readonly window: string;
  readonly matter: string;
  readonly purpose: string;
  readonly action: Action;
  readonly asks: readonly Ask[];
  readonly answerBy: Instant;
  readonly redeemBy: Instant | null;
  /** Why it ended without an act of the holder; null where it did not. */
  readonly endReason: EndReason | 'nothing_to_release' | null;
  readonly notice: Notice;
  /** Whether the number on the window has to be signed; never the number itself. */
  readonly numberMatch: 'required' | 'none';
  /** How often it can still be typed. */
  readonly numberTries: number;
}

const longest = 100;

export interface HolderConsentsPage {
  readonly consents: readonly HolderConsent[];
  /** `after` of the next page; null on the last. */
  readonly next: string | null;
}

/**
 * The holder's consents, at most 100 a page. Those that wait or can be redeemed come first: the
 * newest of each window, then the second newest of each, so that however often one window asks, it
 * cannot hide another's request.
 */
export class HolderConsents extends Query<HolderConsentsPage> {
  /**
   * @param after `next` of the page before: a version of the book, a dot, and how many of those
   *   that come first and were requested before it were shown; with none left, 0
   */
  constructor(
    readonly principal: Principal,
    readonly after: string | null = null,
  ) {
    super();
  }
}

/** In the order of the list. @param consents in the order of their requests */
export function byAsker(consents: readonly Consent[]): readonly Consent[] {
  const asked = new Map<string, number>();
  return consents
    .toReversed()
    .map((consent, age) => {
      const asker = JSON.stringify([consent.request.department, consent.request.window]);
      const round = asked.get(asker) ?? 0;
      asked.set(asker, round + 1);
      return { consent, round, age };
    })
    .sort((a, b) => a.round - b.round || a.age - b.age)
    .map(({ consent }) => consent);
}

@QueryHandler(HolderConsents)
export class HolderConsentsHandler implements IQueryHandler<HolderConsents> {
  constructor(
    private readonly books: Books,
    private readonly clock: Clock,
  ) {}

  async execute({ principal, after }: HolderConsents): Promise<HolderConsentsPage> {
    const now = this.clock.now();
    const { book, version } = await this.books.read(principal.subject, {
      after: plusSeconds(now, -maxPending),
    });
    const [before = version + 1, skip = 0] = after?.split('.').map(Number) ?? [];
    const known = [...consentsIn(book).values()].filter((each) => each.version < before);
    const pending = known.filter((consent) => isPending(consent, now));
    const first = after !== null && skip === 0 ? [] : byAsker(pending).slice(skip);
    if (first.length > longest)
      return {
        consents: first.slice(0, longest).map((consent) => shown(consent, now)),
        next: `${before}.${skip + longest}`,
      };
    const rest = known.filter((each) => each.version >= book.from && !isPending(each, now));
    const room = longest - first.length;
    const others = rest.reverse().slice(0, room);
    const wanted = book.from > 0 ? room - others.length : 0;
    const earlier =
      wanted > 0
        ? await this.books.earlier(principal.subject, Math.min(before, book.from), wanted)
        : [];
    const isLast = book.from === 0 ? rest.length <= room : earlier.length < wanted;
    const last = [...others, ...earlier].at(-1)?.version ?? before;
    return {
      consents: [...first, ...others, ...earlier.filter((each) => !isPending(each, now))].map(
        (consent) => shown(consent, now),
      ),
      next: isLast ? null : `${last}.0`,
    };
  }
}

/** Longest time from a request until its consent can no longer be redeemed, in seconds. */
const maxPending = answerSeconds + redeemSeconds + 60;

function isPending(consent: Consent, now: Instant): boolean {
  const state = consentStatusOf(consent, now);
  return state === 'waiting' || state === 'granted';
}

export class FindHolderConsent extends Query<HolderConsent> {
  constructor(
    readonly principal: Principal,
    readonly consent: string,
  ) {
    super();
  }
}

@QueryHandler(FindHolderConsent)
export class FindHolderConsentHandler implements IQueryHandler<FindHolderConsent> {
  constructor(
    private readonly books: Books,
    private readonly clock: Clock,
  ) {}

  async execute({ principal, consent: id }: FindHolderConsent): Promise<HolderConsent> {
    const { book } = await this.books.read(principal.subject, { consent: id });
    return shown(foundIn(book, id), this.clock.now());
  }
}

const redeemByOf = (consent: Consent): Instant | null =>
  'grant' in consent ? (consent.grant?.redeemBy ?? null) : null;

const endReasonOf = (consent: Consent) => (consent.status === 'ended' ? consent.reason : null);

function shown(consent: Consent, now: Instant): HolderConsent {
  const { request } = consent;
  return {
    consent: request.consent,
    case: request.case,
    state: consentStatusOf(consent, now),
    department: request.department,
    window: request.window,
    matter: request.matter,
    purpose: request.purpose,
    action: request.action,
    asks: request.asks,
    answerBy: request.answerBy,
    redeemBy: redeemByOf(consent),
    endReason: endReasonOf(consent),
    notice: request.notice,
    numberMatch: request.match === null ? 'none' : 'required',
    numberTries: triesLeft(consent),
  };
}
