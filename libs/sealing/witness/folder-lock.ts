import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type FileHandle, link, open, rename, rm, stat } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { UnavailableError } from '#libs/kernel';

/** Another program keeps its checkpoints in this folder. */
export class WitnessFolderTaken extends UnavailableError<'witness_folder_taken'> {}

/**
 * A folder is held by whoever listens at a socket in it: that ends with its process, whatever number this has and in whichever container it
 * runs. It is a courtesy to operators who start a second one by mistake, and no guard: where the file system has no sockets, or across
 * machines, it holds nobody off. What must never happen is kept off by the files themselves.
 */
export class FolderLock {
  private constructor(
    private readonly folder: ShortPath,
    private readonly server: Server,
    /** Of the socket: by it we know our own. */
    private readonly inode: number,
  ) {}

  /** @returns null where this file system cannot say. @throws WitnessFolderTaken */
  static async take(path: string): Promise<FolderLock | null> {
    const folder = await ShortPath.of(path);
    // It listens before it is seen: a socket that nobody listens at was left by a program that has ended.
    const own = folder.file(`${lockName}.${randomBytes(6).toString('hex')}`);
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
      const { ino } = await stat(own);
      while (!(await linked(own, folder.file(lockName)))) await clearLeft(folder);
      await rm(own);
      return new FolderLock(folder, server, ino);
    } catch (error) {
      await ended(server);
      await folder.close();
      if (error instanceof WitnessFolderTaken) throw error;
      return null;
    }
  }

  async release(): Promise<void> {
    const lock = this.folder.file(lockName);
    const held = await stat(lock).catch(() => null);
    if (held?.ino === this.inode) await rm(lock, { force: true });
    await ended(this.server);
    await this.folder.close();
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

/**
 * What a program left that has ended is set aside before it goes, and looked at again there: another one may have cleared it in the meantime
 * and stand in its place.
 * @throws WitnessFolderTaken
 */
async function clearLeft(folder: ShortPath): Promise<void> {
  const lock = folder.file(lockName);
  if (await listens(lock)) throw taken();
  const aside = folder.file(`${lockName}.${randomBytes(6).toString('hex')}.left`);
  try {
    await rename(lock, aside);
  } catch (error) {
    // Another one cleared it.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const alive = await listens(aside);
  if (alive) await linked(aside, lock);
  await rm(aside, { force: true });
  if (alive) throw taken();
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
