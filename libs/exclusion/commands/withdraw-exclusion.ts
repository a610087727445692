import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, EventStore } from '#libs/event-store';
import type { ClientCaller } from '#libs/identity';
import { onExclusions } from '../exclusion.stream.js';

/** The administrator who requested an exclusion withdraws it, before an approval. */
export class WithdrawExclusion extends Command<{ readonly exclusion: string }> {
  constructor(
    readonly context: CommandContext,
    readonly caller: ClientCaller,
    readonly exclusion: string,
  ) {
    super();
  }
}

@CommandHandler(WithdrawExclusion)
export class WithdrawExclusionHandler implements ICommandHandler<WithdrawExclusion> {
  constructor(private readonly store: EventStore) {}

  async execute({ context, caller, exclusion }: WithdrawExclusion) {
    await onExclusions(this.store, context, {
      kind: 'withdraw-exclusion',
      exclusion,
      by: caller.client,
    });
    return { exclusion };
  }
}
