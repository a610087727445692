import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Catalogue, type MatterWithRules, type ParticipantRole } from '#libs/catalogue';
import { type CommandContext, EventStore, execute, freshId } from '#libs/event-store';
import { type ClientCaller, DailyHolders, PhoneKeys } from '#libs/identity';
import {
  afterTheAnswer,
  type Identifier,
  type Met,
  QrCodes,
  type ShownBy,
  SubjectDirectory,
} from '#libs/subject';
import { type CaseState, checkRoles } from '../case.decider.js';
import { CaseAbsent, CaseNotAllowed } from '../case.errors.js';
import { selfServiceOf } from '../self-service.js';
import type { Participant } from '../case.events.js';
import { caseRules } from '../case.stream.js';
import { booksOf, termsOf } from '../terms.js';

/**
 * A participant: by a number that the clerk read from a paper, or by the QR code that a phone
 * shows.
 */
export type NamedParticipant = { readonly role: ParticipantRole } & (
  { readonly identifier: Identifier } | { readonly code: string }
);

/** Opens a case for one matter at the caller's window, or kiosk; answers with its id. */
export class OpenCase extends Command<string> {
  constructor(
    readonly context: CommandContext,
    readonly caller: ClientCaller,
    readonly matter: string,
    readonly participants: readonly NamedParticipant[],
    readonly queueNumber: string | null = null,
    /** Codes of what a kiosk's case is about; all of the matter where it names none. */
    readonly materials: readonly string[] | null = null,
  ) {
    super();
  }
}

@CommandHandler(OpenCase)
export class OpenCaseHandler implements ICommandHandler<OpenCase> {
  constructor(
    private readonly store: EventStore,
    private readonly catalogue: Catalogue,
    private readonly subjects: SubjectDirectory,
    private readonly holders: DailyHolders,
    private readonly codes: QrCodes,
    private readonly phones: PhoneKeys,
  ) {}

  async execute(command: OpenCase): Promise<string> {
    const { context, caller, participants, queueNumber } = command;
    const { window } = caller;
    if (window === null) throw new CaseNotAllowed('window_required', 'cases are opened at windows');
    checkRoles(participants);
    const found = await this.matter(command);

    await this.count(context, caller, participants);
    const met: Met[] = [];
    const subjects: Participant[] = [];
    for (const participant of [...participants].sort(codesFirst))
      subjects.push({
        subject: await this.subjectOf(participant, context, met),
        role: participant.role,
        identifiedBy: 'code' in participant ? 'code' : 'number',
      });
    const books = await booksOf(this.store, subjects);
    const id = freshId(context, 'case');
    const decide = (state: CaseState) =>
      caseRules.decide(
        {
          kind: 'open',
          opened: {
            ...termsOf(found, {
              case: id,
              department: caller.department,
              participants: subjects.sort((a, b) => (a.role < b.role ? -1 : 1)),
              books,
            }),
            window,
            town: caller.town,
            terminal: caller.client,
            queueNumber,
          },
        },
        state,
      );
    await execute(this.store, `case-${id}`, context, caseRules, decide, { isNew: true });
    for (const { settle } of met) afterTheAnswer(settle);
    return id;
  }

  private async matter({
    caller,
    matter,
    participants,
    materials,
  }: OpenCase): Promise<MatterWithRules> {
    const found = await this.catalogue.matter(matter);
    if (found === null) throw new CaseAbsent('matter_absent', 'the catalogue has no such matter');
    return selfServiceOf(found, { kind: caller.kind, participants, materials });
  }

  /**
   * Checks every number and code, and then counts all of them or none, before a subject is created
   * or a code used: a refusal costs no participant anything. A number is counted under a name that
   * does not depend on whether it is known.
   */
  private async count(
    context: CommandContext,
    caller: ClientCaller,
    participants: readonly NamedParticipant[],
  ): Promise<void> {
    const holders: string[] = [];
    for (const participant of participants)
      if ('identifier' in participant)
        holders.push(this.subjects.countedAs(context, participant.identifier));
    const codes = participants.flatMap((one) => ('code' in one ? [one.code] : []));
    // Without a code nothing happens between the check and the counting, which checks by itself.
    if (codes.length > 0) await this.holders.check(caller, holders, context.now);
    for (const code of codes)
      holders.push(
        await this.stillSpeaking(await this.codes.find(code, userOf(context), context.now)),
      );
    await this.holders.count(caller, holders, context.now);
  }

  private async subjectOf(
    participant: NamedParticipant,
    context: CommandContext,
    met: Met[],
  ): Promise<string> {
    if ('identifier' in participant) {
      const one = await this.subjects.meet(context, participant.identifier);
      met.push(one);
      return one.subject;
    }
    return this.stillSpeaking(await this.codes.use(participant.code, userOf(context), context.now));
  }

  /**
   * A code is valid only while the key that showed it is: not revoked, its holder not erased.
   * @throws CaseNotAllowed
   */
  private async stillSpeaking(shown: ShownBy | null): Promise<string> {
    const phone = shown === null ? null : await this.phones.subjectOf(shown.jkt);
    if (shown === null || phone?.subject !== shown.subject)
      throw new CaseNotAllowed(
        'participant_code_refused',
        'the code is not one that can be used now',
        {},
        { hint: 'Ask the holder to show a fresh one: each is good for 60 seconds, once.' },
      );
    return shown.subject;
  }
}

const userOf = ({ actor, idempotencyKey }: CommandContext): string =>
  `${actor.client}\0${idempotencyKey}`;

/** No refusal is possible after the codes: an invalid code leaves the others unused. */
const codesFirst = (a: NamedParticipant, b: NamedParticipant): number =>
  Number('code' in b) - Number('code' in a);
