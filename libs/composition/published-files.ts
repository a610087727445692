import { randomUUID } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';

/**
 * Writes a published file atomically: other processes of the city may be reading or writing the
 * same one. A file with this content is left unchanged.
 */
export async function publish(path: string, content: string | Uint8Array): Promise<void> {
  const bytes = Buffer.from(content);
  if (
    await readFile(path).then(
      (there) => there.equals(bytes),
      () => false,
    )
  )
    return;
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, bytes);
  await rename(draft, path);
}
