import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CaseNow, CaseReader } from '#libs/case';
import { Catalogue } from '#libs/catalogue';
import { type CommandContext, EventStore, execute, freshId } from '#libs/event-store';
import type { ClientCaller } from '#libs/identity';
import { type Instant, plusSeconds } from '#libs/kernel';
import { asksOf } from '../asks.js';
import { answerSeconds, bookOf } from '../consent.decider.js';
import { ConsentAbsent, ConsentConflict } from '../consent.errors.js';
import type { Ask, ConsentRequested } from '../consent.events.js';
import { bookAttempts, bookRules } from '../consent.stream.js';
import { consentText, purposeZh } from '../notice.js';

export interface WaitingConsent {
  readonly consent: string;
  readonly state: 'waiting';
  readonly answerBy: Instant;
}

/** Asks a participant of the case for materials. The answer is the same whoever it is, and whatever they have. */
export class RequestConsent extends Command<WaitingConsent> {
  constructor(
    readonly context: CommandContext,
    readonly caller: ClientCaller,
    readonly atCase: string,
    readonly role: string,
    readonly materials: readonly string[],
  ) {
    super();
  }
}

@CommandHandler(RequestConsent)
export class RequestConsentHandler implements ICommandHandler<RequestConsent> {
  constructor(
    private readonly store: EventStore,
    private readonly cases: CaseReader,
    private readonly catalogue: Catalogue,
  ) {}

  async execute(command: RequestConsent): Promise<WaitingConsent> {
    const { context, caller, role, materials } = command;
    const found = await this.cases.ownOpen(command.atCase, caller);
    const participant = found.opened.participants.find((each) => each.role === role);
    if (participant === undefined)
      throw new ConsentAbsent('participant_absent', 'nobody is in the case in this role');
    const asks = asksOf(found.opened, role, materials);
    for (const { material } of asks)
      if (found.brought.includes(material))
        throw new ConsentConflict('material_already_brought', 'the paper was brought', {
          material,
        });

    const request = await this.formed(command, found, asks);
    const { events } = await execute(
      this.store,
      bookOf(participant.subject),
      context,
      bookRules,
      (book) => bookRules.decide({ kind: 'request', request, now: context.now }, book),
      bookAttempts,
    );
    // A retry is answered with what the first attempt asked.
    const [event] = events;
    const asked = event?.type === 'ConsentRequested' ? event.data : request;
    return { consent: asked.consent, state: 'waiting', answerBy: asked.answerBy };
  }

  private async formed(
    { context, caller, role }: RequestConsent,
    { opened }: CaseNow,
    asks: readonly Ask[],
  ): Promise<ConsentRequested['data']> {
    const consent = freshId(context, 'consent');
    const answerBy = plusSeconds(context.now, answerSeconds);
    const { case: atCase, matter, window, department } = opened;
    const named = await Promise.all(
      asks.map(async ({ material, answers }) => ({
        materialZh: opened.materials.find((each) => each.material === material)?.nameZh ?? material,
        answers: await Promise.all(answers.map((answer) => this.named(answer))),
      })),
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
      asks,
      notice: consentText({
        consent,
        case: atCase,
        matterZh: opened.matterName,
        matterEn: opened.matterNameEn,
        department,
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
      fields,
    };
  }
}
