import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type FileHandle, link, open, readdir, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { UnavailableError } from '#libs/kernel';

/** Another program keeps its checkpoints in this folder. */
export class WitnessFolderTaken extends UnavailableError<'witness_folder_taken'> {}

/**
 * A folder is held by whoever listens at a socket in it: that ends with its process, whatever number this has and in whichever container it
 * runs. It is a courtesy to operators who start a second one by mistake, and no guard: where the file system has no sockets, or across
 * machines, it holds nobody off. What must never happen is kept off by the files themselves.
 *
 * Sockets that hold are numbered, and nobody's is ever renamed or removed while he listens. Who comes takes the next number behind the highest,
 * if nobody listens there: one of all who try gets it. Then he looks again, and steps back where somebody has a higher number by now, or
 * listens at a lower one. So of two with numbers one always sees the other: who looked again before the other had a number is seen by that one.
 */
export class FolderLock {
  private constructor(
    private readonly folder: ShortPath,
    private readonly server: Server,
    private readonly name: string,
  ) {}

  /** @returns null where this file system cannot say. @throws WitnessFolderTaken */
  static async take(path: string): Promise<FolderLock | null> {
    const folder = await ShortPath.of(path);
    // It listens before it is seen: a socket that nobody listens at was left by a program that has ended.
    const own = folder.file(`.${randomBytes(6).toString('hex')}.socket`);
    const server = createServer((asking) => asking.destroy());
    try {
      server.listen(own);
      await once(server, 'listening');
    } catch {
      await folder.close();
      return null;
    }
    server.unref();
    try {
      const name = await takeNumber(folder, own);
      await rm(own);
      return new FolderLock(folder, server, name);
    } catch (error) {
      await ended(server);
      await folder.close();
      if (error instanceof WitnessFolderTaken) throw error;
      return null;
    }
  }

  async release(): Promise<void> {
    await rm(this.name, { force: true });
    await ended(this.server);
    await this.folder.close();
  }
}

/** @throws WitnessFolderTaken */
async function takeNumber(folder: ShortPath, own: string): Promise<string> {
  for (;;) {
    const [highest] = await folder.numbers();
    if (highest !== undefined && (await listens(folder.numbered(highest)))) throw taken();
    const next = (highest ?? 0) + 1;
    const name = folder.numbered(next);
    if (!(await linked(own, name))) continue;
    const others = (await folder.numbers()).filter((number) => number !== next);
    const ended = await Promise.all(
      others.map(async (number) => number < next && !(await listens(folder.numbered(number)))),
    );
    if (ended.every(Boolean)) {
      for (const number of others) await rm(folder.numbered(number), { force: true });
      return name;
    }
    await rm(name, { force: true });
  }
}

const lockName = 'held-by';

/** Sockets have names of at most 107 bytes, wherever their folder is: a long one is reached by the number under which it is open. */
class ShortPath {
  private constructor(
    private readonly path: string,
    private readonly handle: FileHandle | null,
  ) {}

  static async of(path: string): Promise<ShortPath> {
    if (Buffer.byteLength(path) <= 80) return new ShortPath(path, null);
    const handle = await open(path, 'r');
    return new ShortPath(`/proc/self/fd/${handle.fd}`, handle);
  }

  file(name: string): string {
    return join(this.path, name);
  }

  numbered(number: number): string {
    return this.file(number === 0 ? lockName : `${lockName}.${number}`);
  }

  /** Of all who hold the folder or left it so; the highest first. Without a number: by an earlier release. */
  async numbers(): Promise<number[]> {
    return (await readdir(this.path))
      .flatMap((name) => {
        if (name === lockName) return [0];
        const number = /^\.([1-9]\d{0,14})$/.exec(name.slice(lockName.length))?.[1];
        return name.startsWith(lockName) && number !== undefined ? [Number(number)] : [];
      })
      .toSorted((a, b) => b - a);
  }

  async close(): Promise<void> {
    await this.handle?.close();
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Whether somebody listens at a socket. What is no socket was left by an earlier release. */
function listens(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asking = connect(path);
    asking.once('connect', () => {
      asking.destroy();
      resolve(true);
    });
    asking.once('error', ({ code }: NodeJS.ErrnoException) => {
      resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT' && code !== 'ENOTSOCK');
    });
  });
}

async function ended(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  await closed;
}

const taken = () =>
  new WitnessFolderTaken('witness_folder_taken', 'another witness uses this folder');
