import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, EventStore, freshId } from '#libs/event-store';
import type { Instant } from '#libs/kernel';
import type { ClientCaller } from '#libs/identity';
import { latestErasure } from '../erasure.decider.js';
import { Erasures } from '../erasures.js';
import type { ErasureReason } from '../privacy.events.js';
import { onSubject } from '../subject.stream.js';
import { type Whom, WhomToErase } from '../whom.js';

/** An administrator asks for an erasure. Where one was asked for before, the answer is that one. */
export class RequestErasure extends Command<{
  readonly erasure: string;
  readonly expires: Instant | null;
}> {
  constructor(
    readonly context: CommandContext,
    readonly caller: ClientCaller,
    readonly whom: Whom,
    readonly reason: ErasureReason,
  ) {
    super();
  }
}

@CommandHandler(RequestErasure)
export class RequestErasureHandler implements ICommandHandler<RequestErasure> {
  constructor(
    private readonly store: EventStore,
    private readonly whom: WhomToErase,
    private readonly erasures: Erasures,
  ) {}

  async execute({ context, caller, whom, reason }: RequestErasure) {
    const subject = await this.whom.subject(context, whom);
    const erasure = freshId(context, 'erasure');
    const { state } = await onSubject(
      this.store,
      subject,
      context,
      { do: 'request-erasure', erasure, by: caller.client, reason, now: context.now },
      () => this.erasures.put(erasure, subject),
    );
    const pending = state.status === 'unknown' ? null : latestErasure(state.erasing);
    return { erasure: pending?.id ?? erasure, expires: pending?.expires ?? null };
  }
}
