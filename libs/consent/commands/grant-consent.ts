import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, EventStore, subContext } from '#libs/event-store';
import type { PhoneCaller, Principal } from '#libs/identity';
import type { Instant } from '#libs/kernel';
import { Settings } from '#libs/platform';
import {
  grantsFor,
  GrantsOfKeys,
  passkeysOf,
  readSubject,
  speaksFor,
  type SubjectState,
} from '#libs/subject';
import { LedgerSecrets } from '#libs/vault';
import { numberTries } from '../answer-decisions.js';
import { foundIn } from '../book.js';
import type { ConsentCommand } from '../consent.commands.js';
import { consentAbsent, GrantRefused } from '../consent.errors.js';
import type { ConsentRequested } from '../consent.events.js';
import { bookRules } from '../consent.stream.js';
import { readGrant } from '../grant.js';
import { openMatch } from '../number-match.js';
import { type PasskeyAnswer, readPasskeyGrant } from '../passkey-grant.js';
import { Books } from '../ports.js';
import { grantKeyOf } from '../proof.js';
import { notUsable } from '../usable.js';

export interface GrantedConsent {
  readonly consent: string;
  readonly state: 'granted';
  readonly redeemBy: Instant;
}

/** A JWS of the phone's own key, or what a passkey of that phone answered. */
export type GrantAnswer = { readonly jws: string } | { readonly passkey: PasskeyAnswer };

/** The holder's grant, sent by an enrolled phone. The signature is kept with the grant. */
export class GrantConsent extends Command<GrantedConsent> {
  constructor(
    readonly context: CommandContext,
    readonly caller: PhoneCaller,
    readonly principal: Principal,
    readonly consent: string,
    readonly answer: GrantAnswer,
  ) {
    super();
  }
}

@CommandHandler(GrantConsent)
export class GrantConsentHandler implements ICommandHandler<GrantConsent> {
  constructor(
    private readonly store: EventStore,
    private readonly books: Books,
    private readonly grants: GrantsOfKeys,
    private readonly secrets: LedgerSecrets,
    private readonly settings: Settings,
  ) {}

  async execute({
    context,
    caller,
    principal,
    consent,
    answer,
  }: GrantConsent): Promise<GrantedConsent> {
    const { events } = await this.books.decide(
      context,
      principal.subject,
      { consent },
      async (book) => {
        // Read again instead of taken from the guard: a key that was revoked meanwhile grants
        // nothing.
        const holder = await readSubject(this.store, caller.subject);
        const found = foundIn(book, consent);
        return bookRules.decide(
          {
            kind: 'grant',
            by: { caller: caller.subject, principal },
            consent,
            ...this.read(answer, caller, holder, found.request, context.now),
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
    if (event?.type !== 'ConsentGranted') throw consentAbsent();
    // Revoked between that read and the record: the revocation found no grant to end.
    const key = grantKeyOf(event.data.proof);
    const holder = await readSubject(this.store, caller.subject);
    if (key !== null && !grantsFor(holder, key)) {
      await this.grants.end(subContext(context, 'revoked'), principal.subject, [key]);
      throw notEnrolled();
    }
    return { consent, state: 'granted', redeemBy: event.data.redeemBy };
  }

  /** What was signed, and its proof. @throws GrantRefused */
  private read(
    answer: GrantAnswer,
    { jkt: phone }: PhoneCaller,
    holder: SubjectState,
    request: ConsentRequested['data'],
    now: Instant,
  ): Pick<Extract<ConsentCommand, { kind: 'grant' }>, 'signed' | 'proof'> {
    if (holder.status === 'absent' || !speaksFor(holder, phone)) throw notEnrolled();
    if ('jws' in answer) {
      const jwk = holder.keys.get(phone)?.jwk ?? {};
      const signed = readGrant(answer.jws, jwk, phone, now);
      return { signed, proof: { method: 'jws', jws: answer.jws, jkt: phone } };
    }
    const { credentialId, authenticatorData, clientDataJSON, signature } = answer.passkey;
    const passkey = passkeysOf(holder, phone).find(({ credential }) => credential === credentialId);
    if (passkey === undefined)
      throw new GrantRefused(
        'grant_passkey_unknown',
        'the phone that sends it has no such passkey',
        {},
        { hint: "Grant by the phone's own key, or add the passkey anew." },
      );
    const { jkt } = passkey;
    return {
      signed: readPasskeyGrant(answer.passkey, passkey, request, this.settings.publicUrl),
      proof: {
        method: 'webauthn',
        credentialId,
        authenticatorData,
        clientDataJSON,
        signature,
        jkt,
      },
    };
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
