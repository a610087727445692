import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, EventStore, execute } from '#libs/event-store';
import type { ClientCaller } from '#libs/identity';
import { caseAbsent } from '../case.decider.js';
import type { CaseOutcome } from '../case.events.js';
import { caseRules, caseStream } from '../case.stream.js';

/** Closes a case. From then on nothing is released or read again for it. */
export class CloseCase extends Command<undefined> {
  constructor(
    readonly context: CommandContext,
    readonly caller: ClientCaller,
    readonly id: string,
    readonly outcome: CaseOutcome,
  ) {
    super();
  }
}

@CommandHandler(CloseCase)
export class CloseCaseHandler implements ICommandHandler<CloseCase> {
  constructor(private readonly store: EventStore) {}

  async execute({ context, caller, id, outcome }: CloseCase): Promise<undefined> {
    const stream = caseStream(id);
    if (stream === null) throw caseAbsent();
    await execute(this.store, stream, context, caseRules, (state) =>
      caseRules.decide({ kind: 'close', by: caller, outcome }, state),
    );
    return undefined;
  }
}
