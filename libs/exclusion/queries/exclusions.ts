import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { EventStore } from '#libs/event-store';
import { Clock } from '#libs/kernel';
import { type Exclusion, isExpired } from '../exclusion.decider.js';
import { readExclusions } from '../exclusion.stream.js';

/** An exclusion as administrators and auditors see it. */
export interface ExclusionView extends Omit<
  Exclusion,
  'status' | 'id' | 'requestedWith' | 'approvedWith'
> {
  readonly exclusion: string;
  readonly state: 'requested' | 'expired' | 'withdrawn' | 'excluded';
  /** Registrars of the keys with which both administrators acted (`registrars`). */
  readonly requesterKeyFrom: readonly string[];
  readonly approverKeyFrom: readonly string[];
}

/** All exclusions ever requested, in order. */
export class FindExclusions extends Query<readonly ExclusionView[]> {}

@QueryHandler(FindExclusions)
export class FindExclusionsHandler implements IQueryHandler<FindExclusions> {
  constructor(
    private readonly store: EventStore,
    private readonly clock: Clock,
  ) {}

  async execute(): Promise<readonly ExclusionView[]> {
    const now = this.clock.now();
    const exclusions = await readExclusions(this.store);
    return [...exclusions.values()].map((exclusion) => {
      const { status, id, requestedWith, approvedWith, ...rest } = exclusion;
      return {
        ...rest,
        exclusion: id,
        state: isExpired(exclusion, now) ? ('expired' as const) : status,
        requesterKeyFrom: requestedWith.registrars,
        approverKeyFrom: approvedWith?.registrars ?? [],
      };
    });
  }
}
