import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sameBytes } from '#libs/log';
import { UnavailableError } from '#libs/kernel';
import { WitnessMemory } from './witness.js';

/** Another program keeps its checkpoints in this folder. */
export class WitnessFolderTaken extends UnavailableError<'witness_folder_taken'> {}

/**
 * One file a log: written beside, synced, renamed over, the folder synced. One process at a time holds the folder, and in it one swap a
 * log, so that the smaller of two checkpoints can never replace the larger.
 */
export class WitnessFiles extends WitnessMemory {
  readonly #turns = new Map<string, Promise<unknown>>();

  private constructor(
    private readonly folder: string,
    private readonly release: () => Promise<void>,
  ) {
    super();
  }

  /** @throws WitnessFolderTaken where a process that is alive holds the folder */
  static async open(folder: string): Promise<WitnessFiles> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const lock = join(folder, 'held-by');
    for (;;) {
      try {
        await writeFile(lock, String(process.pid), { flag: 'wx' });
        return new WitnessFiles(folder, () => rm(lock, { force: true }));
      } catch (error) {
        if (!isCode(error, 'EEXIST')) throw error;
        const holder = Number(await readFile(lock, 'utf8').catch(() => ''));
        if (holder !== process.pid && isAlive(holder))
          throw new WitnessFolderTaken('witness_folder_taken', 'another witness uses this folder', {
            holder,
          });
        await rm(lock, { force: true });
      }
    }
  }

  async latest(origin: string): Promise<Uint8Array | null> {
    try {
      return await readFile(this.#path(origin));
    } catch (error) {
      if (isCode(error, 'ENOENT')) return null;
      throw error;
    }
  }

  swap(origin: string, before: Uint8Array | null, after: Uint8Array): Promise<boolean> {
    const turn = (this.#turns.get(origin) ?? Promise.resolve()).then(() =>
      this.#swap(origin, before, after),
    );
    this.#turns.set(
      origin,
      turn.catch(() => undefined),
    );
    return turn;
  }

  async #swap(origin: string, before: Uint8Array | null, after: Uint8Array): Promise<boolean> {
    const kept = await this.latest(origin);
    const same = kept === null || before === null ? kept === before : sameBytes(kept, before);
    if (!same) return false;
    const path = this.#path(origin);
    const draft = `${path}.${randomBytes(6).toString('hex')}`;
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(after);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
    const folder = await open(this.folder, constants.O_RDONLY);
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
    return true;
  }

  /** Lets the swaps under way finish and the folder go. */
  async close(): Promise<void> {
    await Promise.all(this.#turns.values());
    await this.release();
  }

  #path(origin: string): string {
    return join(this.folder, originHash(origin));
  }
}

/** tlog-witness: SHA-256 of the origin, lower-case hexadecimal. */
export const originHash = (origin: string): string =>
  createHash('sha256').update(origin).digest('hex');

const isCode = (error: unknown, code: string): boolean =>
  (error as NodeJS.ErrnoException).code === code;

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isCode(error, 'EPERM');
  }
}
