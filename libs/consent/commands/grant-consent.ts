import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, EventStore, execute, subContext } from '#libs/event-store';
import { type PhoneCaller, PhoneKeys, type Principal } from '#libs/identity';
import type { Instant } from '#libs/kernel';
import { bookOf, GrantsOfKeys } from '#libs/subject';
import { LedgerSecrets } from '#libs/vault';
import { triesLeft } from '../answer-decisions.js';
import { consentIn } from '../book.js';
import { consentAbsent, GrantRefused } from '../consent.errors.js';
import { bookAttempts, bookRules } from '../consent.stream.js';
import { readGrant } from '../grant.js';
import { openMatch } from '../number-match.js';
import { notUsable } from '../usable.js';

export interface GrantedConsent {
  readonly consent: string;
  readonly state: 'granted';
  readonly redeemBy: Instant;
}

/** The holder's grant, signed by the phone that sends it. The signature is kept with the grant. */
export class GrantConsent extends Command<GrantedConsent> {
  constructor(
    readonly context: CommandContext,
    readonly caller: PhoneCaller,
    readonly principal: Principal,
    readonly consent: string,
    readonly jws: string,
  ) {
    super();
  }
}

@CommandHandler(GrantConsent)
export class GrantConsentHandler implements ICommandHandler<GrantConsent> {
  constructor(
    private readonly store: EventStore,
    private readonly phones: PhoneKeys,
    private readonly grants: GrantsOfKeys,
    private readonly secrets: LedgerSecrets,
  ) {}

  async execute({
    context,
    caller,
    principal,
    consent,
    jws,
  }: GrantConsent): Promise<GrantedConsent> {
    const { state, events } = await execute(
      this.store,
      bookOf(principal.subject),
      context,
      bookRules,
      async (book) => {
        // Read again instead of taken from the guard: a key that was revoked meanwhile grants
        // nothing.
        const enrolled = await this.enrolled(caller);
        const found = consentIn(book, consent);
        if (found === null) throw consentAbsent();
        const signed = readGrant(jws, enrolled.jwk, caller.jkt, context.now);
        return bookRules.decide(
          {
            kind: 'grant',
            by: { caller: caller.subject, principal },
            consent,
            signed,
            proof: { method: 'jws', jws, jkt: caller.jkt },
            match: openMatch(this.secrets, found.request),
            now: context.now,
          },
          book,
        );
      },
      bookAttempts,
    );
    const granted = consentIn(state, consent);
    if (granted === null) throw consentAbsent();
    // A retry of a wrong number returns the state that it led to, and counts once.
    if (events[0]?.type === 'NumberMismatched')
      throw events[0].data.ends ? notUsable('mismatched') : mismatched(triesLeft(granted));
    // Revoked between that read and the record: the revocation found no grant to end.
    if ((await this.phones.subjectOf(caller.jkt))?.subject !== caller.subject) {
      await this.grants.end(subContext(context, 'revoked'), principal.subject, caller.jkt);
      throw notEnrolled();
    }
    if (!('grant' in granted) || granted.grant === null) throw consentAbsent();
    return { consent, state: 'granted', redeemBy: granted.grant.redeemBy };
  }

  /** @throws GrantRefused */
  private async enrolled({ jkt, subject }: PhoneCaller) {
    const enrolled = await this.phones.subjectOf(jkt);
    if (enrolled?.subject !== subject) throw notEnrolled();
    return enrolled;
  }
}

const mismatched = (remaining: number) =>
  new GrantRefused(
    'number_mismatched',
    'the number is not the one that the window shows',
    { remaining },
    { hint: 'Compare with the window and type it again; refuse where you stand at no window.' },
  );

const notEnrolled = () =>
  new GrantRefused('grant_signature_refused', 'the phone is not enrolled for the holder');
