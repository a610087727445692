import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, subContext } from '#libs/event-store';
import { type PhoneCaller, PhoneKeys, type Principal } from '#libs/identity';
import type { Instant } from '#libs/kernel';
import { GrantsOfKeys } from '#libs/subject';
import { LedgerSecrets } from '#libs/vault';
import { numberTries } from '../answer-decisions.js';
import { foundIn } from '../book.js';
import { consentAbsent, GrantRefused } from '../consent.errors.js';
import { bookRules } from '../consent.stream.js';
import { readGrant } from '../grant.js';
import { openMatch } from '../number-match.js';
import { Books } from '../ports.js';
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
    private readonly books: Books,
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
    const { events } = await this.books.decide(
      context,
      principal.subject,
      { consent },
      async (book) => {
        // Read again instead of taken from the guard: a key that was revoked meanwhile grants
        // nothing.
        const enrolled = await this.enrolled(caller);
        const found = foundIn(book, consent);
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
    );
    const [event] = events;
    if (event?.type === 'NumberMismatched')
      throw event.data.ends ? notUsable('mismatched') : mismatched();
    // Revoked between that read and the record: the revocation found no grant to end.
    if ((await this.phones.subjectOf(caller.jkt))?.subject !== caller.subject) {
      await this.grants.end(subContext(context, 'revoked'), principal.subject, caller.jkt);
      throw notEnrolled();
    }
    if (event?.type !== 'ConsentGranted') throw consentAbsent();
    return { consent, state: 'granted', redeemBy: event.data.redeemBy };
  }

  /** @throws GrantRefused */
  private async enrolled({ jkt, subject }: PhoneCaller) {
    const enrolled = await this.phones.subjectOf(jkt);
    if (enrolled?.subject !== subject) throw notEnrolled();
    return enrolled;
  }
}

const mismatched = () =>
  new GrantRefused(
    'number_mismatched',
    'the number is not the one that the window shows',
    { remaining: numberTries - 1 },
    { hint: 'Compare with the window and type it again; refuse where you stand at no window.' },
  );

const notEnrolled = () =>
  new GrantRefused('grant_signature_refused', 'the phone is not enrolled for the holder');
