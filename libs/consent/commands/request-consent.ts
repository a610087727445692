import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { CaseReader, mustBeOpen, type Participant, type PlacedCase } from '#libs/case';
import { Catalogue } from '#libs/catalogue';
import { type CommandContext, freshId } from '#libs/event-store';
import { type ClientCaller, DailyHolders } from '#libs/identity';
import { type Instant, plusSeconds } from '#libs/kernel';
import { SubjectDirectory, subjectErased } from '#libs/subject';
import { LedgerSecrets } from '#libs/vault';
import { matchCommitment } from '#libs/verify';
import { actionOf, asksOf } from '../asks.js';
import { answerSeconds } from '../consent.decider.js';
import { ConsentAbsent, ConsentConflict } from '../consent.errors.js';
import type { Action, Ask, ConsentRequested } from '../consent.events.js';
import { bookRules } from '../consent.stream.js';
import { consentText, purposeZh } from '../notice.js';
import { drawMatch, openMatch } from '../number-match.js';
import { Books } from '../ports.js';

export interface WaitingConsent {
  readonly consent: string;
  readonly state: 'waiting';
  readonly answerBy: Instant;
  /** The two digits that the window shows; null where the holder was not named by a number. */
  readonly number: string | null;
}

/**
 * Requests materials of a participant of the case. The response does not depend on who the
 * participant is, nor on the participant's certificates.
 */
export class RequestConsent extends Command<WaitingConsent> {
  constructor(
    readonly context: CommandContext,
    readonly caller: ClientCaller,
    readonly atCase: string,
    readonly role: string,
    readonly materials: readonly string[],
    readonly action: Action = 'read',
  ) {
    super();
  }
}

@CommandHandler(RequestConsent)
export class RequestConsentHandler implements ICommandHandler<RequestConsent> {
  constructor(
    private readonly cases: CaseReader,
    private readonly books: Books,
    private readonly catalogue: Catalogue,
    private readonly subjects: SubjectDirectory,
    private readonly holders: DailyHolders,
    private readonly secrets: LedgerSecrets,
  ) {}

  async execute(command: RequestConsent): Promise<WaitingConsent> {
    const { context, caller, role } = command;
    const own = await this.cases.own(command.atCase, caller);
    const { opened } = own;
    const participant = opened.participants.find((each) => each.role === role);
    // Everything is asked for at once, and judged in one order.
    const forming = this.formed(command, own, participant);
    forming.catch(() => undefined);
    const [found, isErased] = await Promise.all([
      this.cases.read(command.atCase),
      participant !== undefined && this.subjects.isErased(participant.subject),
    ]);
    const { brought } = mustBeOpen(found, caller);
    if (participant === undefined)
      throw new ConsentAbsent('participant_absent', 'the case has no participant in this role');
    const permitted = actionOf(opened, caller.kind);
    const request = await forming;
    for (const { material } of request.asks)
      if (brought.includes(material))
        throw new ConsentConflict('material_already_brought', 'the paper was brought', {
          material,
        });
    // An erased holder's book is closed, even while an earlier case is open.
    if (isErased) throw subjectErased();
    const { events } = await this.books.decide(
      context,
      participant.subject,
      { ofCase: opened },
      async (book) => {
        const asked = bookRules.decide(
          { kind: 'request', request, permitted, now: context.now },
          book,
        );
        // Counted only where nothing else refuses it.
        await this.holders.question(caller, 'consent', participant.subject, context);
        return asked;
      },
    );
    // A retry is answered with the first attempt's request.
    const [event] = events;
    const asked = event?.type === 'ConsentRequested' ? event.data : request;
    return {
      consent: asked.consent,
      state: 'waiting',
      answerBy: asked.answerBy,
      number: openMatch(this.secrets, asked)?.digits ?? null,
    };
  }

  private async formed(
    { context, caller, role, materials, action }: RequestConsent,
    { opened, at: { window } }: PlacedCase,
    participant: Participant | undefined,
  ): Promise<ConsentRequested['data']> {
    const asks = asksOf(opened, role, materials);
    const consent = freshId(context, 'consent');
    const answerBy = plusSeconds(context.now, answerSeconds);
    const { case: atCase, matter, department } = opened;
    const named = await Promise.all(
      asks.map(async ({ material, answers }) => {
        const rule = opened.materials.find((each) => each.material === material);
        return {
          materialZh: rule?.nameZh ?? material,
          materialEn: rule?.nameEn,
          answers: await Promise.all(answers.map((answer) => this.named(answer))),
        };
      }),
    );
    return {
      consent,
      case: atCase,
      matter,
      role,
      window,
      department,
      terminal: caller.client,
      terminalKey: caller.jkt,
      purpose: purposeZh(opened.matterName),
      action,
      basis: 'consent',
      asks,
      // A clerk could type a stranger's number. A scanned code, and the key that opened the case
      // online, are the holder's own acts, so that there is nothing to compare (docs/adr/0033).
      match:
        participant !== undefined && participant.identifiedBy !== 'number'
          ? null
          : { commitment: matchCommitment(consent, drawMatch(this.secrets, consent)) },
      notice: consentText({
        consent,
        action,
        case: atCase,
        matterZh: opened.matterName,
        matterEn: opened.matterNameEn,
        department,
        departmentEn: opened.departmentEn,
        window,
        answerBy,
        asks: named,
      }),
      answerBy,
    };
  }

  private async named({ type, fields }: Ask['answers'][number]) {
    const definition = await this.catalogue.type(type);
    return {
      typeZh: definition?.nameZh ?? type,
      typeEn: definition?.nameEn ?? type,
      // An e-proof that is no decision is made when it is printed, out of its department's records.
      madeBy:
        definition?.category === 'proof' && definition.decision !== true
          ? { zh: definition.department, en: definition.departmentEn ?? definition.department }
          : null,
      fields: fields.map((key) => definition?.fields.find((field) => field.key === key) ?? { key }),
    };
  }
}
