import type { PoolClient } from 'pg';
import {
  type PositionedRecord,
  type RecordedEvent,
  recordedEvent,
  type Schemas,
} from '#libs/event-store';
import type { Fact } from '#libs/kernel';
import type { Numbered } from '#libs/platform';

/**
 * A statement on a projection's own tables that changes rows; `$1` and so on in it are its values.
 */
export interface Write {
  /** Unique among all statements of all projections: it is prepared under this name. */
  readonly name: string;
  /** Common table expressions that `text` uses, with names of their own among all statements. */
  readonly withs?: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

/** A page's writes that can be one statement. */
export interface Together {
  readonly writes: readonly Write[];
  /** A condition on the tables as they are before, without which they are not to be made so. */
  readonly where?: Numbered;
}

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

  /**
   * The same as writes of which none sees or changes a row that another one writes, so that all can
   * be one statement; null, or left out, where the page cannot be written so.
   */
  together?(page: readonly RecordedEvent<Event>[]): Together | null;
}

/** A write as common table expressions of a larger statement. */
export const asExpressions = ({ name, withs, text, values }: Write): Numbered => ({
  text: `${withs === undefined ? '' : `${withs}, `}${name} AS (${text})`,
  values,
});

/** Writes one after the other, for `apply`. */
export async function writeInOrder(writes: readonly Write[], client: PoolClient): Promise<void> {
  for (const { name, withs, text, values } of writes)
    await client.query({
      name,
      text: withs === undefined ? text : `WITH ${withs} ${text}`,
      values: [...values],
    });
}
