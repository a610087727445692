import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, EventStore, execute } from '#libs/event-store';
import type { ClientCaller } from '#libs/identity';
import { caseAbsent } from '../case.decider.js';
import { CaseNotAllowed } from '../case.errors.js';
import { caseRules, caseStream } from '../case.stream.js';

/** Takes a case that was opened online: from then on it is the open case of the caller's window. */
export class TakeCase extends Command<undefined> {
  constructor(
    readonly context: CommandContext,
    readonly caller: ClientCaller,
    readonly id: string,
  ) {
    super();
  }
}

@CommandHandler(TakeCase)
export class TakeCaseHandler implements ICommandHandler<TakeCase> {
  constructor(private readonly store: EventStore) {}

  async execute({ context, caller, id }: TakeCase): Promise<undefined> {
    const stream = caseStream(id);
    if (stream === null) throw caseAbsent();
    const { client: terminal, department, window, town } = caller;
    if (caller.kind === 'kiosk')
      throw new CaseNotAllowed('matter_not_self_service', 'a kiosk takes no cases');
    await execute(this.store, stream, context, caseRules, (state) =>
      caseRules.decide({ kind: 'take', by: { department, window, town, terminal } }, state),
    );
    return undefined;
  }
}
