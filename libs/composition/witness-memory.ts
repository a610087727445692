import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConflictError, InvalidError } from '#libs/kernel';
import { parseCheckpoint } from '#libs/log';
import type { Settings } from '#libs/platform';
import type { LogStorage } from '#libs/sealing';
import { hasCosigned, WitnessFolderTaken } from '#libs/witness';

/**
 * The log was signed before, and the witness beside the city has no memory of it, so that it could
 * not detect an old copy of the ledger.
 */
export class WitnessForgot extends ConflictError<'witness_forgot'> {}

/** The yes names another size than the log's. */
export class LogSizeOther extends InvalidError<'log_size_other'> {}

/**
 * The operator confirms a new witness on an old log by a file with the log's size, which the next
 * start deletes.
 */
const yesFile = (settings: Pick<Settings, 'dataDir'>) =>
  join(settings.dataDir, 'witness', 'begin-anew');

const folderOf = ({ dataDir }: Pick<Settings, 'dataDir'>) =>
  join(dataDir, 'witness', 'checkpoints');

type Place = Pick<Settings, 'dataDir' | 'city'>;
type Published = Pick<LogStorage, 'published' | 'refusal'>;

/**
 * @returns leaves of the log, as it was signed last in this database; null where it never was, nor
 * comes from a backup
 */
export async function signedSize(storage: Published): Promise<number | null> {
  const note = await storage.published();
  if (note !== null) return parseCheckpoint(note).size;
  return (await storage.refusal())?.code === 'restored' ? 0 : null;
}

/**
 * The witness beside a city that has signed something must be the one that saw it: a new one finds
 * nothing wrong with any backup, however old. Checked before the witness is started.
 * @throws WitnessForgot where it is not, and the operator has not confirmed that for a log of
 *   exactly this size
 */
export async function mustRemember(settings: Place, storage: Published): Promise<void> {
  const size = await signedSize(storage);
  if (size === null) return;
  try {
    if (await hasCosigned(folderOf(settings), settings.city)) return;
  } catch (error) {
    // A witness runs on it, which the start of another one reports.
    if (error instanceof WitnessFolderTaken) return;
    throw error;
  }
  const yes = await readFile(yesFile(settings), 'utf8').catch(() => null);
  if (yes?.trim() === String(size)) {
    await rm(yesFile(settings));
    return;
  }
  throw new WitnessForgot(
    'witness_forgot',
    `the log was signed at ${size} leaves, and the witness in ${join(settings.dataDir, 'witness')} never saw it`,
    { size },
    {
      hint:
        'Put that folder back, from where it is kept apart from the database. Where it is lost: compare the size with a receipt or a checkpoint that somebody holds, ' +
        `because a new witness finds nothing wrong with an old backup; then say so: npx mianzheng log new-witness ${size}`,
    },
  );
}

/** @throws LogSizeOther */
export async function acceptNewWitness(
  settings: Place,
  storage: Published,
  size: string,
): Promise<void> {
  const signed = await signedSize(storage);
  if (signed === null || size !== String(signed))
    throw new LogSizeOther(
      'log_size_other',
      signed === null ? 'this log was never signed' : `this log was signed at ${signed} leaves`,
      { signed },
    );
  await mkdir(join(settings.dataDir, 'witness'), { recursive: true, mode: 0o700 });
  await writeFile(yesFile(settings), `${size}\n`, { mode: 0o600 });
}
