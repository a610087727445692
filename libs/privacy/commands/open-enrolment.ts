import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, EventStore, freshId } from '#libs/event-store';
import { type ClientCaller, DailyHolders } from '#libs/identity';
import { type Instant, plusSeconds } from '#libs/kernel';
import { EnrolmentCodes } from '../enrolment-codes.js';
import { enrolmentCodeHash } from '../enrolment.statements.js';
import { type Identifier, SubjectDirectory } from '../ports.js';
import { ENROLMENT_CODE_HOLDS } from '../subject.decider.js';
import { onSubject } from '../subject.stream.js';

/** Hands out the one-time code with which a person whose identity was just checked enrols a phone. The code is told once and kept nowhere. */
export class OpenEnrolment extends Command<{
  readonly enrolment: string;
  readonly code: string;
  readonly expires: Instant;
}> {
  constructor(
    readonly context: CommandContext,
    readonly caller: ClientCaller,
    readonly identifier: Identifier,
  ) {
    super();
  }
}

@CommandHandler(OpenEnrolment)
export class OpenEnrolmentHandler implements ICommandHandler<OpenEnrolment> {
  constructor(
    private readonly store: EventStore,
    private readonly directory: SubjectDirectory,
    private readonly holders: DailyHolders,
    private readonly codes: EnrolmentCodes,
  ) {}

  async execute({ context, caller, identifier }: OpenEnrolment) {
    const { kind, number } = identifier;
    // Counted first: who asks about too many people makes nobody new.
    const foreseen = await this.directory.foresee(context, kind, number);
    await this.holders.count(caller, foreseen, context.now);
    const subject = await this.directory.resolve(context, kind, number);
    const enrolment = freshId(context, 'enrolment');
    const code = freshId(context, 'enrolment-code');
    const codeHash = enrolmentCodeHash(code);
    const { client: by, department } = caller;
    const outcome = await onSubject(
      this.store,
      subject,
      context,
      { do: 'open-enrolment', enrolment, codeHash, by, department, now: context.now },
      () =>
        this.codes.put(
          codeHash,
          { enrolment, subject },
          plusSeconds(context.now, ENROLMENT_CODE_HOLDS),
        ),
    );
    // A retry is told when the code expires that was opened first.
    const opened = outcome.events.find((event) => event.type === 'EnrolmentOpened');
    return {
      enrolment,
      code,
      expires: opened?.data.expires ?? plusSeconds(context.now, ENROLMENT_CODE_HOLDS),
    };
  }
}
