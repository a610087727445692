import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, EventStore } from '#libs/event-store';
import { OperatorDirectory } from '../operator-directory.js';
import type { InviteAgainCommand } from '../operators.decider.js';
import { carryOut } from './carry-out.js';

export class InviteOperatorAgain {
  constructor(
    readonly context: CommandContext,
    readonly command: InviteAgainCommand,
  ) {}
}

@CommandHandler(InviteOperatorAgain)
export class InviteOperatorAgainHandler implements ICommandHandler<InviteOperatorAgain, undefined> {
  constructor(
    readonly store: EventStore,
    readonly directory: OperatorDirectory,
  ) {}

  async execute({ context, command }: InviteOperatorAgain): Promise<undefined> {
    await carryOut(this, context, command.operator, () => command);
    return undefined;
  }
}
