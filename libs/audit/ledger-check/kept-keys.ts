import type pg from 'pg';
import type { IdentityEvent } from '#libs/identity';
import type { JsonObject } from '#libs/kernel';
import { type AuthorityKeyRow, foldAuthorityKeys } from '../authority-key-rows.js';
import type { Finding } from './finding.js';

/** The read model of the keys of authorities, as it was at one moment. */
export interface KeptKeys {
  readonly rows: readonly AuthorityKeyRow[];
  /**
   * How many records it was folded from; null where not all of them were, or the count is unknown.
   */
  readonly whole: number | null;
}

/** The keys of authorities folded from records, and the leaf of each of their clients' records. */
export class FoldedKeys {
  readonly #clients = new Map<string, { rows: readonly AuthorityKeyRow[]; leaves: number[] }>();

  take(type: string, client: string, version: number, leaf: number, data: JsonObject): void {
    const known = this.#clients.get(client) ?? { rows: [], leaves: [] };
    const event = { type, data } as unknown as IdentityEvent;
    known.rows = foldAuthorityKeys(known.rows, event, client, version);
    known.leaves[version] = leaf;
    if (known.rows.length > 0) this.#clients.set(client, known);
  }

  /** Differences between the read model and the records that it was folded from. */
  against({ rows, whole }: KeptKeys): readonly Finding[] {
    const wrong = new Map<string, Finding>();
    const tell = (client: string, version: number) => {
      const stream = `client-${client}`;
      wrong.set(stream, { leaf: -1, stream, version, what: 'authority_keys_changed' });
    };
    const kept = new Map(rows.map((row) => [nameOf(row), row]));
    for (const row of rows) {
      const folded = this.#clients.get(row.client)?.rows.find((one) => nameOf(one) === nameOf(row));
      if (folded === undefined || !same(row, folded)) tell(row.client, row.since);
    }
    if (whole !== null)
      for (const { rows: folded, leaves } of this.#clients.values())
        for (const row of folded) {
          const has = (version: number) => (leaves[version] ?? whole) < whole;
          const there = kept.get(nameOf(row));
          const ends = row.until !== null && has(row.until);
          if (has(row.since) && (there === undefined || (ends && there.until === null)))
            tell(row.client, row.since);
        }
    return [...wrong.values()];
  }
}

const nameOf = ({ client, kid, since }: AuthorityKeyRow): string => `${client} ${kid} ${since}`;

/** What may have ended since the read model was read is no contradiction. */
const same = (kept: AuthorityKeyRow, folded: AuthorityKeyRow): boolean =>
  kept.authority === folded.authority &&
  kept.alg === folded.alg &&
  kept.jwk === folded.jwk &&
  (kept.until === null || kept.until === folded.until);

/**
 * One snapshot. @param beside whether the records are in the same database, which then counts them
 */
export async function readKeptKeys(pool: pg.Pool, beside: boolean): Promise<KeptKeys> {
  const made = await pool.query<{ there: boolean }>(
    "SELECT to_regclass('authority_key') IS NOT NULL AND to_regclass('projection_checkpoint') IS NOT NULL AS there",
  );
  // A log without read models, as a restore makes it before it folds them.
  if (made.rows[0]?.there !== true) return { rows: [], whole: null };
  const { rows } = await pool.query<{
    head: string | null;
    at: string | null;
    rows: readonly AuthorityKeyRow[] | null;
  }>(
    `SELECT ${beside ? '(SELECT position FROM log_head)' : 'NULL'} AS head,
            (SELECT position FROM projection_checkpoint WHERE name = 'authority-keys') AS at,
            (SELECT json_agg(k) FROM authority_key k) AS rows`,
  );
  const [row] = rows;
  const isWhole = row?.head != null && row.at != null && BigInt(row.at) >= BigInt(row.head);
  return { rows: row?.rows ?? [], whole: isWhole ? Number(row.head) : null };
}
