import {
  type Appended,
  EventStore,
  type NewEvent,
  type Position,
  type PositionedRecord,
  START,
  type StoredRecord,
} from '#libs/event-store';

/** Far above what a number can count exactly, and with gaps: whoever counts by positions, or turns one into a number, is wrong. */
const sparse = (position: Position): Position =>
  position === START ? START : (1n << 55n) + position * 1009n;
const dense = (position: Position): Position =>
  position === START ? START : (position - (1n << 55n)) / 1009n;

/** A store whose positions say which record comes first and nothing else, as those of some stores do. */
export class SparsePositions extends EventStore {
  constructor(private readonly store: EventStore) {
    super();
  }
  get city(): string {
    return this.store.city;
  }
  append(stream: string, expected: number, events: readonly NewEvent[]): Promise<Appended> {
    return this.store.append(stream, expected, events);
  }
  readStream(stream: string, from?: number): Promise<readonly StoredRecord[]> {
    return this.store.readStream(stream, from);
  }
  async readAll(after: Position, limit: number): Promise<readonly PositionedRecord[]> {
    return placed(await this.store.readAll(dense(after), limit));
  }
  async head(): Promise<Position> {
    return sparse(await this.store.head());
  }
  async *subscribe(
    after: Position,
    signal: AbortSignal,
  ): AsyncGenerator<readonly PositionedRecord[], void> {
    for await (const page of this.store.subscribe(dense(after), signal)) yield placed(page);
  }
  close(): Promise<void> {
    return this.store.close();
  }
}

const placed = (records: readonly PositionedRecord[]): readonly PositionedRecord[] =>
  records.map(({ bytes, hash, body, position }) => ({
    bytes,
    hash,
    body,
    position: sparse(position),
  }));
