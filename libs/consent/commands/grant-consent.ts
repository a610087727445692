import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, EventStore, execute } from '#libs/event-store';
import { type PhoneCaller, PhoneKeys } from '#libs/identity';
import type { Instant } from '#libs/kernel';
import { bookOf, consentAbsent } from '../consent.decider.js';
import { consentIn } from '../book.js';
import { GrantRefused } from '../consent.errors.js';
import { bookAttempts, bookRules } from '../consent.stream.js';
import { readGrant } from '../grant.js';

export interface GrantedConsent {
  readonly consent: string;
  readonly state: 'granted';
  readonly redeemBy: Instant;
}

/** The holder's yes, signed by the phone that sends it. The signature is kept with the grant. */
export class GrantConsent extends Command<GrantedConsent> {
  constructor(
    readonly context: CommandContext,
    readonly caller: PhoneCaller,
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
  ) {}

  async execute({ context, caller, consent, jws }: GrantConsent): Promise<GrantedConsent> {
    // Asked again, and not taken from the guard: a key that was revoked meanwhile grants nothing.
    const enrolled = await this.phones.subjectOf(caller.jkt);
    if (enrolled?.subject !== caller.subject)
      throw new GrantRefused('grant_signature_refused', 'the phone is not enrolled for the holder');
    const { state } = await execute(
      this.store,
      bookOf(caller.subject),
      context,
      bookRules,
      (book) => {
        if (consentIn(book, consent) === null) throw consentAbsent();
        const signed = readGrant(jws, enrolled.jwk, caller.jkt, context.now);
        return bookRules.decide(
          {
            kind: 'grant',
            consent,
            signed,
            proof: { method: 'jws', jws, jkt: caller.jkt },
            now: context.now,
          },
          book,
        );
      },
      bookAttempts,
    );
    const granted = consentIn(state, consent);
    if (granted === null || !('grant' in granted)) throw consentAbsent();
    return { consent, state: 'granted', redeemBy: granted.grant.redeemBy };
  }
}
