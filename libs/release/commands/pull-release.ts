import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { bookFrom, CaseReader, type OwnCase } from '#libs/case';
import {
  asksOf,
  BookReader,
  checkRedeemable,
  checkStillMeant,
  checkTokenAgainst,
  type ConsentRequested,
  type ConsentToken,
  grantKeyOf,
  LedgerKeys,
  notUsable,
  readConsentToken,
  type Redemption,
  TokenRefused,
} from '#libs/consent';
import { type CommandContext, EventStore } from '#libs/event-store';
import type { ClientCaller } from '#libs/identity';
import { inSpan } from '#libs/tracing';
import { Pairwise } from '#libs/vault';
import { Candidates, type Chosen } from '../candidates.js';
import { DisclosureAssembler } from '../disclosure-assembler.js';
import type { Released } from '../released.js';
import { releaseNothing } from '../nothing-released.js';
import { onBook } from '../on-book.js';
import { ReleaseReply } from '../release-reply.js';

/** Redeems a consent: the only way to a first disclosure of certificate data. */
export class PullRelease extends Command<Released> {
  constructor(
    readonly context: CommandContext,
    readonly caller: ClientCaller,
    readonly token: string,
  ) {
    super();
  }
}

@CommandHandler(PullRelease)
export class PullReleaseHandler implements ICommandHandler<PullRelease> {
  constructor(
    private readonly store: EventStore,
    private readonly keys: LedgerKeys,
    private readonly cases: CaseReader,
    private readonly books: BookReader,
    private readonly pairwise: Pairwise,
    private readonly candidates: Candidates,
    private readonly assembler: DisclosureAssembler,
    private readonly reply: ReleaseReply,
  ) {}

  async execute({ context, caller, token }: PullRelease): Promise<Released> {
    const read = await readConsentToken(token, this.keys, caller, context.now);
    const found = await this.cases.ownOpen(read.case, caller);
    const subject = this.subjectOf(found, read, caller);
    const { request, grant } = await this.redeemable(found, subject, read, caller, context);

    const { chosen, missing } = await inSpan('choose certificates', {}, () =>
      this.candidates.choose(subject, request.asks, context.now),
    );
    const place = placeOf(found);
    if (chosen.length === 0)
      return releaseNothing(this.store, context, caller, {
        subject,
        opened: found.opened,
        again: false,
        nothing: { consent: request.consent, place, missing },
      });
    const assembled = await inSpan('open disclosures', {}, () =>
      this.assembler.assemble(subject, chosen.map(toOpen), {
        request,
        opened: found.opened,
        window: found.at.window,
        pairwise: read.subject,
        missing,
        now: context.now,
      }),
    );

    const redemption = {
      consent: request.consent,
      case: request.case,
      caseVersion: found.streamVersion,
      place,
      read: chosen.map(versionRead),
      missing,
      commitment: assembled.commitment,
    };
    const { record, readAgainUntil } = await inSpan('redeem consent', {}, () =>
      this.redeem(context, caller, subject, found, request, redemption),
    );
    return this.reply.form(context, {
      record,
      assembled,
      readAgainUntil,
      rests: {
        caller,
        subject,
        grantKey: grantKeyOf(grant.proof),
        case: found,
        certificates: chosen.map(({ certificate }) => certificate),
      },
      counted: {
        consent: request.consent,
        reading: 0,
        place,
        used: redemption.read.map(({ material, certificate, type }) => ({
          material,
          certificate,
          type,
        })),
      },
    });
  }

  /** Tokens name holders by their pairwise ids; the case resolves them. */
  private subjectOf({ opened }: OwnCase, token: ConsentToken, caller: ClientCaller): string {
    const participant = opened.participants.find(
      ({ subject }) => this.pairwise.of(caller.department, subject) === token.subject,
    );
    if (participant === undefined)
      throw new TokenRefused(
        'token_for_another_release',
        'the token is not for a participant of the case',
      );
    return participant.subject;
  }

  /**
   * Decided before anything is read or opened, and again by the same rules where the record is
   * appended.
   */
  private async redeemable(
    found: OwnCase,
    subject: string,
    token: ConsentToken,
    caller: ClientCaller,
    context: CommandContext,
  ) {
    const { book } = await this.books.read(subject, bookFrom(found.opened, subject));
    const consent = checkTokenAgainst(token, book);
    checkRedeemable(consent, { by: caller, case: token.case, now: context.now });
    await checkStillMeant(this.store, consent, { subject, brought: found.brought });
    const { request, grant } = consent;
    if (
      !found.opened.participants.some(
        (each) => each.subject === subject && each.role === request.role,
      )
    )
      throw new TokenRefused('token_for_another_release', 'the holder is in another role here');
    return { request, grant };
  }

  private async redeem(
    context: CommandContext,
    caller: ClientCaller,
    subject: string,
    { opened }: OwnCase,
    request: ConsentRequested['data'],
    redemption: Redemption,
  ) {
    const materials = request.asks.map(({ material }) => material);
    const { events, records } = await onBook(
      this.store,
      context,
      { subject, opened },
      {
        kind: 'redeem',
        by: caller,
        allowed: asksOf(opened, request.role, materials),
        redemption,
        now: context.now,
      },
    );
    const [event] = events;
    const [record] = records;
    // The record belongs to another attempt (a retry under the same Idempotency-Key), which has
    // responded: responses are not kept, and data are released once. The commitment's salt is this
    // attempt's alone, so that it tells whose record it is.
    if (
      event?.type !== 'ConsentRedeemed' ||
      record === undefined ||
      event.data.commitment !== redemption.commitment
    )
      throw notUsable('redeemed');
    return { record, readAgainUntil: event.data.readAgainUntil };
  }
}

const toOpen = ({ material, certificate, fields, absentFields }: Chosen) => ({
  material,
  certificate: certificate.certificate,
  type: certificate.type,
  authority: certificate.authority,
  version: certificate.version,
  fields,
  absentFields,
});

const versionRead = ({ material, certificate, fields }: Chosen) => ({
  material,
  certificate: certificate.certificate,
  type: certificate.type,
  number: certificate.version.number,
  streamVersion: certificate.streamVersion,
  head: certificate.head,
  fields,
});

const placeOf = ({ opened: { matter, department }, at: { window, town } }: OwnCase) => ({
  matter,
  window,
  department,
  town,
});
