import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { CaseReader } from '#libs/case';
import type { ClientCaller, Principal } from '#libs/identity';
import { Clock, type Instant } from '#libs/kernel';
import { LedgerSecrets } from '#libs/vault';
import {
  type Consent,
  consentIn,
  consentsIn,
  type ConsentStatus,
  consentStatusOf,
  type StatusAtWindow,
  statusAtWindow,
} from '../book.js';
import { triesLeft } from '../answer-decisions.js';
import { consentAbsent } from '../consent.errors.js';
import type { Action, Ask, EndReason, Notice } from '../consent.events.js';
import { consentOfCase } from '../consent.stream.js';
import { openMatch } from '../number-match.js';
import { BookReader } from '../ports.js';

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
    private readonly books: BookReader,
    private readonly clock: Clock,
    private readonly secrets: LedgerSecrets,
  ) {}

  async execute({ caller, atCase, consent: id }: ConsentState): Promise<WindowConsent> {
    const found = await this.cases.own(atCase, caller);
    const { consent } = await consentOfCase(this.books, found, id);
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
 * The holder's consents, at most 100 a page: the newest of each window, newest first, then the
 * second newest of each, and so on. However often one window asks, it cannot hide another's
 * request; the complete list is that of accesses.
 */
export class HolderConsents extends Query<HolderConsentsPage> {
  /**
   * @param after `next` of the page before: how many records the book had then, a dot, and how many
   *   consents were shown
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
    private readonly books: BookReader,
    private readonly clock: Clock,
  ) {}

  async execute({ principal, after }: HolderConsents): Promise<HolderConsentsPage> {
    const { book, records } = await this.books.read(principal.subject);
    const [length = records.length, skip = 0] = after?.split('.').map(Number) ?? [];
    const then = new Set(
      records
        .slice(0, length)
        .flatMap(({ body }) => (body.type === 'ConsentRequested' ? [body.data['consent']] : [])),
    );
    const all = byAsker(
      [...consentsIn(book).values()].filter(({ request }) => then.has(request.consent)),
    );
    const now = this.clock.now();
    const end = skip + longest;
    return {
      consents: all.slice(skip, end).map((consent) => shown(consent, now)),
      next: end < all.length ? `${length}.${end}` : null,
    };
  }
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
    private readonly books: BookReader,
    private readonly clock: Clock,
  ) {}

  async execute({ principal, consent: id }: FindHolderConsent): Promise<HolderConsent> {
    const { book } = await this.books.read(principal.subject);
    const consent = consentIn(book, id);
    if (consent === null) throw consentAbsent();
    return shown(consent, this.clock.now());
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
