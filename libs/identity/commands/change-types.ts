import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, EventStore } from '#libs/event-store';
import { StreamClientDirectory } from '../client-directory.js';
import type { ChangeTypesCommand } from '../identity.decider.js';
import { IssuableTypes, mustHaveAll } from '../issuable-types.js';
import { carryOut } from './carry-out.js';

export class ChangeTypes {
  constructor(
    readonly context: CommandContext,
    readonly command: ChangeTypesCommand,
  ) {}
}

@CommandHandler(ChangeTypes)
export class ChangeTypesHandler implements ICommandHandler<ChangeTypes, undefined> {
  constructor(
    readonly store: EventStore,
    readonly directory: StreamClientDirectory,
    private readonly types: IssuableTypes,
  ) {}

  async execute({ context, command }: ChangeTypes): Promise<undefined> {
    await carryOut(this, context, command.client, async () => {
      await mustHaveAll(this.types, command.add);
      return command;
    });
    return undefined;
  }
}
