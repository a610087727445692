import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Catalogue, type MatterWithRules, type ParticipantRole } from '#libs/catalogue';
import { type CommandContext, EventStore, execute } from '#libs/event-store';
import { type PhoneCaller, PhoneKeys, type Principal } from '#libs/identity';
import { readSubject, SubjectDirectory, subjectErased, type SubjectState } from '#libs/subject';
import { readApplication, type SignedApplication } from '../application.js';
import { ApplicationRefused, CaseAbsent } from '../case.errors.js';
import type { Participant } from '../case.events.js';
import { caseRules } from '../case.stream.js';
import { ApplicationLimits } from '../ports.js';
import { selfServiceOf } from '../self-service.js';
import { booksOf, termsOf } from '../terms.js';

/**
 * Opens a case for the department of the matter by the holder's own key; answers with its id. What
 * was signed is kept with the case.
 */
export class OpenCaseOnline extends Command<string> {
  constructor(
    readonly context: CommandContext,
    readonly caller: PhoneCaller,
    readonly principal: Principal,
    readonly jws: string,
  ) {
    super();
  }
}

@CommandHandler(OpenCaseOnline)
export class OpenCaseOnlineHandler implements ICommandHandler<OpenCaseOnline> {
  constructor(
    private readonly store: EventStore,
    private readonly catalogue: Catalogue,
    private readonly subjects: SubjectDirectory,
    private readonly phones: PhoneKeys,
    private readonly limits: ApplicationLimits,
  ) {}

  async execute({ context, caller, principal, jws }: OpenCaseOnline): Promise<string> {
    const signed = await this.signed(jws, caller, context);
    const found = await this.catalogue.matter(signed.matter);
    if (found === null) throw new CaseAbsent('matter_absent', 'the catalogue has no such matter');
    checkShown(signed, found);
    selfServiceOf(found, { kind: 'department', participants: [], materials: null });
    const { subject } = principal;
    if (await this.subjects.isErased(subject)) throw subjectErased();
    const role = roleOf(found, await readSubject(this.store, subject));
    const participants: readonly Participant[] = [{ subject, role, identifiedBy: 'key' }];
    const books = await booksOf(this.store, participants);
    const { case: id } = signed;
    const { department } = found.matter;
    await execute(this.store, `case-${id}`, context, caseRules, async (state) => {
      const events = caseRules.decide(
        {
          kind: 'open-online',
          by: { caller: caller.subject, principal },
          terms: termsOf(found, { case: id, department, participants, books }),
          proof: { method: 'jws', jws, jkt: caller.jkt },
        },
        state,
      );
      // Counted only where nothing else refuses it.
      await this.limits.count(subject, context);
      return events;
    });
    return id;
  }

  /** @throws ApplicationRefused */
  private async signed(
    jws: string,
    { jkt, subject }: PhoneCaller,
    { now }: CommandContext,
  ): Promise<SignedApplication> {
    // Read again instead of taken from the guard: a key that was revoked meanwhile opens nothing.
    const enrolled = await this.phones.subjectOf(jkt);
    if (enrolled?.subject !== subject)
      throw new ApplicationRefused(
        'application_signature_refused',
        'the phone is not enrolled for the holder',
      );
    return readApplication(jws, enrolled.jwk, jkt, now);
  }
}

/** What was signed is what the catalogue says now: a holder does not sign one name for another. */
function checkShown({ matterName, department }: SignedApplication, { matter }: MatterWithRules) {
  if (matterName !== matter.nameZh || department !== matter.department)
    throw new ApplicationRefused(
      'application_out_of_date',
      'the matter has another name or department than was signed',
      {},
      { hint: 'Load the matter again, and sign what it says now.' },
    );
}

/** People apply for people's matters, organisations for theirs. @throws ApplicationRefused */
function roleOf({ matter: { audience } }: MatterWithRules, subject: SubjectState): ParticipantRole {
  const isOrganisation =
    subject.status !== 'absent' &&
    [...subject.identifiers.values()].some(({ kind }) => kind === '001');
  if (isOrganisation !== (audience === 'legal'))
    throw new ApplicationRefused(
      'application_of_other_kind',
      'the matter is not for holders of this kind',
      { audience },
      { hint: 'A window opens the case.' },
    );
  return isOrganisation ? 'legal-person' : 'applicant';
}
