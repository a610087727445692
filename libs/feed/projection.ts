import type { PoolClient } from 'pg';
import {
  type PositionedRecord,
  type RecordedEvent,
  recordedEvent,
  type Schemas,
} from '#libs/event-store';
import type { Fact } from '#libs/kernel';

/**
 * A read model derived from the feed and nothing else: it can be dropped and is rebuilt byte-equal.
 * The runner calls `apply` with pages in feed order inside a transaction that also moves the
 * checkpoint; an implementation:
 * - uses unqualified names of its own `tables` only: a rebuild runs it in a shadow schema through
 *   search_path;
 * - uses no clock, random numbers or sequences;
 * - writes a page with few statements, not one a record.
 */
export abstract class Projection<Event extends Fact = Fact> {
  /** Stable name, e.g. `wallet`: the checkpoint's key and what `mianzheng replay` takes. */
  abstract readonly name: string;
  /** Its tables, in an order in which they can be truncated. */
  abstract readonly tables: readonly string[];
  /** The event types that it folds, with the schemas that they have had: see `schemasOf`. */
  abstract readonly folds: Schemas<Event['type']>;
  /**
   * The part of a page that `apply` gets: the events of these types.
   * @throws EventSchemaUnknown
   */
  partOf(page: readonly PositionedRecord[]): readonly RecordedEvent<Event>[] {
    return page
      .filter(({ body }) => Object.hasOwn(this.folds, body.type))
      .map((record) => recordedEvent<Event>(this.folds, record));
  }

  abstract apply(page: readonly RecordedEvent<Event>[], client: PoolClient): Promise<void>;
}
