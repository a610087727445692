import type pg from 'pg';
import { inTransaction } from '#libs/platform';
import { KeysRefused } from '../vault.errors.js';
import { type KeyPurpose, VaultKeys } from './keys.js';

/**
 * A rotation of the master key holds this lock, and a start shares it briefly. The numbers are
 * unused otherwise, because the database is the ledger's alone.
 */
export const rotationLock = 0x6d7a_0004;
/** One process at a time makes keys, or checks whether its keys are the database's. */
const startLock = 0x6d7a_0005;

/** Ids of the keys under which the database was written, by what they are for. */
type KeysInUse = ReadonlyMap<KeyPurpose, readonly string[]>;

/**
 * The keys of a starting process, which must be those that the database was written under; one is
 * made only where the database names none of its purpose, because a fresh key in place of a lost
 * file would turn known people into unknown ones. Of two concurrent starts with separate folders,
 * the second is refused.
 * @throws KeysRefused
 */
export async function openKeys(
  pool: pg.Pool,
  folder: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<VaultKeys> {
  return inTransaction(pool, async (client) => {
    await mustNotRotate(client);
    await client.query('SELECT pg_advisory_xact_lock($1)', [startLock]);
    const inUse = await keysInUse(client);
    const keys = await VaultKeys.load(folder, env, (purpose) => !inUse.has(purpose));
    mustBeThoseInUse(keys, inUse);
    await keys.keepPairwise(folder, env);
    await client.query(
      `INSERT INTO vault.key_in_use (purpose, id)
       VALUES ('master', $1), ('pepper', $2), ('pairwise', $3) ON CONFLICT DO NOTHING`,
      [keys.master.current.id, keys.peppers.current.id, keys.pairwiseId],
    );
    return keys;
  });
}

/** A process that starts during a rotation would read a file that is about to change. */
async function mustNotRotate(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ free: boolean }>(
    'SELECT pg_try_advisory_xact_lock_shared($1) AS free',
    [rotationLock],
  );
  if (rows[0]?.free !== true)
    throw new KeysRefused(
      'master_key_rotating',
      'the master key is being rotated',
      {},
      { hint: 'Wait until `keys rotate-master` has ended, and start again.' },
    );
}

export async function keysInUse(client: pg.ClientBase): Promise<KeysInUse> {
  const { rows } = await client.query<{ purpose: KeyPurpose; ids: string[] }>(
    'SELECT purpose, array_agg(id ORDER BY since, id) AS ids FROM vault.key_in_use GROUP BY purpose',
  );
  return new Map(rows.map(({ purpose, ids }) => [purpose, ids]));
}

/** @throws KeysRefused `key_missing` where the database names a key that is not among these */
export function mustBeThoseInUse(keys: VaultKeys, inUse: KeysInUse): void {
  const has: Record<KeyPurpose, (id: string) => boolean> = {
    master: (id) => keys.master.has(id),
    pepper: (id) => keys.peppers.has(id),
    pairwise: (id) => id === keys.pairwiseId,
  };
  for (const [purpose, ids] of inUse) {
    const lost = ids.find((id) => !has[purpose](id));
    if (lost !== undefined)
      throw new KeysRefused(
        'key_missing',
        `the database was written under another ${purpose} key than this process was given`,
        { purpose, key: lost },
        { hint: 'Put the key file back that was in use, or restore its backup.' },
      );
  }
}
