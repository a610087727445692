import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, EventStore } from '#libs/event-store';
import type { ClientCaller } from '#libs/identity';
import { Erasures } from '../erasures.js';
import { ErasureAbsent } from '../subject.errors.js';
import { onSubject } from '../subject.stream.js';

/**
 * The administrator who requested an erasure withdraws it, which is possible until another one has
 * approved it.
 */
export class WithdrawErasure extends Command<{ readonly erasure: string }> {
  constructor(
    readonly context: CommandContext,
    readonly caller: ClientCaller,
    readonly erasure: string,
  ) {
    super();
  }
}

@CommandHandler(WithdrawErasure)
export class WithdrawErasureHandler implements ICommandHandler<WithdrawErasure> {
  constructor(
    private readonly store: EventStore,
    private readonly erasures: Erasures,
  ) {}

  async execute({ context, caller, erasure }: WithdrawErasure) {
    const subject = await this.erasures.subjectOf(erasure);
    if (subject === null) throw new ErasureAbsent('erasure_absent', 'there is no such erasure');
    await onSubject(this.store, subject, context, {
      kind: 'withdraw-erasure',
      erasure,
      by: caller.client,
      operator: caller.operator?.operator ?? null,
      now: context.now,
    });
    await this.erasures.done(erasure);
    return { erasure };
  }
}
