import { execFile } from 'node:child_process';
import { mkdtemp, rm, statfs, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A file system of its own with a fixed size, to be filled up. */
export interface SmallDisk {
  readonly path: string;
  /** Leaves as many bytes free; 0 for none at all. */
  fill(left?: number): Promise<void>;
  empty(): Promise<void>;
  remove(): Promise<void>;
}

/** Mounts one in memory; only root may, or who becomes it without being asked. */
export async function smallDisk(megabytes: number): Promise<SmallDisk> {
  const path = await mkdtemp(join(tmpdir(), 'mianzheng-disk-'));
  const filler = join(path, 'filler');
  await asRoot('mount', '-t', 'tmpfs', '-o', `size=${String(megabytes)}m,mode=0777`, 'tmpfs', path);
  return {
    path,
    fill: async (left = 0) => {
      const { bavail, bsize } = await statfs(path);
      const part = Buffer.alloc(4 * 1024 * 1024);
      for (let more = bavail * bsize - left; more > 0; more -= part.length)
        // Others write meanwhile: what does not fit any more is full enough.
        await writeFile(filler, part.subarray(0, more), { flag: 'a' }).catch(() => undefined);
    },
    empty: () => truncate(filler, 0),
    remove: async () => {
      await asRoot('umount', '--lazy', path);
      await rm(path, { recursive: true });
    },
  };
}

const asRoot = (program: string, ...args: string[]) =>
  process.getuid?.() === 0 ? run(program, args) : run('sudo', ['-n', program, ...args]);
