import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { CaseReader, mustBeOpen } from '#libs/case';
import { type CertificateNow, CertificateReader } from '#libs/certificate';
import {
  bookRules,
  Books,
  checkReadableAgain,
  checkStillMeant,
  type ConsentRequested,
  foundIn,
  grantKeyOf,
  holderOfConsent,
  type MissingMaterial,
  type VersionRead,
} from '#libs/consent';
import { type CommandContext, EventStore } from '#libs/event-store';
import type { ClientCaller } from '#libs/identity';
import { shanghaiDay } from '#libs/kernel';
import { readSubject } from '#libs/subject';
import { Pairwise } from '#libs/vault';
import { faultOf } from '../candidates.js';
import { DisclosureAssembler } from '../disclosure-assembler.js';
import type { ToOpen } from '../handed-over.js';
import type { Released } from '../released.js';
import { releaseNothing } from '../nothing-released.js';
import { AlreadyAnswered, NothingToRelease } from '../release.errors.js';
import { mustStillOperate, readOperating } from '../operating-caller.js';
import { ReleaseReply } from '../release-reply.js';

/**
 * Reads again what a consent released to this terminal: the same versions, the same fields, while
 * the case is open.
 */
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
    private readonly books: Books,
    private readonly certificates: CertificateReader,
    private readonly pairwise: Pairwise,
    private readonly assembler: DisclosureAssembler,
    private readonly reply: ReleaseReply,
  ) {}

  async execute({ context, caller, atCase, consent: id }: ReadAgain): Promise<Released> {
    const { opened } = await this.cases.own(atCase, caller);
    const { subject, likely } = await holderOfConsent(this.books, opened, id);
    const day = shanghaiDay(context.now);
    const versions =
      'redemption' in likely && likely.redemption !== null ? likely.redemption.read : [];
    const [atCaseNow, { book }, holder, operating, certificates] = await Promise.all([
      this.cases.read(atCase),
      this.books.read(subject, { ofCase: opened }),
      readSubject(this.store, subject),
      readOperating(this.store, caller),
      this.certificatesOf(versions, day),
    ]);
    mustStillOperate(operating, caller);
    const found = mustBeOpen(atCaseNow, caller);
    const consent = foundIn(book, id);
    checkReadableAgain(consent, { by: caller, case: atCase, now: context.now });
    checkStillMeant(consent, { holder, brought: found.brought });
    const { request, redemption } = consent;
    const { place } = redemption;
    const { now, missing } = stillValid(
      redemption.read,
      versions === redemption.read ? certificates : await this.certificatesOf(redemption.read, day),
    );
    if (missing.length > 0)
      return releaseNothing(this.books, context, caller, {
        subject,
        opened,
        again: true,
        nothing: { consent: id, place, missing },
      });
    const toOpen = await Promise.all(
      redemption.read.map((read, n) => this.sameVersion(read, now[n], request)),
    );
    const assembled = await this.assembler.assemble(subject, toOpen, {
      request,
      opened,
      window: found.at.window,
      pairwise: this.pairwise.of(caller.department, subject),
      missing: redemption.missing,
      now: context.now,
    });

    const command = {
      kind: 'read-again',
      by: caller,
      case: atCase,
      reading: { consent: id, commitment: assembled.commitment, place },
      now: context.now,
    } as const;
    const { events, records } = await this.books.decide(
      context,
      subject,
      { ofCase: opened },
      (book) => bookRules.decide(command, book),
    );
    const [event] = events;
    const [record] = records;
    if (
      event?.type !== 'ReleaseReadAgain' ||
      record === undefined ||
      event.data.commitment !== assembled.commitment
    )
      throw new AlreadyAnswered(
        'reading_already_answered',
        'this reading was answered before',
        {},
        { hint: 'Read again under a new Idempotency-Key.' },
      );
    const { reading, used } = event.data;
    return this.reply.form(context, {
      record,
      assembled,
      readAgainUntil: redemption.readAgainUntil,
      rests: {
        caller,
        subject,
        grantKey: grantKeyOf(consent.grant.proof),
        case: found,
        certificates: now,
      },
      counted: { consent: id, reading, place, used },
    });
  }

  private certificatesOf(
    read: readonly VersionRead[],
    day: string,
  ): Promise<readonly (CertificateNow | null)[]> {
    return Promise.all(read.map(({ certificate }) => this.certificates.read(certificate, day)));
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

/**
 * A certificate that is no longer valid is not shown again, though it was when it was released.
 */
function stillValid(
  read: readonly VersionRead[],
  certificates: readonly (CertificateNow | null)[],
): {
  readonly now: readonly CertificateNow[];
  readonly missing: readonly MissingMaterial[];
} {
  const missing = read.flatMap(({ material }, n) => {
    const certificate = certificates[n];
    const reason = certificate == null ? 'holder_has_none' : faultOf(certificate.standing);
    return reason === null ? [] : [{ material, reason }];
  });
  return { now: certificates.filter((certificate) => certificate !== null), missing };
}
