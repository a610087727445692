import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, EventStore } from '#libs/event-store';
import { type ClientCaller, ClientDirectory } from '#libs/identity';
import { Pairwise } from '#libs/vault';
import { EnrolmentCodes } from '../enrolment-codes.js';
import { checkEnrolmentStatement } from '../enrolment.statements.js';
import { EnrolmentAbsent, EnrolmentRefused } from '../subject.errors.js';
import { onSubject, readSubject } from '../subject.stream.js';

/**
 * The terminal that opened the enrolment signs that the offered key is the person's: from here on
 * the phone speaks for the subject.
 */
export class ConfirmEnrolment extends Command<{
  readonly enrolment: string;
  readonly jkt: string;
}> {
  constructor(
    readonly context: CommandContext,
    readonly caller: ClientCaller,
    readonly enrolment: string,
    readonly statement: string,
  ) {
    super();
  }
}

@CommandHandler(ConfirmEnrolment)
export class ConfirmEnrolmentHandler implements ICommandHandler<ConfirmEnrolment> {
  constructor(
    private readonly store: EventStore,
    private readonly codes: EnrolmentCodes,
    private readonly clients: ClientDirectory,
    private readonly pairwise: Pairwise,
  ) {}

  async execute({ context, caller, enrolment, statement }: ConfirmEnrolment) {
    const subject = (await this.codes.byEnrolment(enrolment))?.subject;
    const state = subject === undefined ? null : await readSubject(this.store, subject);
    const asked = state && state.status !== 'absent' ? state.enrolments.get(enrolment) : undefined;
    const client = await this.clients.find(caller.client);
    if (subject === undefined || asked?.by !== caller.client || client === null)
      throw new EnrolmentAbsent('enrolment_absent', 'this terminal opened no such enrolment');
    if (asked.state === 'opened')
      throw new EnrolmentRefused('enrolment_not_offered', 'no phone has shown the code yet', {
        enrolment,
      });
    const { jkt } = asked;
    const sub = this.pairwise.of(caller.department, subject);
    checkEnrolmentStatement(
      statement,
      { sub, enrolment, jkt },
      { client, jkt: caller.jkt },
      context.now,
    );
    await onSubject(this.store, subject, context, {
      kind: 'confirm-key',
      enrolment,
      jkt,
      statement,
      by: caller.client,
      now: context.now,
    });
    return { enrolment, jkt };
  }
}
