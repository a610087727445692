import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, EventStore } from '#libs/event-store';
import { KnownOperators } from '../known-operators.js';
import { OperatorDirectory } from '../operator-directory.js';
import { OperatorNames } from '../operator-names.js';
import type { InviteCommand } from '../operators.decider.js';
import { carryOut } from './carry-out.js';

export class InviteOperator {
  constructor(
    readonly context: CommandContext,
    /** `name` in clear: it is sealed before anything is recorded. */
    readonly command: Omit<InviteCommand, 'name'> & { readonly name: string },
  ) {}
}

@CommandHandler(InviteOperator)
export class InviteOperatorHandler implements ICommandHandler<InviteOperator, undefined> {
  constructor(
    readonly store: EventStore,
    readonly directory: OperatorDirectory,
    private readonly names: OperatorNames,
    private readonly known: KnownOperators,
  ) {}

  async execute({ context, command }: InviteOperator): Promise<undefined> {
    const { operator, department } = command;
    await this.known.keep(operator, department);
    await carryOut(this, context, operator, async () => ({
      ...command,
      name: await this.names.seal(operator, command.name),
    }));
    return undefined;
  }
}
