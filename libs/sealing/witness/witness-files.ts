import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { link, mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sameBytes } from '#libs/log';
import { FolderLock } from './folder-lock.js';
import { WitnessMemory } from './witness.js';

/** The three writes by which a checkpoint is kept, in this order: each may break. */
export class WitnessDisk {
  /** A new file with these bytes, which are on the disk when it resolves. */
  async write(path: string, bytes: Uint8Array): Promise<void> {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
  }

  /** A second name for a file; one of all who try gets it. @returns whether it did: false where the name is taken */
  async name(path: string, name: string): Promise<boolean> {
    try {
      await link(path, name);
      return true;
    } catch (error) {
      if (isCode(error, 'EEXIST')) return false;
      throw error;
    }
  }

  /** What stands in a folder is so on the disk when it resolves. */
  async sync(folder: string): Promise<void> {
    const opened = await open(folder, constants.O_RDONLY);
    try {
      await opened.sync();
    } finally {
      await opened.close();
    }
  }
}

/**
 * Checkpoints of each log as numbered files, the highest number the latest. The next one is written beside, synced, and given its number,
 * which one of all who try gets; then the folder is synced. So of two that saw the same checkpoint one replaces it, also where two programs
 * use the folder.
 */
export class WitnessFiles extends WitnessMemory {
  readonly #turns = new Map<string, Promise<unknown>>();

  private constructor(
    private readonly folder: string,
    private readonly lock: FolderLock | null,
    private readonly disk: WitnessDisk,
  ) {
    super();
  }

  /** @throws WitnessFolderTaken where a program that is alive holds the folder */
  static async open(folder: string, disk = new WitnessDisk()): Promise<WitnessFiles> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const lock = await FolderLock.take(folder);
    if (lock !== null) await clearDrafts(folder);
    return new WitnessFiles(folder, lock, disk);
  }

  async latest(origin: string): Promise<Uint8Array | null> {
    return (await this.#latest(origin)).bytes;
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
    const { number, bytes: kept } = await this.#latest(origin);
    const same = kept === null || before === null ? kept === before : sameBytes(kept, before);
    if (!same) return false;
    const draft = this.#file(`${originHash(origin)}${draftMark}${randomBytes(6).toString('hex')}`);
    const next = number + 1;
    try {
      await this.disk.write(draft, after);
      if (!(await this.disk.name(draft, this.#file(nameOf(origin, next))))) return false;
    } finally {
      await rm(draft, { force: true });
    }
    await this.disk.sync(this.folder);
    const numbers = await this.#numbers(origin);
    // Who slept since it looked may have got a number that was free again: then the highest one is another's.
    if (numbers[0] !== next) return false;
    for (const old of numbers.slice(keptFiles))
      await rm(this.#file(nameOf(origin, old)), { force: true });
    return true;
  }

  async #latest(origin: string): Promise<{ number: number; bytes: Uint8Array | null }> {
    for (;;) {
      const [number] = await this.#numbers(origin);
      if (number === undefined) return { number: 0, bytes: null };
      try {
        return { number, bytes: await readFile(this.#file(nameOf(origin, number))) };
      } catch (error) {
        // It is gone because there are later ones.
        if (!isCode(error, 'ENOENT')) throw error;
      }
    }
  }

  /** The highest first. */
  async #numbers(origin: string): Promise<number[]> {
    const hash = originHash(origin);
    const names = (await readdir(this.folder)).filter((name) => name.startsWith(hash));
    return names
      .flatMap((name) => {
        // Without a number: by a release that knew one file a log.
        if (name === hash) return [0];
        const number = /^-([1-9]\d{0,14})$/.exec(name.slice(hash.length))?.[1];
        return number === undefined ? [] : [Number(number)];
      })
      .toSorted((a, b) => b - a);
  }

  /** Lets the swaps under way finish and the folder go. */
  async close(): Promise<void> {
    await Promise.all(this.#turns.values());
    await this.lock?.release();
  }

  #file(name: string): string {
    return join(this.folder, name);
  }
}

/**
 * More than one, so that whoever lists the folder while others write finds the highest, or one that was it a moment ago and has been
 * followed by others: never a number that is free again.
 */
const keptFiles = 8;

const nameOf = (origin: string, number: number): string =>
  number === 0 ? originHash(origin) : `${originHash(origin)}-${number}`;

const draftMark = '.draft-';

/** What a program that was killed left half done. */
async function clearDrafts(folder: string): Promise<void> {
  for (const name of await readdir(folder))
    if (name.includes(draftMark)) await rm(join(folder, name), { force: true });
}

/** tlog-witness: SHA-256 of the origin, lower-case hexadecimal. */
export const originHash = (origin: string): string =>
  createHash('sha256').update(origin).digest('hex');

const isCode = (error: unknown, code: string): boolean =>
  (error as NodeJS.ErrnoException).code === code;
