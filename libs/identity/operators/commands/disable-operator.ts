import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, EventStore } from '#libs/event-store';
import { OperatorDirectory } from '../operator-directory.js';
import type { DisableOperatorCommand } from '../operators.decider.js';
import { carryOut } from './carry-out.js';

export class DisableOperator {
  constructor(
    readonly context: CommandContext,
    readonly command: DisableOperatorCommand,
  ) {}
}

@CommandHandler(DisableOperator)
export class DisableOperatorHandler implements ICommandHandler<DisableOperator, undefined> {
  constructor(
    readonly store: EventStore,
    readonly directory: OperatorDirectory,
  ) {}

  async execute({ context, command }: DisableOperator): Promise<undefined> {
    await carryOut(this, context, command.operator, () => command);
    return undefined;
  }
}
