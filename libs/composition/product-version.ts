import { readFile } from 'node:fs/promises';
import { isObject, parseJson } from '#libs/kernel';

/** The version of this release, from package.json beside the program. */
export async function productVersion(): Promise<string> {
  const root = import.meta.url.includes('/dist/') ? '../../../' : '../../';
  const file = parseJson(
    await readFile(new URL(`${root}package.json`, import.meta.url), 'utf8'),
    16,
  );
  const version = isObject(file) ? file['version'] : undefined;
  return typeof version === 'string' ? version : 'unknown';
}
