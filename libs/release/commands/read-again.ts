import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { CaseReader } from '#libs/case';
import { type CertificateNow, CertificateReader } from '#libs/certificate';
import {
  BookReader,
  bookAttempts,
  bookOf,
  bookRules,
  checkReadableAgain,
  consentOfCase,
  type ConsentRequested,
  type VersionRead,
} from '#libs/consent';
import { type CommandContext, EventStore, execute } from '#libs/event-store';
import type { ClientCaller } from '#libs/identity';
import { shanghaiDay } from '#libs/kernel';
import { Pairwise } from '#libs/privacy';
import { ReceiptOffice } from '#libs/sealing';
import { faultOf } from '../candidates.js';
import { HandingOver, type ToOpen } from '../handing-over.js';
import { type Released, storedBytes } from '../released.js';
import { AlreadyAnswered, NothingToRelease } from '../release.errors.js';
import { Unmoved } from '../unmoved.js';

/** Reads again what a consent released to this terminal: the same versions, the same fields, while the case is open. */
export class ReadAgain extends Command<Released> {
  constructor(
    readonly context: CommandContext,
    readonly caller: ClientCaller,
    readonly atCase: string,
    readonly consent: string,
  ) {
    super();
  }
}

@CommandHandler(ReadAgain)
export class ReadAgainHandler implements ICommandHandler<ReadAgain> {
  constructor(
    private readonly store: EventStore,
    private readonly cases: CaseReader,
    private readonly books: BookReader,
    private readonly certificates: CertificateReader,
    private readonly pairwise: Pairwise,
    private readonly handingOver: HandingOver,
    private readonly receipts: ReceiptOffice,
    private readonly unmoved: Unmoved,
  ) {}

  async execute({ context, caller, atCase, consent: id }: ReadAgain): Promise<Released> {
    const found = await this.cases.ownOpen(atCase, caller);
    const { consent, subject } = await consentOfCase(this.books, found, id);
    checkReadableAgain(consent, { by: caller, case: atCase, now: context.now });
    const { request, redemption } = consent;
    const now = await this.standing(redemption.read, shanghaiDay(context.now));
    const toOpen = await Promise.all(
      redemption.read.map((read, n) => this.sameVersion(read, now[n], request)),
    );
    const { what, salt, commitment } = await this.handingOver.form(subject, toOpen, {
      request,
      opened: found.opened,
      pairwise: this.pairwise.of(caller.department, subject),
      missing: redemption.missing,
      now: context.now,
    });

    const { place } = redemption;
    const outcome = await execute(
      this.store,
      bookOf(subject),
      context,
      bookRules,
      (book) =>
        bookRules.decide(
          {
            kind: 'read-again',
            by: caller,
            case: atCase,
            reading: { consent: id, commitment, place },
            now: context.now,
          },
          book,
        ),
      bookAttempts,
    );
    const [event] = outcome.events;
    const [record] = outcome.records;
    if (
      event?.type !== 'ReleaseReadAgain' ||
      record === undefined ||
      event.data.commitment !== commitment
    )
      throw new AlreadyAnswered(
        'reading_already_answered',
        'this reading was answered before',
        {},
        { hint: 'Read again under a new Idempotency-Key.' },
      );
    const stream = bookOf(subject);
    const named = { stream, version: record.version, hash: record.hash };
    const [receipt, bytes] = await Promise.all([
      this.receipts.attend(named),
      storedBytes(this.store, named),
    ]);
    const { reading, used } = event.data;
    await this.unmoved.orWithhold(
      context,
      subject,
      { case: found, certificates: now },
      {
        consent: id,
        reading,
        place,
        used,
        counted: context.now,
      },
    );
    return {
      handedOver: what,
      reading,
      readAgainUntil: redemption.readAgainUntil,
      record: { ...named, bytes, commitment, salt },
      receipt,
    };
  }

  /** A certificate that no longer stands is not shown again, though it did when it was released. @throws NothingToRelease */
  private async standing(
    read: readonly VersionRead[],
    day: string,
  ): Promise<readonly CertificateNow[]> {
    const now = await Promise.all(
      read.map(({ certificate }) => this.certificates.read(certificate, day)),
    );
    const missing = read.flatMap(({ material }, n) => {
      const certificate = now[n];
      const reason = certificate == null ? 'holder_has_none' : faultOf(certificate.standing);
      return reason === null ? [] : [{ material, reason }];
    });
    if (missing.length > 0) throw NothingToRelease.for(missing);
    return now.filter((certificate) => certificate !== null);
  }

  private async sameVersion(
    read: VersionRead,
    now: CertificateNow | undefined,
    request: ConsentRequested['data'],
  ): Promise<ToOpen> {
    const version = await this.certificates.versionOf(read.certificate, read.number);
    if (version === null || now === undefined)
      throw NothingToRelease.for([{ material: read.material, reason: 'holder_has_none' }]);
    const asked = request.asks
      .find(({ material }) => material === read.material)
      ?.answers.find(({ type }) => type === read.type);
    return {
      material: read.material,
      certificate: read.certificate,
      type: read.type,
      authority: now.authority,
      version,
      fields: read.fields,
      absentFields: asked?.fields.filter((field) => !read.fields.includes(field)) ?? [],
    };
  }
}
