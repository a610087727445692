import {
  type Appended,
  type EventStore,
  ForwardingEventStore,
  type NewEvent,
  type Position,
  type PositionedRecord,
  type StoredRecord,
  type StreamHead,
} from '#libs/event-store';
import { ProductError } from '#libs/kernel';
import { inChildSpan } from '#libs/tracing';
import type { Metrics } from './metrics.js';

/** The label of an event in the counters of consents and erasures. */
const outcomes: Readonly<Record<string, string>> = {
  ConsentRequested: 'asked',
  ConsentGranted: 'granted',
  ConsentRefused: 'refused',
  ConsentWithdrawn: 'withdrawn',
  ConsentEnded: 'ended',
  ConsentRedeemed: 'spent',
};
const erasures: Readonly<Record<string, string>> = {
  ErasureRequested: 'requested',
  ErasureWithdrawn: 'withdrawn',
  ErasureApproved: 'approved',
  SubjectErased: 'done',
};

/** Names of streams are a kind, a dash and a random id. */
const kindOf = (stream: string): string => stream.split('-', 1)[0] ?? '';

/**
 * An event store whose appends are counted and timed, and whose reads are timed; everything else is
 * delegated.
 */
export class MeasuredEventStore extends ForwardingEventStore {
  constructor(
    store: EventStore,
    private readonly metrics: Metrics,
  ) {
    super(store);
  }

  override append(
    stream: string,
    expected: number,
    events: readonly NewEvent[],
  ): Promise<Appended> {
    const event = events[0]?.type;
    return inChildSpan(
      'append',
      {
        'mianzheng.stream': kindOf(stream),
        'mianzheng.records': events.length,
        ...(event !== undefined && { 'mianzheng.event': event }),
      },
      () => this.appendTimed(stream, expected, events),
    );
  }

  private async appendTimed(
    stream: string,
    expected: number,
    events: readonly NewEvent[],
  ): Promise<Appended> {
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
    if (type === 'ReleaseWithheld') this.metrics.releases.inc({ kind: 'withheld' });
    const step = erasures[type];
    if (step !== undefined) this.metrics.erasures.inc({ step });
  }

  override readStream(
    stream: string,
    from?: number,
    limit?: number,
  ): Promise<readonly StoredRecord[]> {
    return inChildSpan('read stream', { 'mianzheng.stream': kindOf(stream) }, () =>
      this.timed('stream', () => this.store.readStream(stream, from, limit)),
    );
  }
  override readLast(stream: string): Promise<StoredRecord | null> {
    return inChildSpan('read stream', { 'mianzheng.stream': kindOf(stream) }, () =>
      this.timed('stream', () => this.store.readLast(stream)),
    );
  }
  override streamHeads(streams: readonly string[]): Promise<readonly (StreamHead | null)[]> {
    return inChildSpan('ask for heads', {}, () =>
      this.timed('heads', () => this.store.streamHeads(streams)),
    );
  }
  override readAll(after: Position, limit: number): Promise<readonly PositionedRecord[]> {
    return this.timed('feed', () => this.store.readAll(after, limit));
  }

  private async timed<Result>(of: string, read: () => Promise<Result>): Promise<Result> {
    const end = this.metrics.reads.startTimer({ of });
    try {
      return await read();
    } finally {
      end();
    }
  }
}
