import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { EventStore } from '#libs/event-store';
import { Clock, type Instant } from '#libs/kernel';
import { isExpired } from '../erasure.decider.js';
import { Eraser, erasureIn, type ErasureRecord } from '../eraser.js';
import { Erasures } from '../erasures.js';
import { ErasureAbsent } from '../subject.errors.js';
import type { ErasureReason, HoldBasis } from '../subject.events.js';
import { readSubject } from '../subject.stream.js';

/**
 * An erasure as the administrators see it: what is to be approved, or the record of what was done.
 */
export interface ErasureView {
  readonly erasure: string;
  readonly subject: string;
  readonly state: 'requested' | 'expired' | 'withdrawn' | 'approved' | 'erased';
  readonly reason: ErasureReason;
  readonly requestedBy: string;
  /** At the terminal that asked; null where a client asked by itself. */
  readonly requestedByOperator: string | null;
  /** Registrars of the requester's key at the time of the request (`registrars`). */
  readonly requesterKeyFrom: string[];
  readonly approvedBy: string | null;
  readonly approvedByOperator: string | null;
  readonly approverKeyFrom: string[];
  /** Until when it can be approved. */
  readonly expires: Instant;
  /** Grounds of the legal holds that prevent it. */
  readonly holds: HoldBasis[];
  readonly record: ErasureRecord | null;
}

export class FindErasure extends Query<ErasureView> {
  constructor(readonly erasure: string) {
    super();
  }
}

@QueryHandler(FindErasure)
export class FindErasureHandler implements IQueryHandler<FindErasure> {
  constructor(
    private readonly store: EventStore,
    private readonly erasures: Erasures,
    private readonly eraser: Eraser,
    private readonly clock: Clock,
  ) {}

  async execute({ erasure: id }: FindErasure): Promise<ErasureView> {
    const subject = await this.erasures.subjectOf(id);
    const state = subject === null ? null : await readSubject(this.store, subject);
    const erasure = state === null ? null : erasureIn(state, id);
    if (subject === null || state === null || state.status === 'absent' || erasure === null)
      throw new ErasureAbsent('erasure_absent', 'there is no such erasure');
    const { status, by, requestedWith, approvedBy, approvedWith, reason, expires } = erasure;
    return {
      erasure: id,
      subject,
      state: isExpired(erasure, this.clock.now()) ? 'expired' : status,
      reason,
      requestedBy: by,
      requestedByOperator: requestedWith.operator?.operator ?? null,
      requesterKeyFrom: [...requestedWith.registrars],
      approvedBy,
      approvedByOperator: approvedWith?.operator?.operator ?? null,
      approverKeyFrom: [...(approvedWith?.registrars ?? [])],
      expires,
      holds: [...state.erasing.holds.values()],
      record: await this.eraser.recordOf(subject),
    };
  }
}

/** Erasures that wait for an approval, or are being carried out. */
export class ListErasures extends Query<readonly ErasureView[]> {}

@QueryHandler(ListErasures)
export class ListErasuresHandler implements IQueryHandler<ListErasures> {
  constructor(
    private readonly erasures: Erasures,
    private readonly one: FindErasureHandler,
  ) {}

  async execute(): Promise<readonly ErasureView[]> {
    const views: ErasureView[] = [];
    for (const { erasure } of await this.erasures.open()) {
      // A row is written before its event: one of an interrupted request leads to none.
      const view = await this.one.execute(new FindErasure(erasure)).catch(noneIfAbsent);
      if (view !== null) views.push(view);
    }
    return views;
  }
}

function noneIfAbsent(error: unknown): null {
  if (error instanceof ErasureAbsent) return null;
  throw error;
}
