import { open } from 'node:fs/promises';

/** Makes the names in a folder survive a power failure, which fsync of the files does not. */
export async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
