import { rename, writeFile } from 'node:fs/promises';

/**
 * Another program may be starting from dist/ meanwhile: it sees the old file or the new one, never
 * half of it.
 */
export async function writeWhole(path, contents) {
  const fresh = `${path}.${process.pid}`;
  await writeFile(fresh, contents);
  await rename(fresh, path);
}
