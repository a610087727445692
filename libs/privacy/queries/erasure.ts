import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { EventStore } from '#libs/event-store';
import { Clock, type Instant } from '#libs/kernel';
import { isExpired } from '../erasure.decider.js';
import { Eraser, erasureIn, type ErasureRecord } from '../eraser.js';
import { Erasures } from '../erasures.js';
import { ErasureAbsent } from '../errors.js';
import { keyGivers } from '../key-hands.js';
import type { ErasureReason, HoldBasis } from '../privacy.events.js';
import { readSubject } from '../subject.stream.js';

/** An erasure as the administrators see it: what is to be approved, or the record of what was done. */
export interface ErasureView {
  readonly erasure: string;
  readonly subject: string;
  readonly state: 'requested' | 'expired' | 'withdrawn' | 'approved' | 'erased';
  readonly reason: ErasureReason;
  readonly requestedBy: string;
  /** Through whose hands the key of who asked came, as things stand now (`keyGivers`). */
  readonly requesterKeyFrom: string[];
  readonly approvedBy: string | null;
  readonly approverKeyFrom: string[];
  /** Until when it can be approved. */
  readonly expires: Instant | null;
  /** Grounds of the legal holds that stand against it. */
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
    if (subject === null || state === null || state.status === 'unknown' || erasure === null)
      throw new ErasureAbsent('erasure_absent', 'there is no such erasure');
    const { status, by, approvedBy, reason, expires } = erasure;
    return {
      erasure: id,
      subject,
      state: isExpired(erasure, this.clock.now()) ? 'expired' : status,
      reason,
      requestedBy: by,
      requesterKeyFrom: await keyGivers(this.store, by),
      approvedBy,
      approverKeyFrom: approvedBy === null ? [] : await keyGivers(this.store, approvedBy),
      expires,
      holds: [...state.erasing.holds.values()],
      record: await this.eraser.recordOf(subject),
    };
  }
}
