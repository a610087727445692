import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, EventStore } from '#libs/event-store';
import type { ClientCaller } from '#libs/identity';
import { Erasures } from '../erasures.js';
import { ErasureAbsent } from '../subject.errors.js';
import type { LiftBasis } from '../subject.events.js';
import { onSubject } from '../subject.stream.js';

export class LiftLegalHold extends Command<{ readonly hold: string }> {
  constructor(
    readonly context: CommandContext,
    readonly caller: ClientCaller,
    readonly hold: string,
    readonly basis: LiftBasis,
  ) {
    super();
  }
}

@CommandHandler(LiftLegalHold)
export class LiftLegalHoldHandler implements ICommandHandler<LiftLegalHold> {
  constructor(
    private readonly store: EventStore,
    private readonly erasures: Erasures,
  ) {}

  async execute({ context, caller, hold, basis }: LiftLegalHold) {
    const subject = await this.erasures.subjectOfHold(hold);
    if (subject === null)
      throw new ErasureAbsent('legal_hold_absent', 'there is no such legal hold');
    await onSubject(this.store, subject, context, {
      kind: 'lift-hold',
      hold,
      by: caller.client,
      basis,
    });
    return { hold };
  }
}
