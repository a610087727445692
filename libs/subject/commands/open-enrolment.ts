import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, EventStore, freshId } from '#libs/event-store';
import { type ClientCaller, DailyHolders, handleOfTerminal } from '#libs/identity';
import { type Instant, plusSeconds } from '#libs/kernel';
import { EnrolmentCodes } from '../enrolment-codes.js';
import { enrolmentCodeHash } from '../enrolment.statements.js';
import { type Identifier, SubjectDirectory } from '../ports.js';
import { checkIdentified, ENROLMENT_CODE_HOLDS } from '../subject.decider.js';
import { onSubject, readSubject } from '../subject.stream.js';
import { TypedCodes, typedDigits } from '../typed-codes.js';

/**
 * Issues the one-time code with which a person whose identity was just checked enrols a phone. The
 * code is returned once, and only its hash is stored.
 */
export class OpenEnrolment extends Command<{
  readonly enrolment: string;
  readonly code: string;
  /** The same where it is typed. */
  readonly typed: { readonly handle: string; readonly digits: string };
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
    private readonly typedCodes: TypedCodes,
  ) {}

  async execute({ context, caller, identifier }: OpenEnrolment) {
    const counted = [this.directory.countedAs(context, identifier)];
    await this.holders.check(caller, counted, context.now);
    // Decided before limits are counted or a subject is created: a refused request leaves no trace.
    const foreseen = await this.directory.foresee(context, identifier);
    checkIdentified(await readSubject(this.store, foreseen), caller.department, context.now);
    await this.holders.count(caller, counted, context.now);
    const subject = await this.directory.resolve(context, identifier);
    const enrolment = freshId(context, 'enrolment');
    const code = freshId(context, 'enrolment-code');
    const codeHash = enrolmentCodeHash(code);
    const { client: by, department } = caller;
    const typed = { handle: handleOfTerminal(by), digits: typedDigits(context) };
    const until = plusSeconds(context.now, ENROLMENT_CODE_HOLDS);
    const outcome = await onSubject(
      this.store,
      subject,
      context,
      { kind: 'open-enrolment', enrolment, codeHash, by, department, now: context.now },
      async () => {
        await this.codes.put(codeHash, { enrolment, subject }, until);
        await this.typedCodes.put(typed, { enrolment, code }, until);
      },
    );
    // A retry gets the expiry of the code that was opened first.
    const opened = outcome.events.find((event) => event.type === 'EnrolmentOpened');
    return { enrolment, code, typed, expires: opened?.data.expires ?? until };
  }
}
