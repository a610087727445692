import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, EventStore } from '#libs/event-store';
import { StreamClientDirectory } from '../client-directory.js';
import type { RegisterClientCommand } from '../identity.decider.js';
import { carryOut } from './carry-out.js';

export class RegisterClient {
  constructor(
    readonly context: CommandContext,
    readonly command: RegisterClientCommand,
  ) {}
}

@CommandHandler(RegisterClient)
export class RegisterClientHandler implements ICommandHandler<RegisterClient, undefined> {
  constructor(
    private readonly store: EventStore,
    private readonly directory: StreamClientDirectory,
  ) {}

  async execute({ context, command }: RegisterClient): Promise<undefined> {
    await carryOut(this.store, this.directory, context, command);
    return undefined;
  }
}
