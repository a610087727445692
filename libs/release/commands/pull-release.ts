import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CaseNow, CaseReader } from '#libs/case';
import {
  asksOf,
  BookReader,
  bookAttempts,
  bookOf,
  bookRules,
  checkRedeemable,
  checkTokenAgainst,
  type ConsentRedeemed,
  type ConsentRequested,
  type ConsentToken,
  LedgerKeys,
  notUsable,
  readConsentToken,
  TokenRefused,
} from '#libs/consent';
import { type CommandContext, EventStore, execute } from '#libs/event-store';
import type { ClientCaller } from '#libs/identity';
import { Pairwise } from '#libs/privacy';
import { ReceiptOffice } from '#libs/sealing';
import { inSpan } from '#libs/tracing';
import { Candidates, type Chosen } from '../candidates.js';
import { HandingOver } from '../handing-over.js';
import { type Released, storedBytes } from '../released.js';
import { NothingToRelease } from '../release.errors.js';
import { Unmoved } from '../unmoved.js';

/** Redeems a consent: the one way in which certificate data leave for the first time. */
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
    private readonly handingOver: HandingOver,
    private readonly receipts: ReceiptOffice,
    private readonly unmoved: Unmoved,
  ) {}

  async execute({ context, caller, token }: PullRelease): Promise<Released> {
    const read = await readConsentToken(token, this.keys, caller, context.now);
    const found = await this.cases.ownOpen(read.case, caller);
    const subject = this.subjectOf(found, read, caller);
    const request = await this.redeemable(found, subject, read, caller, context);

    const { chosen, missing } = await inSpan('choose certificates', {}, () =>
      this.candidates.choose(subject, request.asks, context.now),
    );
    if (chosen.length === 0) throw NothingToRelease.for(missing);
    const { what, salt, commitment } = await inSpan('open disclosures', {}, () =>
      this.handingOver.form(subject, chosen.map(toOpen), {
        request,
        opened: found.opened,
        pairwise: read.subject,
        missing,
        now: context.now,
      }),
    );

    const redemption = {
      consent: request.consent,
      case: request.case,
      caseVersion: found.streamVersion,
      place: placeOf(found),
      read: chosen.map(versionRead),
      missing,
      commitment,
    };
    const record = await inSpan('redeem consent', {}, () =>
      this.redeem(context, caller, subject, found, request, redemption),
    );
    // Under a policy that needs witnesses nothing leaves before they have seen the record. The last look comes after the wait.
    const [receipt, bytes] = await inSpan('wait for receipt', {}, () =>
      Promise.all([this.receipts.attend(record), storedBytes(this.store, record)]),
    );
    await inSpan('look again', {}, () =>
      this.unmoved.orWithhold(
        context,
        subject,
        {
          case: found,
          certificates: chosen.map(({ certificate }) => certificate),
        },
        {
          consent: request.consent,
          reading: 0,
          place: redemption.place,
          used: redemption.read.map(({ material, certificate, type }) => ({
            material,
            certificate,
            type,
          })),
          counted: context.now,
        },
      ),
    );
    return {
      handedOver: what,
      reading: 0,
      readAgainUntil: record.readAgainUntil,
      record: {
        stream: record.stream,
        version: record.version,
        hash: record.hash,
        bytes,
        commitment,
        salt,
      },
      receipt,
    };
  }

  /** Tokens name holders as the department knows them; the case says who that is. */
  private subjectOf({ opened }: CaseNow, token: ConsentToken, caller: ClientCaller): string {
    const participant = opened.participants.find(
      ({ subject }) => this.pairwise.of(caller.department, subject) === token.subject,
    );
    if (participant === undefined)
      throw new TokenRefused('token_for_another_release', 'the token is for nobody in the case');
    return participant.subject;
  }

  /** Judged before anything is read or opened; the same rules are judged again where the record is appended. */
  private async redeemable(
    found: CaseNow,
    subject: string,
    token: ConsentToken,
    caller: ClientCaller,
    context: CommandContext,
  ): Promise<ConsentRequested['data']> {
    const { book } = await this.books.read(subject);
    const consent = checkTokenAgainst(token, book);
    checkRedeemable(consent, { by: caller, case: token.case, now: context.now });
    const { request } = consent;
    if (
      !found.opened.participants.some(
        (each) => each.subject === subject && each.role === request.role,
      )
    )
      throw new TokenRefused('token_for_another_release', 'the holder is in another role here');
    return request;
  }

  private async redeem(
    context: CommandContext,
    caller: ClientCaller,
    subject: string,
    { opened }: CaseNow,
    request: ConsentRequested['data'],
    redemption: Omit<ConsentRedeemed['data'], 'readAgainUntil'>,
  ) {
    const materials = request.asks.map(({ material }) => material);
    const outcome = await execute(
      this.store,
      bookOf(subject),
      context,
      bookRules,
      (book) =>
        bookRules.decide(
          {
            kind: 'redeem',
            by: caller,
            allowed: asksOf(opened, request.role, materials),
            redemption,
            now: context.now,
          },
          book,
        ),
      bookAttempts,
    );
    const [event] = outcome.events;
    const [record] = outcome.records;
    // Where the record is another attempt's (a retry under the same Idempotency-Key), that one answered: answers are not kept, and data
    // leave once. The commitment's salt is of this attempt alone, so it tells whose record it is.
    if (
      event?.type !== 'ConsentRedeemed' ||
      record === undefined ||
      event.data.commitment !== redemption.commitment
    )
      throw notUsable('redeemed');
    return { ...record, stream: bookOf(subject), readAgainUntil: event.data.readAgainUntil };
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

const placeOf = ({ opened: { matter, window, department, town } }: CaseNow) => ({
  matter,
  window,
  department,
  town,
});
