import {
  type Appended,
  EventStore,
  type NewEvent,
  type Position,
  type PositionedRecord,
  type StoredRecord,
} from '#libs/event-store';
import { howToGoOn, LedgerReadOnly } from './sealing.errors.js';

/**
 * An event store that takes no more appends once a sealer has refused, of this process or of another: what is appended to a ledger that contradicts its own log could
 * never be proved. Reading goes on.
 */
export class ReadOnlyOnAlarm extends EventStore {
  /** @param alarm why the log refuses to go on; null while all is well */
  constructor(
    private readonly store: EventStore,
    private readonly alarm: () => { readonly code: string } | null,
  ) {
    super();
  }

  get city(): string {
    return this.store.city;
  }

  /** @throws LedgerReadOnly, and what the store throws */
  append(stream: string, expected: number, events: readonly NewEvent[]): Promise<Appended> {
    const alarm = this.alarm();
    if (alarm === null) return this.store.append(stream, expected, events);
    return Promise.reject(
      new LedgerReadOnly(
        'ledger_read_only',
        'the ledger takes nothing new: its log refuses it',
        { alarm: alarm.code },
        { hint: howToGoOn(alarm.code) },
      ),
    );
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
