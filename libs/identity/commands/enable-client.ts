import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, EventStore } from '#libs/event-store';
import { StreamClientDirectory } from '../client-directory.js';
import type { EnableClientCommand } from '../identity.decider.js';
import { carryOut } from './carry-out.js';

export class EnableClient {
  constructor(
    readonly context: CommandContext,
    readonly command: EnableClientCommand,
  ) {}
}

@CommandHandler(EnableClient)
export class EnableClientHandler implements ICommandHandler<EnableClient, undefined> {
  constructor(
    readonly store: EventStore,
    readonly directory: StreamClientDirectory,
  ) {}

  async execute({ context, command }: EnableClient): Promise<undefined> {
    await carryOut(this, context, command.client, () => command);
    return undefined;
  }
}
