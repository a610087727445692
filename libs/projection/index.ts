import type { PoolClient } from 'pg';
import type { PositionedRecord } from '#libs/event-store';

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
  /** Event types that it folds; pages are handed over without the others. */
  abstract readonly folds: readonly string[];
  abstract apply(page: readonly PositionedRecord[], client: PoolClient): Promise<void>;
}
