import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { EventStore } from '#libs/event-store';
import { Erasures } from '../erasures.js';
import type { HoldBasis } from '../subject.events.js';
import { readSubject } from '../subject.stream.js';

/** A legal hold that stands. */
export interface StandingHold {
  readonly hold: string;
  readonly subject: string;
  readonly basis: HoldBasis;
}

export class ListLegalHolds extends Query<readonly StandingHold[]> {}

@QueryHandler(ListLegalHolds)
export class ListLegalHoldsHandler implements IQueryHandler<ListLegalHolds> {
  constructor(
    private readonly store: EventStore,
    private readonly erasures: Erasures,
  ) {}

  async execute(): Promise<readonly StandingHold[]> {
    const found: StandingHold[] = [];
    for (const { hold, subject } of await this.erasures.holds()) {
      const state = await readSubject(this.store, subject);
      const basis = state.status === 'absent' ? undefined : state.erasing.holds.get(hold);
      if (basis !== undefined) found.push({ hold, subject, basis });
    }
    return found;
  }
}
