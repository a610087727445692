import { statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { UnavailableError } from '#libs/kernel';

/**
 * A disk is full. What was acknowledged is stored; what could not be written was not acknowledged.
 */
export class DiskFull extends UnavailableError<'disk_full'> {}

const full = new Set(['ENOSPC', 'EDQUOT', '53100']);

/** Whether an error, or what caused it, is a full disk: here, or the database server's. */
export function diskFull(error: unknown): DiskFull | null {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if ('code' in cause && full.has(String(cause.code)))
      return new DiskFull(
        'disk_full',
        cause.code === '53100'
          ? 'the disk of the database server has no room left'
          : 'a disk has no room left',
        {},
        {
          cause: error,
          hint: 'Nothing that was acknowledged is lost. Make room; df -h shows where there is none.',
          retryAfterSeconds: 30,
        },
      );
  return null;
}

const megabyte = 1024 * 1024;

/** Free bytes, for an unprivileged user, on the disk of a path that exists or will be made. */
export async function roomAt(path: string): Promise<number> {
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    const found = await statfs(folder).catch(() => null);
    if (found !== null) return found.bavail * found.bsize;
    if (folder === dirname(folder)) return Number.MAX_SAFE_INTEGER;
  }
}

/** @throws DiskFull where fewer bytes are free than are needed; it says how many are */
export async function mustHaveRoom(path: string, needed: number): Promise<void> {
  const free = await roomAt(path);
  if (free >= needed) return;
  const [has, needs] = [Math.floor(free / megabyte), Math.ceil(needed / megabyte)];
  throw new DiskFull(
    'disk_full',
    `the disk of ${path} has ${has} MB free, and a start needs ${needs} MB there`,
    { path, freeBytes: free, neededBytes: needed },
    {
      hint: `Nothing that was acknowledged is lost. Make room (${needs - has} MB more at least; many times that to go on for long), and start again.`,
    },
  );
}
