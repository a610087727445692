import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, EventStore } from '#libs/event-store';
import type { ClientCaller } from '#libs/identity';
import { Eraser, erasureIn, type ErasureRecord } from '../eraser.js';
import { Erasures } from '../erasures.js';
import { ErasureAbsent } from '../errors.js';
import { sameHands } from '../key-hands.js';
import { onSubject, readSubject } from '../subject.stream.js';

/** Another administrator approves: the erasure is carried out before the answer. Sent again, it finishes what was left half done. */
export class ApproveErasure extends Command<{
  readonly erasure: string;
  readonly record: ErasureRecord | null;
}> {
  constructor(
    readonly context: CommandContext,
    readonly caller: ClientCaller,
    readonly erasure: string,
  ) {
    super();
  }
}

@CommandHandler(ApproveErasure)
export class ApproveErasureHandler implements ICommandHandler<ApproveErasure> {
  constructor(
    private readonly store: EventStore,
    private readonly erasures: Erasures,
    private readonly eraser: Eraser,
  ) {}

  async execute({ context, caller, erasure }: ApproveErasure) {
    const subject = await this.erasures.subjectOf(erasure);
    const asked = subject && erasureIn(await readSubject(this.store, subject), erasure);
    if (subject === null || !asked)
      throw new ErasureAbsent('erasure_absent', 'there is no such erasure');
    await onSubject(this.store, subject, context, {
      do: 'approve-erasure',
      erasure,
      by: caller.client,
      sameHands: await sameHands(this.store, caller.client, asked.by),
      now: context.now,
    });
    return { erasure, record: await this.eraser.carryOut(context, subject, erasure) };
  }
}
