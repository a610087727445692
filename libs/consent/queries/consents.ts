import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { CaseReader } from '#libs/case';
import type { ClientCaller, PhoneCaller } from '#libs/identity';
import { Clock, type Instant } from '#libs/kernel';
import { type Consent, consentIn, consentsIn, type Standing, standingOf } from '../book.js';
import { consentAbsent } from '../consent.decider.js';
import type { Ask, Notice } from '../consent.events.js';
import { consentOfCase } from '../consent.stream.js';
import { BookReader } from '../ports.js';

/** A consent as the window that asked sees it. */
export interface WindowConsent {
  readonly consent: string;
  readonly role: string;
  readonly materials: readonly string[];
  readonly state: Standing;
  readonly answerBy: Instant;
  readonly redeemBy: Instant | null;
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
  ) {}

  async execute({ caller, atCase, consent: id }: ConsentState): Promise<WindowConsent> {
    const found = await this.cases.own(atCase, caller);
    const { consent } = await consentOfCase(this.books, found, id);
    const { request } = consent;
    return {
      consent: id,
      role: request.role,
      materials: request.asks.map(({ material }) => material),
      state: standingOf(consent, this.clock.now()),
      answerBy: request.answerBy,
      redeemBy: 'grant' in consent ? consent.grant.redeemBy : null,
    };
  }
}

/** A consent as its holder sees it: who asks, for what, which data, and the text that is signed. */
export interface HolderConsent {
  readonly consent: string;
  readonly case: string;
  readonly state: Standing;
  readonly department: string;
  readonly window: string;
  readonly matter: string;
  readonly purpose: string;
  readonly asks: readonly Ask[];
  readonly answerBy: Instant;
  readonly redeemBy: Instant | null;
  readonly notice: Notice;
}

const longest = 100;

/** The holder's consents, the newest first; at most 100. The complete list is that of accesses. */
export class HolderConsents extends Query<readonly HolderConsent[]> {
  constructor(readonly caller: PhoneCaller) {
    super();
  }
}

@QueryHandler(HolderConsents)
export class HolderConsentsHandler implements IQueryHandler<HolderConsents> {
  constructor(
    private readonly books: BookReader,
    private readonly clock: Clock,
  ) {}

  async execute({ caller }: HolderConsents): Promise<readonly HolderConsent[]> {
    const { book } = await this.books.read(caller.subject);
    const now = this.clock.now();
    return [...consentsIn(book).values()]
      .slice(-longest)
      .reverse()
      .map((consent) => shown(consent, now));
  }
}

export class FindHolderConsent extends Query<HolderConsent> {
  constructor(
    readonly caller: PhoneCaller,
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

  async execute({ caller, consent: id }: FindHolderConsent): Promise<HolderConsent> {
    const { book } = await this.books.read(caller.subject);
    const consent = consentIn(book, id);
    if (consent === null) throw consentAbsent();
    return shown(consent, this.clock.now());
  }
}

function shown(consent: Consent, now: Instant): HolderConsent {
  const { request } = consent;
  return {
    consent: request.consent,
    case: request.case,
    state: standingOf(consent, now),
    department: request.department,
    window: request.window,
    matter: request.matter,
    purpose: request.purpose,
    asks: request.asks,
    answerBy: request.answerBy,
    redeemBy: 'grant' in consent ? consent.grant.redeemBy : null,
    notice: request.notice,
  };
}
