import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { EventStore } from '#libs/event-store';
import { Eraser, type ErasureRecord } from '../eraser.js';
import { Erasures } from '../erasures.js';
import { ErasureAbsent } from '../errors.js';
import type { ErasureReason, HoldBasis } from '../privacy.events.js';
import { readSubject } from '../subject.stream.js';

/** An erasure as the administrators see it: what is to be approved, or the record of what was done. */
export interface ErasureView {
  readonly erasure: string;
  readonly subject: string;
  readonly state: 'requested' | 'approved' | 'erased';
  readonly reason: ErasureReason;
  readonly requestedBy: string;
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
  ) {}

  async execute({ erasure: id }: FindErasure): Promise<ErasureView> {
    const subject = await this.erasures.subjectOf(id);
    const state = subject === null ? null : await readSubject(this.store, subject);
    const erasing = state === null || state.status === 'unknown' ? null : state.erasing;
    if (subject === null || erasing?.erasure?.id !== id)
      throw new ErasureAbsent('erasure_absent', 'there is no such erasure');
    const { status, by, reason } = erasing.erasure;
    return {
      erasure: id,
      subject,
      state: status,
      reason,
      requestedBy: by,
      holds: [...erasing.holds.values()],
      record: await this.eraser.recordOf(subject),
    };
  }
}
