import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, EventStore } from '#libs/event-store';
import { type ClientCaller, DailyHolders } from '#libs/identity';
import { Pairwise } from '#libs/vault';
import { type Identifier, SubjectDirectory } from '../ports.js';
import type { IdentityBasis } from '../subject.events.js';
import { afterTheAnswer } from '../after-the-answer.js';
import { onSubject } from '../subject.stream.js';

/**
 * A department has checked a person's identity. The result is the pairwise id by which this
 * department alone knows the person.
 */
export class IdentifySubject extends Command<{ readonly subject: string }> {
  constructor(
    readonly context: CommandContext,
    readonly caller: ClientCaller,
    readonly identifier: Identifier,
    readonly basis: IdentityBasis,
  ) {
    super();
  }
}

@CommandHandler(IdentifySubject)
export class IdentifySubjectHandler implements ICommandHandler<IdentifySubject> {
  constructor(
    private readonly store: EventStore,
    private readonly directory: SubjectDirectory,
    private readonly holders: DailyHolders,
    private readonly pairwise: Pairwise,
  ) {}

  async execute({ context, caller, identifier, basis }: IdentifySubject) {
    // Limits are counted first, so that a caller over its limit creates no subject.
    const holder = this.directory.countedAs(context, identifier);
    await this.holders.question(caller, 'identify', holder, context);
    await this.holders.count(caller, [holder], context.now);
    const { subject, adding, settle } = await this.directory.meet(context, identifier);
    const { client: by, department } = caller;
    await onSubject(this.store, subject, context, {
      kind: 'identify',
      by,
      department,
      basis,
      adding,
      now: context.now,
    });
    afterTheAnswer(settle);
    return { subject: this.pairwise.of(department, subject) };
  }
}
