import { Injectable } from '@nestjs/common';
import { type CaseNow, CaseReader } from '#libs/case';
import { CertificateReader } from '#libs/certificate';
import {
  bookAttempts,
  bookOf,
  bookRules,
  type ReleaseWithheld,
  type WithheldReason,
} from '#libs/consent';
import {
  type CommandContext,
  EventStore,
  execute,
  load,
  subContext,
  upcasting,
} from '#libs/event-store';
import {
  isBeingErased,
  type PrivacyEvent,
  privacySchemas,
  subjectDecider,
  subjectStream,
} from '#libs/privacy';
import { ReleaseHeldBack } from './release.errors.js';

/** Heads as they were read before the record was written. */
export interface HeadsRead {
  readonly case: Pick<CaseNow, 'head' | 'opened'>;
  readonly certificates: readonly { readonly certificate: string; readonly head: string }[];
}

const subjectRules = { ...subjectDecider, codec: upcasting<PrivacyEvent>(privacySchemas) };

/** The last look before data leave: what the release was decided on must still be so after its record is in the ledger. */
@Injectable()
export class Unmoved {
  constructor(
    private readonly store: EventStore,
    private readonly cases: CaseReader,
    private readonly certificates: CertificateReader,
  ) {}

  /** @throws ReleaseHeldBack after `ReleaseWithheld` was appended */
  async orWithhold(
    context: CommandContext,
    subject: string,
    heads: HeadsRead,
    withheld: Omit<ReleaseWithheld['data'], 'reason'>,
  ): Promise<void> {
    const reason = await this.#moved(subject, heads);
    if (reason === null) return;
    await execute(
      this.store,
      bookOf(subject),
      subContext(context, 'withheld'),
      bookRules,
      (book) => bookRules.decide({ kind: 'withhold', withheld: { ...withheld, reason } }, book),
      bookAttempts,
    );
    throw new ReleaseHeldBack(
      reason,
      'the release was withheld: what it rested on changed at that moment',
      {},
      { hint: 'Look at the case again; the holder can be asked again.' },
    );
  }

  async #moved(subject: string, heads: HeadsRead): Promise<WithheldReason | null> {
    // The holder's own stream tells of an erasure, not the vault: there an older key may stand again after a restore.
    const [holder, atCase, ...certificates] = await Promise.all([
      load(this.store, subjectStream(subject), subjectRules),
      this.cases.read(heads.case.opened.case),
      ...heads.certificates.map(({ certificate }) => this.certificates.headOf(certificate)),
    ]);
    if (isBeingErased(holder.state)) return 'subject_erased';
    if (atCase?.head !== heads.case.head) return 'case_moved';
    return heads.certificates.every(({ head }, n) => certificates[n]?.head === head)
      ? null
      : 'certificate_moved';
  }
}
