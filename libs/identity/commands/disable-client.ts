import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, EventStore } from '#libs/event-store';
import { StreamClientDirectory } from '../client-directory.js';
import type { DisableClientCommand } from '../identity.decider.js';
import { carryOut } from './carry-out.js';

export class DisableClient {
  constructor(
    readonly context: CommandContext,
    readonly command: DisableClientCommand,
  ) {}
}

@CommandHandler(DisableClient)
export class DisableClientHandler implements ICommandHandler<DisableClient, undefined> {
  constructor(
    readonly store: EventStore,
    readonly directory: StreamClientDirectory,
  ) {}

  async execute({ context, command }: DisableClient): Promise<undefined> {
    await carryOut(this, context, command.client, () => command);
    return undefined;
  }
}
