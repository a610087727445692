import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, EventStore, freshId, nameOfForeign } from '#libs/event-store';
import { actingKey, type ClientCaller, requesterChanged } from '#libs/identity';
import { askedBefore, type Exclusion } from '../exclusion.decider.js';
import type { ForeignReason } from '../exclusion.events.js';
import { onExclusions, readExclusions } from '../exclusion.stream.js';
import { type EventPlace, ForeignEvents } from '../foreign-events.js';
import { ExclusionAbsent } from '../exclusion.errors.js';

/**
 * An administrator requests that the foreign events under a stream's name be left out. Where a
 * request is pending already, that one is returned.
 */
export class RequestExclusion extends Command<Exclusion> {
  constructor(
    readonly context: CommandContext,
    readonly caller: ClientCaller,
    /** A stream by its name, or by one of its events. */
    readonly at: string | EventPlace,
    readonly reason: ForeignReason,
  ) {
    super();
  }
}

@CommandHandler(RequestExclusion)
export class RequestExclusionHandler implements ICommandHandler<RequestExclusion> {
  constructor(
    private readonly store: EventStore,
    private readonly foreign: ForeignEvents,
  ) {}

  async execute({ context, caller, at, reason }: RequestExclusion): Promise<Exclusion> {
    const exclusion = freshId(context, 'exclusion');
    const { stream, found, sealed } = await (typeof at === 'string'
      ? this.foreign.under(at)
      : this.foreign.around(at));
    const { now } = context;
    const ended = await this.#ended(stream);
    const { state } = await onExclusions(this.store, context, {
      kind: 'request-exclusion',
      exclusion,
      by: caller.client,
      with: await actingKey(this.store, caller),
      stream,
      reason,
      found,
      sealed,
      ended,
      now,
    });
    const asked =
      state.get(exclusion) ?? askedBefore(state, stream, found.map(nameOfForeign), { ended, now });
    if (asked === null) throw new ExclusionAbsent('exclusion_absent', 'there is no such exclusion');
    return asked;
  }

  /** Exclusions of the stream that can no longer be approved because their requester changed. */
  async #ended(stream: string): Promise<ReadonlySet<string>> {
    const ended = new Set<string>();
    for (const asked of (await readExclusions(this.store)).values()) {
      if (asked.status !== 'requested' || asked.stream !== stream) continue;
      const requester = { client: asked.requestedBy, with: asked.requestedWith };
      if (await requesterChanged(this.store, requester)) ended.add(asked.id);
    }
    return ended;
  }
}
