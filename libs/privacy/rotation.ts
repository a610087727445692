import { randomBytes } from 'node:crypto';
import { open, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type pg from 'pg';
import { RotationRefused } from './errors.js';
import { PrivacyKeys } from './keys.js';
import { unwrapKey, wrapKey } from './seal.js';

/** Rows wrapped anew in one statement. */
const page = 2000;

export interface Rotation {
  /** Subject keys that were wrapped anew. */
  readonly rewrapped: number;
  /** Ids of the master keys that are no more. */
  readonly retired: readonly string[];
}

/**
 * Gives the vault a new master key and destroys the old one, so that a backup of the vault that is older opens nothing any more. While a
 * city runs it is refused: a process works with the keys that it read at its start. Stopped anywhere, it goes on when it is called again: the
 * new key is in the file before anything stands under it, and the old one stays there until nothing does.
 * @param folder where `master.key` is
 * @throws RotationRefused, KeysRefused
 */
export async function rotateMasterKey(
  pool: pg.Pool,
  folder: string,
  env: NodeJS.ProcessEnv = process.env,
  onProgress: (rewrapped: number) => void = () => undefined,
): Promise<Rotation> {
  if ((env['MASTER_KEY'] ?? '') !== '')
    throw new RotationRefused(
      'master_key_in_environment',
      'the master key is not in a file of this program',
      {},
      { hint: 'Rotate it where MASTER_KEY is kept, or put it into the file and leave it away.' },
    );
  await mustStandStill(pool);
  const file = join(folder, 'master.key');
  let keys = await PrivacyKeys.load(folder, env);
  // Two keys in the file are a rotation that was stopped: it is finished, and no third one begun.
  if ([...keys.master.all].length === 1) {
    await replace(file, [keys.master.current.bytes, randomBytes(32)]);
    keys = await PrivacyKeys.load(folder, env);
  }
  const { current } = keys.master;
  await pool.query(
    `INSERT INTO vault.key_in_use (purpose, id) VALUES ('master', $1) ON CONFLICT DO NOTHING`,
    [current.id],
  );
  const rewrapped = await rewrapAll(pool, keys, onProgress);
  const retired = [...keys.master.all].map(({ id }) => id).filter((id) => id !== current.id);
  await retire(pool, retired);
  await replace(file, [current.bytes]);
  return { rewrapped, retired };
}

/** Every process of a city holds a connection, for the feed of records. */
async function mustStandStill(pool: pg.Pool): Promise<void> {
  const { rowCount } = await pool.query(
    `SELECT FROM pg_stat_activity WHERE datname = current_database()
     AND application_name LIKE 'mianzheng%' AND application_name <> 'mianzheng cli'`,
  );
  if (rowCount !== 0)
    throw new RotationRefused(
      'city_running',
      'a city works on this database',
      {},
      { hint: 'Stop every process of the city, rotate, and start them again.' },
    );
}

async function rewrapAll(
  pool: pg.Pool,
  keys: PrivacyKeys,
  onProgress: (rewrapped: number) => void,
): Promise<number> {
  const { id } = keys.master.current;
  const under = keys.wrappingKey(id);
  let rewrapped = 0;
  for (let after = ''; ;) {
    const { rows } = await pool.query<{ subject: string; key: string; wrapped: Buffer }>(
      `SELECT subject, master_key_id AS key, wrapped FROM vault.subject_key
       WHERE subject > $1 AND wrapped IS NOT NULL AND master_key_id <> $2
       ORDER BY subject LIMIT $3`,
      [after, id, page],
    );
    const last = rows.at(-1);
    if (last === undefined) return rewrapped;
    await pool.query(
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

/** From here on no row is taken under these keys: the table's trigger refuses it, whatever a process still remembers. */
async function retire(pool: pg.Pool, ids: readonly string[]): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('LOCK TABLE vault.subject_key IN SHARE ROW EXCLUSIVE MODE');
    const { rowCount } = await client.query(
      `SELECT FROM vault.subject_key WHERE wrapped IS NOT NULL AND master_key_id = ANY($1) LIMIT 1`,
      [ids],
    );
    if (rowCount !== 0)
      throw new RotationRefused(
        'city_running',
        'keys were made under the old master key meanwhile',
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
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

/** Whole or not at all: what a crash leaves is the file before or the file after. */
async function replace(file: string, keys: readonly Uint8Array[]): Promise<void> {
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  const text = keys.map((key) => `${Buffer.from(key).toString('base64url')}\n`).join('');
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, file);
  const folder = await open(dirname(file), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
