import { Injectable } from '@nestjs/common';
import { bookFrom, type CaseNow, CaseReader } from '#libs/case';
import { CertificateReader } from '#libs/certificate';
import { bookAttempts, bookRules, type ReleaseWithheld, type WithheldReason } from '#libs/consent';
import {
  type CommandContext,
  EventStore,
  execute,
  load,
  subContext,
  upcasting,
} from '#libs/event-store';
import {
  type ClientCaller,
  type ClientState,
  clientStream,
  identityDecider,
  type IdentityEvent,
  identitySchemas,
  readOperator,
  scopesOfRoles,
} from '#libs/identity';
import { bookOf, grantsFor, isBeingErased, readSubject } from '#libs/subject';
import { ReleaseHeldBack } from './release.errors.js';

/** All that a release, or a second reading, was decided on, as of its record. */
export interface RestsOn {
  readonly caller: Pick<ClientCaller, 'client' | 'jkt' | 'operator'>;
  readonly subject: string;
  /** Thumbprint of the holder's key that granted; null where no key did. */
  readonly grantKey: string | null;
  /** The record's version in the holder's book: what ends the consent comes after it. */
  readonly version: number;
  readonly case: Pick<CaseNow, 'head' | 'opened'>;
  readonly certificates: readonly { readonly certificate: string; readonly head: string }[];
}

const clientRules = { ...identityDecider, codec: upcasting<IdentityEvent>(identitySchemas) };

/**
 * The last check before data are released: what the release was decided on must still hold after
 * its record is in the ledger, and the witnesses have seen it. Every stream is read afresh, without
 * a cache, so that whatever was acknowledged before this check wins.
 */
@Injectable()
export class ReleasePreconditions {
  constructor(
    private readonly store: EventStore,
    private readonly cases: CaseReader,
    private readonly certificates: CertificateReader,
  ) {}

  /** @throws ReleaseHeldBack after `ReleaseWithheld` was appended */
  async recheckOrWithhold(
    context: CommandContext,
    rests: RestsOn,
    withheld: Omit<ReleaseWithheld['data'], 'reason'>,
  ): Promise<void> {
    const reason = await this.#moved(rests, withheld.consent);
    if (reason === null) return;
    await execute(
      this.store,
      bookOf(rests.subject),
      subContext(context, 'withheld'),
      bookRules,
      (book) => bookRules.decide({ kind: 'withhold', withheld: { ...withheld, reason } }, book),
      bookAttempts,
      bookFrom(rests.case.opened, rests.subject),
    );
    throw new ReleaseHeldBack(
      'release_withheld',
      'the release was withheld: what it rested on changed at that moment',
      { reason },
      { hint: 'Look at the case again; the holder can be asked again.' },
    );
  }

  async #moved(rests: RestsOn, consent: string): Promise<WithheldReason | null> {
    // The holder's own stream proves an erasure, not the vault, whose key may exist again after a
    // restore.
    const [holder, client, mayPull, ended, atCase, ...certificates] = await Promise.all([
      readSubject(this.store, rests.subject),
      load(this.store, clientStream(rests.caller.client), clientRules),
      this.#operatorMayPull(rests.caller),
      this.#ended(rests, consent),
      this.cases.read(rests.case.opened.case),
      ...rests.certificates.map(({ certificate }) => this.certificates.headOf(certificate)),
    ]);
    if (isBeingErased(holder)) return 'subject_erased';
    if (ended !== null) return ended;
    if (rests.grantKey !== null && !grantsFor(holder, rests.grantKey)) return 'phone_key_revoked';
    const caller = movedCaller(client.state, rests.caller);
    if (caller !== null) return caller;
    // An operator who is out leaves a terminal that may do nothing.
    if (!mayPull) return 'caller_disabled';
    if (atCase?.head !== rests.case.head) return 'case_moved';
    return rests.certificates.every(({ head }, n) => certificates[n]?.head === head)
      ? null
      : 'certificate_moved';
  }

  async #operatorMayPull({ operator }: RestsOn['caller']): Promise<boolean> {
    if (operator === undefined) return true;
    const state = await readOperator(this.store, operator.operator);
    return (
      state.status === 'enabled' &&
      state.passkey !== null &&
      scopesOfRoles(state.roles).has('releases:pull')
    );
  }

  /** What the book holds about the consent after the record. */
  async #ended({ subject, version }: RestsOn, consent: string): Promise<WithheldReason | null> {
    for (const { body } of await this.store.readStream(bookOf(subject), version + 1)) {
      const event = bookRules.codec.upcast(body.type, body.schema, body.data);
      if (event.data.consent !== consent) continue;
      if (event.type === 'ConsentWithdrawn') return 'consent_withdrawn';
      if (event.type === 'ConsentEnded') return event.data.reason;
    }
    return null;
  }
}

function movedCaller(
  client: ClientState,
  { jkt }: RestsOn['caller'],
): 'caller_disabled' | 'caller_key_replaced' | null {
  if (client.status !== 'enabled') return 'caller_disabled';
  return client.keys.some(({ kid }) => kid === jkt) ? null : 'caller_key_replaced';
}
