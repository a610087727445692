import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { UnavailableError } from '#libs/kernel';
import { WitnessMemory } from './witness.js';

/** Another program keeps its checkpoints in this folder. */
export class WitnessFolderTaken extends UnavailableError<'witness_folder_taken'> {}

/** Opens a database file, and makes it where it is missing. */
export type Connect = (file: string) => DatabaseSync;

/**
 * The latest checkpoint of each log, in an SQLite database that one program holds until it ends. A
 * swap is one transaction, durable when it resolves: a power cut leaves the checkpoint before or
 * the one after.
 */
export class WitnessDatabase extends WitnessMemory {
  private constructor(private readonly database: DatabaseSync) {
    super();
  }

  /** @throws WitnessFolderTaken where another program holds the folder's database */
  static async open(
    folder: string,
    connect: Connect = (file) => new DatabaseSync(file),
  ): Promise<WitnessDatabase> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const database = connect(fileIn(folder));
    try {
      // EXTRA also syncs the folder: a rollback journal that reappears after a power cut would undo
      // a checkpoint that was cosigned.
      database.exec(
        `PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA;
         BEGIN EXCLUSIVE;
         CREATE TABLE IF NOT EXISTS checkpoint (origin TEXT PRIMARY KEY, note BLOB NOT NULL) STRICT;
         COMMIT`,
      );
    } catch (error) {
      database.close();
      if ((error as { errcode?: number }).errcode !== busy) throw error;
      throw new WitnessFolderTaken(
        'witness_folder_taken',
        'another witness uses this folder',
        {},
        { cause: error },
      );
    }
    return new WitnessDatabase(database);
  }

  latest(origin: string): Promise<Uint8Array | null> {
    return Promise.try(() => {
      const row = this.database.prepare('SELECT note FROM checkpoint WHERE origin = ?').get(origin);
      return (row?.['note'] as Uint8Array | undefined) ?? null;
    });
  }

  swap(origin: string, before: Uint8Array | null, after: Uint8Array): Promise<boolean> {
    return Promise.try(() => {
      const { changes } =
        before === null
          ? this.database
              .prepare('INSERT INTO checkpoint (origin, note) VALUES (?, ?) ON CONFLICT DO NOTHING')
              .run(origin, after)
          : this.database
              .prepare('UPDATE checkpoint SET note = ? WHERE origin = ? AND note = ?')
              .run(after, origin, before);
      return changes === 1;
    });
  }

  /** Releases the folder. */
  close(): void {
    if (this.database.isOpen) this.database.close();
  }
}

/** How long a starting program waits for an ending one to release the folder, in milliseconds. */
const patienceMs = 5000;

/**
 * @throws WitnessFolderTaken where another program still holds the folder's database after five
 * seconds
 */
export async function openWhenFree(folder: string): Promise<WitnessDatabase> {
  for (const until = performance.now() + patienceMs; ;) {
    try {
      return await WitnessDatabase.open(folder);
    } catch (error) {
      if (!(error instanceof WitnessFolderTaken) || performance.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/**
 * @returns whether the witness of this folder, which must not be running, has cosigned a checkpoint
 * of the log. @throws WitnessFolderTaken
 */
export async function hasCosigned(folder: string, origin: string): Promise<boolean> {
  if (!existsSync(fileIn(folder))) return false;
  const database = await openWhenFree(folder);
  try {
    return (await database.latest(origin)) !== null;
  } finally {
    database.close();
  }
}

const fileIn = (folder: string): string => join(folder, 'checkpoints.sqlite');

/** SQLITE_BUSY, https://sqlite.org/rescode.html */
const busy = 5;

/** tlog-witness: SHA-256 of the origin, lower-case hexadecimal. */
export const originHash = (origin: string): string =>
  createHash('sha256').update(origin).digest('hex');
