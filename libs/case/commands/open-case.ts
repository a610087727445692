import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Catalogue, type ParticipantRole } from '#libs/catalogue';
import { QrCodes } from '#libs/consent';
import { type CommandContext, EventStore, execute, freshId } from '#libs/event-store';
import { type ClientCaller, DailyHolders } from '#libs/identity';
import { type IdentifierKind, SubjectDirectory } from '#libs/privacy';
import { CaseAbsent, CaseInvalid, CaseNotAllowed } from '../case.errors.js';
import type { Participant } from '../case.events.js';
import { caseRules } from '../case.stream.js';

/** Somebody in a case: by a number that the clerk read from a paper, or by the QR code that a phone shows. */
export type NamedParticipant = { readonly role: ParticipantRole } & (
  | { readonly identifier: { readonly kind: IdentifierKind; readonly number: string } }
  | { readonly code: string }
);

/** Opens a case for one matter at the caller's window; answers with its id. */
export class OpenCase extends Command<string> {
  constructor(
    readonly context: CommandContext,
    readonly caller: ClientCaller,
    readonly matter: string,
    readonly participants: readonly NamedParticipant[],
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
  ) {}

  async execute({ context, caller, matter, participants }: OpenCase): Promise<string> {
    const { window } = caller;
    if (window === null) throw new CaseNotAllowed('window_required', 'cases are opened at windows');
    const roles = new Set(participants.map(({ role }) => role));
    if (roles.size !== participants.length)
      throw new CaseInvalid('role_twice', 'each role in a case is held by one participant');
    const found = await this.catalogue.matter(matter);
    if (found === null) throw new CaseAbsent('matter_absent', 'the catalogue has no such matter');

    await this.countNumbers(context, caller, participants);
    const subjects: Participant[] = [];
    for (const participant of [...participants].sort(codesFirst))
      subjects.push({
        subject: await this.subjectOf(participant, context, caller),
        role: participant.role,
      });
    const id = freshId(context, 'case');
    await execute(this.store, `case-${id}`, context, caseRules, (state) =>
      caseRules.decide(
        {
          kind: 'open',
          opened: {
            case: id,
            matter,
            matterName: found.matter.nameZh,
            matterNameEn: found.matter.nameEn,
            ruleVersion: found.ruleVersion,
            materials: found.materials,
            window,
            department: caller.department,
            town: caller.town,
            terminal: caller.client,
            participants: subjects.sort((a, b) => (a.role < b.role ? -1 : 1)),
          },
        },
        state,
      ),
    );
    return id;
  }

  /**
   * Reads and counts every number before anybody new is noted or a code is used up: a mistyped number, or one person too many, costs the
   * other participants nothing. Counted whoever it is: a number that nobody knows counts as much as one that somebody has.
   */
  private async countNumbers(
    context: CommandContext,
    caller: ClientCaller,
    participants: readonly NamedParticipant[],
  ): Promise<void> {
    const foreseen: string[] = [];
    for (const participant of participants)
      if ('identifier' in participant) {
        const { kind, number } = participant.identifier;
        foreseen.push(await this.subjects.foresee(context, kind, number));
      }
    for (const subject of foreseen) await this.holders.count(caller, subject, context.now);
  }

  private async subjectOf(
    participant: NamedParticipant,
    context: CommandContext,
    caller: ClientCaller,
  ): Promise<string> {
    if ('identifier' in participant) {
      const { kind, number } = participant.identifier;
      return this.subjects.resolve(context, kind, number);
    }
    const user = `${context.actor.client}\0${context.idempotencyKey}`;
    const subject = await this.codes.use(participant.code, user, context.now);
    if (subject === null)
      throw new CaseNotAllowed(
        'participant_code_refused',
        'the code is not one that can be used now',
        {},
        { hint: 'Ask the holder to show a fresh one: each is good for 60 seconds, once.' },
      );
    await this.holders.count(caller, subject, context.now);
    return subject;
  }
}

/** After the codes nothing is refused any more: a code that is none leaves no trace of the others. */
const codesFirst = (a: NamedParticipant, b: NamedParticipant): number =>
  Number('code' in b) - Number('code' in a);
