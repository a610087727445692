import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CaseNow, CaseReader, mustBeOpen, type OwnCase } from '#libs/case';
import {
  type Action,
  actionNotOfCase,
  actionOf,
  type Ask,
  asksOf,
  bookRules,
  Books,
  checkAction,
  checkRedeemable,
  checkStillMeant,
  checkTokenAgainst,
  type ConsentGranted,
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
import type { Instant } from '#libs/kernel';
import { type Identifier, readSubject } from '#libs/subject';
import { inSpan } from '#libs/tracing';
import { Pairwise } from '#libs/vault';
import { Candidates, type Chosen } from '../candidates.js';
import { DisclosureAssembler } from '../disclosure-assembler.js';
import { watermark } from '../handed-over.js';
import { type Choice, Prints } from '../prints.js';
import type { Released } from '../released.js';
import { releaseNothing } from '../nothing-released.js';
import { mustStillOperate, readOperating } from '../operating-caller.js';
import { ReleaseReply } from '../release-reply.js';

/** What the terminal wants, beside the token: what for, and the number that its reader read. */
export interface Pulling {
  readonly action: Action;
  readonly read: Identifier | null;
}

/** Redeems a consent: the only way to a first disclosure of certificate data. */
export class PullRelease extends Command<Released> {
  constructor(
    readonly context: CommandContext,
    readonly caller: ClientCaller,
    readonly token: string,
    readonly pulling: Pulling = { action: 'read', read: null },
  ) {
    super();
  }
}

/** All that a release rests on, as it was read at one moment. */
interface Seen {
  readonly found: OwnCase;
  readonly request: ConsentRequested['data'];
  readonly grant: ConsentGranted['data'];
  readonly choice: Choice;
}

@CommandHandler(PullRelease)
export class PullReleaseHandler implements ICommandHandler<PullRelease> {
  constructor(
    private readonly store: EventStore,
    private readonly keys: LedgerKeys,
    private readonly cases: CaseReader,
    private readonly books: Books,
    private readonly pairwise: Pairwise,
    private readonly candidates: Candidates,
    private readonly assembler: DisclosureAssembler,
    private readonly reply: ReleaseReply,
    private readonly prints: Prints,
  ) {}

  async execute({ context, caller, token, pulling }: PullRelease): Promise<Released> {
    const read = await readConsentToken(token, this.keys, caller, context.now);
    const { opened } = await this.cases.own(read.case, caller);
    const subject = this.subjectOf(opened, read, caller);
    const seen = await this.look(opened, subject, read, caller, pulling, context);
    const { found, request, grant, choice } =
      pulling.action === 'print'
        ? await this.print(seen, opened, subject, read, caller, pulling, context)
        : seen;
    const { chosen, missing } = choice;
    const place = placeOf(found);
    if (chosen.length === 0)
      return releaseNothing(this.books, context, caller, {
        subject,
        opened,
        again: false,
        nothing: { consent: request.consent, place, missing },
      });
    const assembled = await inSpan('open disclosures', {}, () =>
      this.assembler.assemble(subject, chosen.map(toOpen), {
        request,
        opened,
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
      this.redeem(context, caller, subject, opened, request, redemption, pulling.action),
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

  /**
   * What is made for the print is recorded before the consent is spent: a print that was
   * interrupted between the two goes on with it, and one whose department is away spends nothing.
   */
  private async print(
    seen: Seen,
    opened: CaseNow['opened'],
    subject: string,
    token: ConsentToken,
    caller: ClientCaller,
    pulling: Pulling,
    context: CommandContext,
  ): Promise<Seen> {
    const { request, found, choice } = seen;
    const participant = opened.participants.find((each) => each.role === request.role);
    // A kiosk that scanned a code has read no document, and learns no number by trying.
    if (pulling.read !== null && participant?.identifiedBy !== 'number')
      throw new TokenRefused('token_for_another_release', 'the holder was named by no number here');
    let latest = seen;
    const made = await this.prints.made(context, request.asks, choice, {
      subject,
      consent: request.consent,
      purpose: watermark(opened, found.at.window, context.now),
      read: pulling.read,
      mayStill: async () => {
        latest = await this.look(opened, subject, token, caller, pulling, context);
      },
    });
    return { ...latest, choice: made };
  }

  /** Tokens name holders by their pairwise ids; the case resolves them. */
  private subjectOf(opened: CaseNow['opened'], token: ConsentToken, caller: ClientCaller): string {
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
   * All that the release rests on, in one question, certificates included. Decided before anything
   * is opened, and again by the same rules where the record is appended.
   */
  private async look(
    opened: CaseNow['opened'],
    subject: string,
    token: ConsentToken,
    caller: ClientCaller,
    { action }: Pulling,
    { now }: CommandContext,
  ): Promise<Seen> {
    // What was asked for does not change; whether it may be released is decided on what is read.
    const likely = await this.books.known(subject, { ofCase: opened }, token.consent);
    const asks = likely?.status === 'granted' ? likely.request.asks : [];
    const proposed = await this.candidates.propose(subject, asks, now);
    const [atCase, { book }, holder, operating, choice] = await inSpan('look', {}, () =>
      Promise.all([
        this.cases.read(opened.case),
        this.books.read(subject, { ofCase: opened }),
        readSubject(this.store, subject),
        readOperating(this.store, caller),
        this.candidates.choose(subject, asks, proposed, now),
      ]),
    );
    mustStillOperate(operating, caller);
    const found = mustBeOpen(atCase, caller);
    const consent = checkTokenAgainst(token, book);
    checkRedeemable(consent, { by: caller, case: token.case, now });
    checkAction(consent, action);
    if (actionOf(opened, caller.kind) !== action) throw actionNotOfCase();
    checkStillMeant(consent, { holder, brought: found.brought });
    const { request, grant } = consent;
    if (!opened.participants.some((each) => each.subject === subject && each.role === request.role))
      throw new TokenRefused('token_for_another_release', 'the holder is in another role here');
    // Granted by now, and not when the certificates were asked for.
    if (likely?.status !== 'granted')
      return { found, request, grant, choice: await this.choose(subject, request.asks, now) };
    return { found, request, grant, choice };
  }

  private async choose(subject: string, asks: readonly Ask[], now: Instant) {
    return this.candidates.choose(
      subject,
      asks,
      await this.candidates.propose(subject, asks, now),
      now,
    );
  }

  private async redeem(
    context: CommandContext,
    caller: ClientCaller,
    subject: string,
    opened: CaseNow['opened'],
    request: ConsentRequested['data'],
    redemption: Redemption,
    action: Action,
  ) {
    const materials = request.asks.map(({ material }) => material);
    const command = {
      kind: 'redeem',
      by: caller,
      allowed: asksOf(opened, request.role, materials),
      action,
      redemption,
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

const placeOf = ({
  opened: { matter, department, selfService },
  at: { window, town },
}: OwnCase) => ({
  matter,
  window,
  department,
  town,
  ...(selfService !== undefined && { selfService }),
});
