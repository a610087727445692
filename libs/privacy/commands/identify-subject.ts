import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, EventStore } from '#libs/event-store';
import { type ClientCaller, DailyHolders } from '#libs/identity';
import { type Identifier, Pairwise, SubjectDirectory } from '../ports.js';
import type { IdentityBasis } from '../privacy.events.js';
import { onSubject } from '../subject.stream.js';

/** A department checked who somebody is. Answers with the id by which this department, and no other, knows the person. */
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
    const { kind, number } = identifier;
    // Counted first: who asks about too many people makes nobody new.
    const foreseen = await this.directory.foresee(context, kind, number);
    await this.holders.count(caller, foreseen, context.now);
    const subject = await this.directory.resolve(context, kind, number);
    const { client: by, department } = caller;
    await onSubject(this.store, subject, context, {
      do: 'identify',
      by,
      department,
      basis,
      now: context.now,
    });
    return { subject: this.pairwise.of(department, subject) };
  }
}
