import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, EventStore, freshId } from '#libs/event-store';
import { actingAdministrator, type ClientCaller, requesterChanged } from '#libs/identity';
import { type Instant, plusSeconds } from '#libs/kernel';
import { ERASURE_REQUEST_HOLDS, latestErasure } from '../erasure.decider.js';
import { Erasures } from '../erasures.js';
import type { ErasureReason } from '../subject.events.js';
import { onSubject, readSubject } from '../subject.stream.js';
import { type ErasureTarget, ErasureTargetResolver } from '../erasure-target.js';

/** An administrator requests an erasure. Where one is pending already, that one is returned. */
export class RequestErasure extends Command<{
  readonly erasure: string;
  readonly expires: Instant;
}> {
  constructor(
    readonly context: CommandContext,
    readonly caller: ClientCaller,
    readonly whom: ErasureTarget,
    readonly reason: ErasureReason,
  ) {
    super();
  }
}

@CommandHandler(RequestErasure)
export class RequestErasureHandler implements ICommandHandler<RequestErasure> {
  constructor(
    private readonly store: EventStore,
    private readonly whom: ErasureTargetResolver,
    private readonly erasures: Erasures,
  ) {}

  async execute({ context, caller, whom, reason }: RequestErasure) {
    const subject = await this.whom.subject(context, whom);
    const erasure = freshId(context, 'erasure');
    const { state } = await onSubject(
      this.store,
      subject,
      context,
      {
        kind: 'request-erasure',
        erasure,
        by: caller.client,
        with: await actingAdministrator(this.store, caller),
        reason,
        ended: await this.#ended(subject),
        now: context.now,
      },
      () => this.erasures.put(erasure, subject),
    );
    const erasing = state.status === 'absent' ? null : state.erasing;
    const pending = erasing && (erasing.erasures.get(erasure) ?? latestErasure(erasing));
    return {
      erasure: pending?.id ?? erasure,
      expires: pending?.expires ?? plusSeconds(context.now, ERASURE_REQUEST_HOLDS),
    };
  }

  /**
   * The erasure requested last, where it can no longer be approved because its requester changed.
   */
  async #ended(subject: string): Promise<string | null> {
    const state = await readSubject(this.store, subject);
    const latest = state.status === 'absent' ? null : latestErasure(state.erasing);
    if (latest?.status !== 'requested') return null;
    const requester = { client: latest.by, with: latest.requestedWith };
    return (await requesterChanged(this.store, requester)) ? latest.id : null;
  }
}
