import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, EventStore } from '#libs/event-store';
import { actingAdministrator, type ClientCaller, independenceOf } from '#libs/identity';
import { Eraser, erasureIn, type ErasureRecord } from '../eraser.js';
import { Erasures } from '../erasures.js';
import { ErasureAbsent } from '../subject.errors.js';
import { onSubject, readSubject } from '../subject.stream.js';

/**
 * Another administrator approves: the erasure is carried out before the response. A retry finishes
 * what a failed attempt left.
 */
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
    const approvedWith = await actingAdministrator(this.store, caller);
    await onSubject(this.store, subject, context, {
      kind: 'approve-erasure',
      erasure,
      by: caller.client,
      with: approvedWith,
      ...(await independenceOf(
        this.store,
        { client: asked.by, with: asked.requestedWith },
        { client: caller.client, with: approvedWith },
      )),
      now: context.now,
    });
    return { erasure, record: await this.eraser.carryOut(context, subject, erasure) };
  }
}
