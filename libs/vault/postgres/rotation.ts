import { randomBytes } from 'node:crypto';
import { open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type pg from 'pg';
import { flushFolder } from '#libs/platform';
import { KeysRefused, RotationRefused } from '../vault.errors.js';
import { unwrapKey, wrapKey } from '../seal.js';
import { keysInUse, mustBeThoseInUse, rotationLock } from './keys-in-use.js';
import { lineOf, VaultKeys } from './keys.js';

/** Rows rewrapped in one statement. */
const page = 2000;

/** A tenth of a second apart: a city that is just stopping is waited for. */
const looksForStopped = 50;

export interface Rotation {
  /** Subject keys that were rewrapped. */
  readonly rewrapped: number;
  /** Ids of the master keys that were destroyed. */
  readonly retired: readonly string[];
}

/**
 * Gives the vault a new master key and destroys the old one, so that older backups of the vault can
 * no longer be opened; after an interruption the next call continues. Refused, with nothing
 * written, while a city runs (its processes read their keys at the start), during another rotation,
 * and where the folder's keys are not the database's.
 * @param folder where `master.key` is
 * @throws RotationRefused, KeysRefused
 */
export async function rotateMasterKey(
  pool: pg.Pool,
  folder: string,
  env: NodeJS.ProcessEnv = process.env,
  onProgress: (rewrapped: number) => void = () => undefined,
): Promise<Rotation> {
  const file = join(folder, 'master.key');
  if ((env['MASTER_KEY'] ?? '') !== '')
    throw new RotationRefused(
      'master_key_in_environment',
      'the master key is handed in by MASTER_KEY, and only one in a file can be rotated',
      {},
      {
        hint: `Write it into ${file} (mode 0600), leave MASTER_KEY and MASTER_KEY_FILE away for good, start a ledger once, stop it, and rotate.`,
      },
    );
  // One connection for all of it: a process that loses the lock with its connection cannot write
  // any more.
  const client = await pool.connect();
  const lost = () => undefined; // the next statement fails and reports it
  client.on('error', lost);
  let alone = false;
  try {
    alone = await takeLock(client);
    await mustStandStill(client);
    const rotation = await rotate(client, folder, file, env, onProgress);
    await removeDrafts(file);
    return rotation;
  } finally {
    if (alone)
      await client.query('SELECT pg_advisory_unlock($1)', [rotationLock]).catch(() => undefined);
    client.off('error', lost);
    client.release();
  }
}

async function rotate(
  client: pg.ClientBase,
  folder: string,
  file: string,
  env: NodeJS.ProcessEnv,
  onProgress: (rewrapped: number) => void,
): Promise<Rotation> {
  let keys = await VaultKeys.load(folder, env);
  await mustBeTheDatabases(client, keys);
  // The pairwise secret derived from the oldest master key must survive it.
  await keys.keepPairwise(folder, env);
  // Two keys in the file are an interrupted rotation: it is completed, and no third key is made.
  if ([...keys.master.all].length === 1) {
    await replace(file, [keys.master.current.bytes, randomBytes(32)]);
    keys = await VaultKeys.load(folder, env);
  }
  const { current } = keys.master;
  await client.query(
    `INSERT INTO vault.key_in_use (purpose, id) VALUES ('master', $1) ON CONFLICT DO NOTHING`,
    [current.id],
  );
  const rewrapped = await rewrapAll(client, keys, onProgress);
  const retired = [...keys.master.all].map(({ id }) => id).filter((id) => id !== current.id);
  await retire(client, current.id, retired);
  await replace(file, [current.bytes]);
  return { rewrapped, retired };
}

async function takeLock(client: pg.ClientBase): Promise<true> {
  const { rows } = await client.query<{ free: boolean }>(
    'SELECT pg_try_advisory_lock($1) AS free',
    [rotationLock],
  );
  if (rows[0]?.free === true) return true;
  throw new RotationRefused(
    'rotation_under_way',
    'the master key of this database is being rotated, or a city is just starting on it',
    {},
    { hint: 'Wait for the end of it, and look whether there is still something to rotate.' },
  );
}

/**
 * Every process of a city holds a connection, for the feed of records. Its server process ends a
 * moment after it: a city that has just stopped is waited for.
 */
async function mustStandStill(client: pg.ClientBase): Promise<void> {
  for (let look = 0; look < looksForStopped; look += 1) {
    const { rowCount } = await client.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database()
       AND application_name LIKE 'mianzheng%' AND application_name <> 'mianzheng cli'`,
    );
    if (rowCount === 0) return;
    await setTimeout(100);
  }
  throw new RotationRefused(
    'city_running',
    'a city works on this database',
    {},
    { hint: 'Stop every process of the city, rotate, and start them again.' },
  );
}

/**
 * The keys of another city, or those before another rotation, would be taken for this one's, and
 * this one's destroyed.
 */
async function mustBeTheDatabases(client: pg.ClientBase, keys: VaultKeys): Promise<void> {
  const inUse = await keysInUse(client);
  if (!inUse.has('master'))
    throw new RotationRefused(
      'vault_not_in_use',
      'no city was ever started on this database',
      {},
      { hint: 'DATA_DIR or DATABASE_URL names the city whose master key is to be rotated.' },
    );
  mustBeThoseInUse(keys, inUse);
  const { rows } = await client.query<{ key: string }>(
    `SELECT master_key_id AS key FROM vault.subject_key
     WHERE wrapped IS NOT NULL AND NOT (master_key_id = ANY($1)) LIMIT 1`,
    [[...keys.master.all].map(({ id }) => id)],
  );
  const [lost] = rows;
  if (lost !== undefined)
    throw new KeysRefused(
      'key_missing',
      'subject keys stand under a master key that is not in the file',
      { purpose: 'master', key: lost.key },
      { hint: 'Put the key into the file, above the one that is there, and rotate again.' },
    );
}

async function rewrapAll(
  client: pg.ClientBase,
  keys: VaultKeys,
  onProgress: (rewrapped: number) => void,
): Promise<number> {
  const { id } = keys.master.current;
  const under = keys.wrappingKey(id);
  let rewrapped = 0;
  for (let after = ''; ;) {
    const { rows } = await client.query<{ subject: string; key: string; wrapped: Buffer }>(
      `SELECT subject, master_key_id AS key, wrapped FROM vault.subject_key
       WHERE subject > $1 AND wrapped IS NOT NULL AND master_key_id <> $2
       ORDER BY subject LIMIT $3`,
      [after, id, page],
    );
    const last = rows.at(-1);
    if (last === undefined) return rewrapped;
    await client.query(
      `UPDATE vault.subject_key AS k SET wrapped = n.anew, master_key_id = $1
       FROM unnest($2::text[], $3::bytea[], $4::bytea[]) AS n (subject, before, anew)
       WHERE k.subject = n.subject AND k.wrapped = n.before`,
      [
        id,
        rows.map(({ subject }) => subject),
        rows.map(({ wrapped }) => wrapped),
        rows.map(({ key, wrapped }) => wrapKey(under, unwrapKey(keys.wrappingKey(key), wrapped))),
      ],
    );
    after = last.subject;
    rewrapped += rows.length;
    onProgress(rewrapped);
  }
}

/**
 * From here on the table's trigger refuses rows under these keys, also from processes that still
 * have them.
 * @throws RotationRefused where a key is wrapped under another master key than the current one:
 *   none is destroyed then
 */
async function retire(
  client: pg.ClientBase,
  current: string,
  ids: readonly string[],
): Promise<void> {
  try {
    await client.query('BEGIN');
    await client.query('LOCK TABLE vault.subject_key IN SHARE ROW EXCLUSIVE MODE');
    const { rowCount } = await client.query(
      `SELECT FROM vault.subject_key WHERE wrapped IS NOT NULL AND master_key_id <> $1 LIMIT 1`,
      [current],
    );
    if (rowCount !== 0)
      throw new RotationRefused(
        'city_running',
        'keys were made under another master key meanwhile',
        {},
        { hint: 'Stop every process of the city, and rotate again: it goes on from here.' },
      );
    await client.query(
      'INSERT INTO vault.retired_key (id) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING',
      [ids],
    );
    await client.query(`DELETE FROM vault.key_in_use WHERE purpose = 'master' AND id = ANY($1)`, [
      ids,
    ]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/**
 * Atomic: after a crash the file is the one before or the one after, and perhaps a draft remains.
 */
async function replace(file: string, keys: readonly Uint8Array[]): Promise<void> {
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(keys.map(lineOf).join(''));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, file);
  await flushFolder(dirname(file));
}

/** A draft that a crash left holds the destroyed key. */
async function removeDrafts(file: string): Promise<void> {
  const [folder, name] = [dirname(file), basename(file)];
  const drafts = (await readdir(folder)).filter(
    (entry) => entry.startsWith(`${name}.`) && /^[0-9a-f]{12}$/.test(entry.slice(name.length + 1)),
  );
  for (const draft of drafts) await rm(join(folder, draft), { force: true });
  await flushFolder(folder);
}
