import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, EventStore } from '#libs/event-store';
import { OperatorDirectory } from '../operator-directory.js';
import type { ChangeRolesCommand } from '../operators.decider.js';
import { carryOut } from './carry-out.js';

export class ChangeOperatorRoles {
  constructor(
    readonly context: CommandContext,
    readonly command: ChangeRolesCommand,
  ) {}
}

@CommandHandler(ChangeOperatorRoles)
export class ChangeOperatorRolesHandler implements ICommandHandler<ChangeOperatorRoles, undefined> {
  constructor(
    readonly store: EventStore,
    readonly directory: OperatorDirectory,
  ) {}

  async execute({ context, command }: ChangeOperatorRoles): Promise<undefined> {
    await carryOut(this, context, command.operator, () => command);
    return undefined;
  }
}
