import { createHash, randomBytes } from 'node:crypto';
import pg from 'pg';
import { createEventStore, PostgresEventStore } from '#libs/event-store/postgres';
import { formatKey, type NoteSigner, SignatureType } from '#libs/log';
import { nodeSha256, nodeSigner, nodeVerify } from '#libs/sealing';
import {
  createSealing,
  PostgresLogStorage,
  LogReceipts,
  Sealer,
  TileMemory,
  TileReading,
} from '#libs/sealing/sealing.module';
import { parsePolicy, type Policy } from '#libs/verify';
import { eventCity } from './append/side.js';

/** A ledger with a log and no witness, for measurements. */
export interface SealedBench {
  readonly pool: pg.Pool;
  readonly store: PostgresEventStore;
  readonly receipts: LogReceipts;
  readonly reading: TileReading;
  readonly policy: Policy;
  readonly sealer: () => Sealer;
  close(): Promise<void>;
}

export async function sealedBench(url: string): Promise<SealedBench> {
  const pool = new pg.Pool({ connectionString: url });
  await createEventStore(pool);
  await createSealing(pool);
  return openSealed(pool);
}

/** On tables that are there. */
export async function openSealed(pool: pg.Pool): Promise<SealedBench> {
  const store = await PostgresEventStore.open({ city: eventCity, pool });
  const signer: NoteSigner = nodeSigner(eventCity, SignatureType.ed25519, randomBytes(32));
  const storage = new PostgresLogStorage(pool);
  const { leaves } = storage;
  const policy = parsePolicy(`log ${formatKey(signer.key)}\nquorum none\n`);
  const memory = new TileMemory();
  const sealers: Sealer[] = [];
  const sealer = () => {
    const one = new Sealer({
      store,
      storage,
      leaves,
      signer,
      policy,
      witnesses: [],
      hash: nodeSha256,
      verify: nodeVerify,
      memory,
    });
    sealers.push(one);
    return one;
  };
  const first = sealer();
  return {
    pool,
    store,
    receipts: new LogReceipts({ storage, leaves, signer, hash: nodeSha256, sealer: first, memory }),
    reading: new TileReading(storage, leaves, nodeSha256, memory),
    policy,
    sealer: () => first,
    close: async () => {
      for (const one of sealers) await one.stop();
      await store.close();
      await pool.end();
    },
  };
}

/**
 * Fills the records' table to `size` at once, with bytes that hash to their hash: records are not
 * read by what is measured on them, so they need not be the product's.
 */
export async function fill(pool: pg.Pool, from: number, size: number): Promise<void> {
  const zero = "'\\x00'::bytea";
  await pool.query(
    `INSERT INTO log_record (position, version, stream, hash, bytes)
     SELECT n, 0, 'case-' || lpad(n::text, 22, '0'), sha256(${zero} || b), b
     FROM generate_series($1::bigint, $2::bigint) n,
       LATERAL (SELECT convert_to(repeat(n::text || ' ', 60), 'utf8') AS b) bytes`,
    [from + 1, size],
  );
  await pool.query('UPDATE log_head SET position = $1', [size]);
  await pool.query('VACUUM ANALYZE log_record');
}

/** The name of a record that `fill` made. */
export const filled = (n: number) => ({
  stream: `case-${String(n).padStart(22, '0')}`,
  version: 0,
  hash: createHash('sha256').update('\0').update(`${n} `.repeat(60)).digest('hex'),
});
