import {
  type EventStore,
  type ForeignEvent,
  ForwardingEventStore,
  type Position,
  type PositionedRecord,
  START,
  StoreDamaged,
} from '#libs/event-store';

/**
 * Far above the safe integers, and with gaps: code that counts by positions, or converts one to a
 * number, fails.
 */
const sparse = (position: Position): Position =>
  position === START ? START : (1n << 55n) + position * 1009n;
const dense = (position: Position): Position =>
  position === START ? START : (position - (1n << 55n)) / 1009n;

/**
 * A store whose positions say which record comes first and nothing else, as those of some stores
 * do.
 */
export class SparsePositions extends ForwardingEventStore {
  override async readAll(after: Position, limit: number): Promise<readonly PositionedRecord[]> {
    return placed(
      await this.store.readAll(dense(after), limit).catch((error: unknown) => {
        throw error instanceof StoreDamaged ? displaced(error) : error;
      }),
    );
  }
  override async findForeign(stream: string, after: Position): Promise<readonly ForeignEvent[]> {
    const found = await this.store.findForeign(stream, dense(after));
    return found.map((event) => ({ ...event, position: sparse(event.position) }));
  }
  override streamAt(position: Position): ReturnType<EventStore['streamAt']> {
    return this.store.streamAt(dense(position));
  }
  override async head(): Promise<Position> {
    return sparse(await this.store.head());
  }
  override async *subscribe(
    after: Position,
    signal: AbortSignal,
  ): AsyncGenerator<readonly PositionedRecord[], void> {
    for await (const page of this.store.subscribe(dense(after), signal)) yield placed(page);
  }
}

/** Where damage is, as readers of this store know places. */
function displaced(error: StoreDamaged): StoreDamaged {
  const { position } = error.facts;
  if (typeof position !== 'string') return error;
  const facts = { ...error.facts, position: String(sparse(BigInt(position))) };
  return new StoreDamaged('store_damaged', error.message, facts, { cause: error });
}

const placed = (records: readonly PositionedRecord[]): readonly PositionedRecord[] =>
  records.map(({ bytes, hash, body, position }) => ({
    bytes,
    hash,
    body,
    position: sparse(position),
  }));
