import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  type BackupManifest,
  manifestFile,
  parseManifest,
  policyFile,
  sumsFile,
  sumsOf,
} from '../manifest.js';
import { flushFolder } from '#libs/platform';
import { BackupRefused, BackupUnusable } from '../backup.errors.js';

/** A backup that is being written: it gets its name only when it is complete and on disk. */
export class BackupDraft {
  private constructor(
    private readonly target: string,
    private readonly folder: string,
  ) {}

  /** @throws BackupRefused `backup_exists`, `backup_under_way` */
  static async begin(target: string): Promise<BackupDraft> {
    if (await exists(target))
      throw new BackupRefused(
        'backup_exists',
        `${target} is there already`,
        {},
        { hint: 'Name a folder that is not there yet: a backup never changes an older one.' },
      );
    const folder = `${target}.tmp`;
    try {
      await mkdir(folder, { mode: 0o700 });
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
      throw new BackupRefused(
        'backup_under_way',
        `${folder} is there: a backup is being written, or one was stopped`,
        {},
        { cause, hint: 'If none is under way, remove that folder: it is not whole.' },
      );
    }
    return new BackupDraft(target, folder);
  }

  /** Writes a file from a stream; resolves when it is on disk. */
  async write(
    file: string,
    source: AsyncIterable<Buffer>,
    onBytes: (bytes: number) => void,
  ): Promise<{ readonly bytes: number; readonly sha256: string }> {
    const hash = createHash('sha256');
    let bytes = 0;
    const handle = await open(join(this.folder, file), 'wx', 0o600);
    try {
      for await (const chunk of source) {
        hash.update(chunk);
        bytes += chunk.length;
        for (let at = 0; at < chunk.length;)
          at += (await handle.write(chunk, at, chunk.length - at)).bytesWritten;
        onBytes(chunk.length);
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
    return { bytes, sha256: hash.digest('hex') };
  }

  async writeWhole(
    file: string,
    content: string | Uint8Array,
  ): Promise<{ readonly sha256: string }> {
    const handle = await open(join(this.folder, file), 'wx', 0o600);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    return { sha256: sha256(content) };
  }

  /**
   * Writes manifest and sums, and then renames. @returns the digest of `SHA256SUMS`, which covers
   * everything
   */
  async finish(manifest: BackupManifest): Promise<string> {
    const written = await this.writeWhole(manifestFile, `${JSON.stringify(manifest, null, 1)}\n`);
    const sums = await this.writeWhole(sumsFile, sumsOf(manifest, written.sha256));
    await flushFolder(this.folder);
    if (await exists(this.target))
      throw new BackupRefused('backup_exists', `${this.target} came to be meanwhile`);
    await rename(this.folder, this.target);
    await flushFolder(dirname(this.target));
    return sums.sha256;
  }

  async discard(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** A backup whose every byte was verified. */
export interface CheckedBackup {
  readonly folder: string;
  readonly manifest: BackupManifest;
  /** The log's policy of the city that it was taken of. */
  readonly policy: Uint8Array | null;
}

/**
 * Reads the manifest and every file of a backup, and compares them with their digests.
 * @param onBytes called with the number of further bytes read
 * @throws BackupUnusable
 */
export async function checkBackup(
  folder: string,
  onBytes: (bytes: number, of: number) => void = () => undefined,
): Promise<CheckedBackup> {
  const manifestText = await readText(join(folder, manifestFile));
  const manifest = parseManifest(manifestText);
  const sums = await readText(join(folder, sumsFile));
  // The manifest names each file's digest, the sums name the manifest's: one changed letter in
  // either makes them differ.
  if (sums !== sumsOf(manifest, sha256(manifestText))) throw changed(sumsFile);
  const total = manifest.tables.reduce((sum, { bytes }) => sum + bytes, 0);
  let policy: Uint8Array | null = null;
  if (manifest.policy !== null) {
    policy = await readWhole(join(folder, policyFile));
    if (sha256(policy) !== manifest.policy.sha256) throw changed(policyFile);
  }
  for (const { file, bytes, sha256: expected } of manifest.tables) {
    const hash = createHash('sha256');
    let read = 0;
    for await (const chunk of bytesOf(folder, file)) {
      hash.update(chunk);
      read += chunk.length;
      onBytes(chunk.length, total);
    }
    if (read !== bytes || hash.digest('hex') !== expected) throw changed(file);
  }
  return { folder, manifest, policy };
}

async function* bytesOf(folder: string, file: string): AsyncGenerator<Buffer, void> {
  try {
    yield* createReadStream(join(folder, file), {
      highWaterMark: 1024 * 1024,
    }) as AsyncIterable<Buffer>;
  } catch (cause) {
    unreadable(file)(cause);
  }
}

const sha256 = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex');

const changed = (file: string) =>
  new BackupUnusable(
    'backup_changed',
    `${file} is not what was written: the backup was damaged or changed`,
    { file },
    { hint: 'Nothing was restored. Take another copy of this backup, or another backup.' },
  );

const unreadable = (file: string) => (cause: unknown) => {
  throw new BackupUnusable('backup_unreadable', `${file} cannot be read`, { file }, { cause });
};

const readText = async (path: string): Promise<string> => (await readWhole(path)).toString('utf8');

async function readWhole(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    return unreadable(path)(cause);
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
