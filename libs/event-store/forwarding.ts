import {
  type Appended,
  EventStore,
  type ForeignEvent,
  type HeadsStatement,
  type NewEvent,
  type Position,
  type PositionedRecord,
  type StoredRecord,
  type StreamHead,
} from './port.js';

/** An event store that delegates everything to another; subclasses override some methods. */
export abstract class ForwardingEventStore extends EventStore {
  constructor(protected readonly store: EventStore) {
    super();
  }

  get city(): string {
    return this.store.city;
  }
  append(stream: string, expected: number, events: readonly NewEvent[]): Promise<Appended> {
    return this.store.append(stream, expected, events);
  }
  readStream(stream: string, from?: number, limit?: number): Promise<readonly StoredRecord[]> {
    return this.store.readStream(stream, from, limit);
  }
  readLast(stream: string): Promise<StoredRecord | null> {
    return this.store.readLast(stream);
  }
  streamHeads(streams: readonly string[]): Promise<readonly (StreamHead | null)[]> {
    return this.store.streamHeads(streams);
  }
  override get headsStatement(): HeadsStatement | null {
    return this.store.headsStatement;
  }
  readAll(after: Position, limit: number): Promise<readonly PositionedRecord[]> {
    return this.store.readAll(after, limit);
  }
  findForeign(stream: string, after: Position): Promise<readonly ForeignEvent[]> {
    return this.store.findForeign(stream, after);
  }
  streamAt(position: Position): ReturnType<EventStore['streamAt']> {
    return this.store.streamAt(position);
  }
  head(): Promise<Position> {
    return this.store.head();
  }
  probe(): Promise<void> {
    return this.store.probe();
  }
  subscribe(after: Position, signal: AbortSignal): AsyncIterable<readonly PositionedRecord[]> {
    return this.store.subscribe(after, signal);
  }
  close(): Promise<void> {
    return this.store.close();
  }
}
