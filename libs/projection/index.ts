import type { PoolClient } from 'pg';
import { inTodaysShape, type PositionedRecord, type Schemas } from '#libs/event-store';

/**
 * A read model that is derived from the feed and nothing else: it can be dropped and comes back byte-equal.
 *
 * The runner calls `apply` with pages in feed order inside a transaction that also moves the checkpoint. An implementation must use
 * unqualified names of its own `tables` only (a rebuild runs it in a shadow schema through search_path), take nothing from clocks, random
 * numbers or sequences, and write a page with few statements, not one a record.
 */
export abstract class Projection {
  /** Stable name, e.g. `wallet`: the checkpoint's key and what `mianzheng replay` takes. */
  abstract readonly name: string;
  /** Its tables, in an order in which they can be emptied. */
  abstract readonly tables: readonly string[];
  /** The event types that it folds, with the schemas that they have had: see `schemasOf`. */
  abstract readonly folds: Schemas;
  /**
   * What of a page is handed to `apply`: the records of these types, each in the shape that the program knows.
   * @throws EventSchemaUnknown
   */
  partOf(page: readonly PositionedRecord[]): readonly PositionedRecord[] {
    return page
      .filter(({ body }) => Object.hasOwn(this.folds, body.type))
      .map((record) => inTodaysShape(this.folds, record));
  }

  abstract apply(page: readonly PositionedRecord[], client: PoolClient): Promise<void>;
}
