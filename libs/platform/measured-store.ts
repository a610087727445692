import {
  type Appended,
  EventStore,
  type NewEvent,
  type Position,
  type PositionedRecord,
  type StoredRecord,
} from '#libs/event-store';
import { ProductError } from '#libs/kernel';
import type { Metrics } from './metrics.js';

/** What the counters of consents and releases call an event. */
const outcomes: Readonly<Record<string, string>> = {
  ConsentRequested: 'requested',
  ConsentGranted: 'granted',
  ConsentRefused: 'refused',
  ConsentWithdrawn: 'withdrawn',
  ConsentRedeemed: 'redeemed',
};
const releases: Readonly<Record<string, string>> = {
  ConsentRedeemed: 'released',
  ReleaseWithheld: 'withheld',
  ReleaseReadAgain: 'read_again',
};

/** An event store whose appends are counted and timed. Everything else is the store's own. */
export class MeasuredEventStore extends EventStore {
  constructor(
    private readonly store: EventStore,
    private readonly metrics: Metrics,
  ) {
    super();
  }

  get city(): string {
    return this.store.city;
  }

  async append(stream: string, expected: number, events: readonly NewEvent[]): Promise<Appended> {
    const end = this.metrics.appends.startTimer();
    try {
      const appended = await this.store.append(stream, expected, events);
      end({ outcome: appended.repeated ? 'repeated' : 'appended' });
      if (!appended.repeated) for (const { type } of events) this.count(type);
      return appended;
    } catch (error) {
      end({ outcome: error instanceof ProductError ? (error.code as string) : 'failed' });
      throw error;
    }
  }

  private count(type: string): void {
    this.metrics.events.inc({ type });
    const outcome = outcomes[type];
    if (outcome !== undefined) this.metrics.consents.inc({ outcome });
    const kind = releases[type];
    if (kind !== undefined) this.metrics.releases.inc({ kind });
  }

  readStream(stream: string, from?: number): Promise<readonly StoredRecord[]> {
    return this.store.readStream(stream, from);
  }
  readAll(after: Position, limit: number): Promise<readonly PositionedRecord[]> {
    return this.store.readAll(after, limit);
  }
  head(): Promise<Position> {
    return this.store.head();
  }
  subscribe(after: Position, signal: AbortSignal): AsyncIterable<readonly PositionedRecord[]> {
    return this.store.subscribe(after, signal);
  }
  close(): Promise<void> {
    return this.store.close();
  }
}
