import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, EventStore, execute } from '#libs/event-store';
import type { ClientCaller } from '#libs/identity';
import { caseAbsent } from '../case.decider.js';
import type { BroughtReason } from '../case.events.js';
import { caseRules, caseStream } from '../case.stream.js';

/** Notes that the applicant brought a material after all. */
export class BringMaterial extends Command<undefined> {
  constructor(
    readonly context: CommandContext,
    readonly caller: ClientCaller,
    readonly id: string,
    readonly material: string,
    readonly reason: BroughtReason,
  ) {
    super();
  }
}

@CommandHandler(BringMaterial)
export class BringMaterialHandler implements ICommandHandler<BringMaterial> {
  constructor(private readonly store: EventStore) {}

  async execute({ context, caller, id, material, reason }: BringMaterial): Promise<undefined> {
    const stream = caseStream(id);
    if (stream === null) throw caseAbsent();
    await execute(this.store, stream, context, caseRules, (state) =>
      caseRules.decide({ kind: 'bring', by: caller, material, reason }, state),
    );
    return undefined;
  }
}
