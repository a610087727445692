import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { isObject, type JsonObject } from '#libs/kernel';

const root = fileURLToPath(new URL('../../', import.meta.url));

export const text = (path: string): string => readFileSync(root + path, 'utf8');
export const exists = (path: string): boolean => existsSync(root + path);

/** A YAML file with its anchors and merges resolved. */
export function yaml(path: string): JsonObject {
  const found: unknown = parse(text(path), { merge: true });
  if (!isObject(found)) throw new TypeError(`${path} holds no mapping`);
  return found;
}

/**
 * What `.dockerignore` of this repository lets through: it shuts out everything, and then names
 * folders and files.
 */
export function given(path: string): boolean {
  const lines = text('.dockerignore').split('\n');
  if (lines.find((line) => line !== '' && !line.startsWith('#')) !== '*') return false;
  const allowed = lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
  const clean = path.replace(/^\.\//, '');
  return exists(clean) && allowed.some((each) => clean === each || clean.startsWith(`${each}/`));
}

/** What `scripts/start.mjs` can start. */
export function programs(): Set<string> {
  const [, table = ''] = /const programs = \{([\s\S]*?)\};/.exec(text('scripts/start.mjs')) ?? [];
  return new Set([...table.matchAll(/^ *'?([a-z-]+)'?:/gm)].map(([, name]) => name ?? ''));
}

/** The targets of the Dockerfile. */
export function targets(): Set<string> {
  return new Set(
    [...text('docker/Dockerfile').matchAll(/^FROM \S+ AS (\S+)/gm)].map(([, name]) => name ?? ''),
  );
}
