import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, EventStore } from '#libs/event-store';
import { OperatorDirectory } from '../operator-directory.js';
import type { EnableOperatorCommand } from '../operators.decider.js';
import { carryOut } from './carry-out.js';

export class EnableOperator {
  constructor(
    readonly context: CommandContext,
    readonly command: EnableOperatorCommand,
  ) {}
}

@CommandHandler(EnableOperator)
export class EnableOperatorHandler implements ICommandHandler<EnableOperator, undefined> {
  constructor(
    readonly store: EventStore,
    readonly directory: OperatorDirectory,
  ) {}

  async execute({ context, command }: EnableOperator): Promise<undefined> {
    await carryOut(this, context, command.operator, () => command);
    return undefined;
  }
}
