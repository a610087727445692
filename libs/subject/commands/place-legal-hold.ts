import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, EventStore, freshId } from '#libs/event-store';
import type { ClientCaller } from '#libs/identity';
import { Erasures } from '../erasures.js';
import type { HoldBasis } from '../subject.events.js';
import { onSubject } from '../subject.stream.js';
import { type ErasureTarget, ErasureTargetResolver } from '../erasure-target.js';

/**
 * An administrator says that a subject's data must stay for now: no erasure of it is approved while
 * the hold stands.
 */
export class PlaceLegalHold extends Command<{ readonly hold: string }> {
  constructor(
    readonly context: CommandContext,
    readonly caller: ClientCaller,
    readonly whom: ErasureTarget,
    readonly basis: HoldBasis,
  ) {
    super();
  }
}

@CommandHandler(PlaceLegalHold)
export class PlaceLegalHoldHandler implements ICommandHandler<PlaceLegalHold> {
  constructor(
    private readonly store: EventStore,
    private readonly whom: ErasureTargetResolver,
    private readonly erasures: Erasures,
  ) {}

  async execute({ context, caller, whom, basis }: PlaceLegalHold) {
    const subject = await this.whom.subject(context, whom);
    const hold = freshId(context, 'legal-hold');
    await onSubject(
      this.store,
      subject,
      context,
      { kind: 'place-hold', hold, by: caller.client, basis },
      () => this.erasures.putHold(hold, subject),
    );
    return { hold };
  }
}
