import { Injectable } from '@nestjs/common';
import { type CaseNow, CaseReader } from '#libs/case';
import { CertificateReader } from '#libs/certificate';
import {
  bookRules,
  Books,
  type Consent,
  foundIn,
  type ReleaseWithheld,
  type WithheldReason,
} from '#libs/consent';
import { type CommandContext, EventStore, subContext } from '#libs/event-store';
import type { ClientCaller } from '#libs/identity';
import { grantsFor, isBeingErased, readSubject } from '#libs/subject';
import { movedCaller, readOperating } from './operating-caller.js';
import { ReleaseHeldBack } from './release.errors.js';

/** All that a release, or a second reading, was decided on, as of its record. */
export interface RestsOn {
  readonly caller: Pick<ClientCaller, 'client' | 'jkt' | 'operator'>;
  readonly subject: string;
  /** Thumbprint of the holder's key that granted; null where no key did. */
  readonly grantKey: string | null;
  readonly case: Pick<CaseNow, 'head' | 'opened'>;
  readonly certificates: readonly { readonly certificate: string; readonly head: string }[];
}

/**
 * The last check before data are released: what the release was decided on must still hold after
 * its record is in the ledger, and the witnesses have seen it. The ends of all streams are asked
 * for afresh, so that whatever was acknowledged before this check wins.
 */
@Injectable()
export class ReleasePreconditions {
  constructor(
    private readonly store: EventStore,
    private readonly cases: CaseReader,
    private readonly books: Books,
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
    await this.books.decide(
      subContext(context, 'withheld'),
      rests.subject,
      { ofCase: rests.case.opened },
      (book) => bookRules.decide({ kind: 'withhold', withheld: { ...withheld, reason } }, book),
    );
    throw new ReleaseHeldBack(
      'release_withheld',
      'the release was withheld: what it rested on changed at that moment',
      { reason },
      { hint: 'Look at the case again; the holder can be asked again.' },
    );
  }

  /** All in one question: whatever was acknowledged before it is in the answer. */
  async #moved(rests: RestsOn, consent: string): Promise<WithheldReason | null> {
    const { subject, caller } = rests;
    const { opened } = rests.case;
    // The holder's own stream proves an erasure, not the vault, whose key may exist again after a
    // restore.
    const [holder, operating, { book }, atCase, certificates] = await Promise.all([
      readSubject(this.store, subject),
      readOperating(this.store, caller),
      this.books.read(subject, { ofCase: opened }),
      this.cases.read(opened.case),
      this.certificates.headsOf(rests.certificates.map(({ certificate }) => certificate)),
    ]);
    if (isBeingErased(holder)) return 'subject_erased';
    const ended = endOf(foundIn(book, consent));
    if (ended !== null) return ended;
    if (rests.grantKey !== null && !grantsFor(holder, rests.grantKey)) return 'phone_key_revoked';
    const moved = movedCaller(operating, caller);
    if (moved !== null) return moved;
    if (atCase?.head !== rests.case.head) return 'case_moved';
    return rests.certificates.every(({ head }, n) => certificates[n] === head)
      ? null
      : 'certificate_moved';
  }
}

/** Why a consent that was redeemed has ended since. */
function endOf(consent: Consent): WithheldReason | null {
  if (consent.status === 'withdrawn') return 'consent_withdrawn';
  if (consent.status !== 'ended') return null;
  switch (consent.reason) {
    case 'nothing_to_release':
      return null;
    // No redeemed request can be withdrawn by its window; if one were, nothing would leave.
    case 'request_withdrawn':
      return 'consent_withdrawn';
    default:
      return consent.reason;
  }
}
