import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, EventStore } from '#libs/event-store';
import { StreamClientDirectory } from '../client-directory.js';
import type { RotateKeyCommand } from '../identity.decider.js';
import { carryOut } from './carry-out.js';

export class RotateKey {
  constructor(
    readonly context: CommandContext,
    readonly command: RotateKeyCommand,
  ) {}
}

@CommandHandler(RotateKey)
export class RotateKeyHandler implements ICommandHandler<RotateKey, undefined> {
  constructor(
    private readonly store: EventStore,
    private readonly directory: StreamClientDirectory,
  ) {}

  async execute({ context, command }: RotateKey): Promise<undefined> {
    await carryOut(this.store, this.directory, context, command);
    return undefined;
  }
}
