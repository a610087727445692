import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, EventStore } from '#libs/event-store';
import { actingKey, type ClientCaller, independenceOf } from '#libs/identity';
import { ExclusionAbsent } from '../exclusion.errors.js';
import type { Exclusion } from '../exclusion.decider.js';
import { onExclusions, readExclusions } from '../exclusion.stream.js';
import { ForeignEvents } from '../foreign-events.js';

/**
 * Another administrator approves: the events are left out from here on. A retry makes the sealers
 * check again, which a crash may have prevented.
 */
export class ApproveExclusion extends Command<Exclusion> {
  constructor(
    readonly context: CommandContext,
    readonly caller: ClientCaller,
    readonly exclusion: string,
  ) {
    super();
  }
}

@CommandHandler(ApproveExclusion)
export class ApproveExclusionHandler implements ICommandHandler<ApproveExclusion> {
  constructor(
    private readonly store: EventStore,
    private readonly foreign: ForeignEvents,
  ) {}

  async execute({ context, caller, exclusion }: ApproveExclusion): Promise<Exclusion> {
    const asked = (await readExclusions(this.store)).get(exclusion);
    if (asked === undefined)
      throw new ExclusionAbsent('exclusion_absent', 'there is no such exclusion');
    const approvedWith = await actingKey(this.store, caller);
    const { found, sealed } = await this.foreign.again(asked.stream, asked.events);
    const { state } = await onExclusions(this.store, context, {
      kind: 'approve-exclusion',
      exclusion,
      by: caller.client,
      with: approvedWith,
      ...(await independenceOf(
        this.store,
        { client: asked.requestedBy, with: asked.requestedWith },
        { client: caller.client, with: approvedWith },
      )),
      found,
      sealed,
      now: context.now,
    });
    await this.foreign.look();
    return state.get(exclusion) ?? asked;
  }
}
