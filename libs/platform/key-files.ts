import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { link, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { InvalidError } from '#libs/kernel';

export class KeyFileUnsafe extends InvalidError<'key_file_readable_by_others'> {}

/**
 * The contents of a secret file; a missing one is created with what `make` returns. Created with
 * mode 0600, atomically and by one process only: of two concurrent starts, the second reads the
 * first one's file.
 * @throws KeyFileUnsafe where others than its owner can read the file
 */
export async function secretFile(
  path: string,
  make: () => string | Promise<string>,
): Promise<string> {
  const found = await readSecretFile(path);
  if (found !== null) return found;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, await make(), { mode: 0o600, flag: 'wx' });
  try {
    await flush(draft, constants.O_RDWR);
    await link(draft, path); // fails where the file was created meanwhile, which then counts
    await flush(dirname(path), constants.O_RDONLY);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return (await readSecretFile(path)) ?? secretFile(path, make);
}

/** Replaces a secret file's text atomically; mode 0600. */
export async function replaceSecretFile(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, text, { mode: 0o600, flag: 'wx' });
  try {
    await flush(draft, constants.O_RDWR);
    await rename(draft, path);
    await flush(dirname(path), constants.O_RDONLY);
  } finally {
    await rm(draft, { force: true });
  }
}

/**
 * The contents of a secret file; null where there is none. @throws KeyFileUnsafe where others than
 * its owner can read it
 */
export async function readSecretFile(path: string): Promise<string | null> {
  try {
    const { mode } = await stat(path);
    if ((mode & 0o077) !== 0)
      throw new KeyFileUnsafe(
        'key_file_readable_by_others',
        'a key file is not private',
        { path },
        {
          hint: `chmod 600 ${path}`,
        },
      );
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

async function flush(path: string, flags: number): Promise<void> {
  const file = await open(path, flags);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
