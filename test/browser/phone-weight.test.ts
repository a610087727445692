import { beforeAll, expect, test } from '@jest/globals';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const built = fileURLToPath(new URL('../../dist/web/', import.meta.url));
const limit = 90 * 1024;

/** Loaded when they are needed: the camera's reader, the texts of problems. */
const later = { reader: /^decode-/, texts: /^_virtual_problems-/ };

let worker: string;
let loaded: ReadonlyMap<string, number>;

beforeAll(async () => {
  worker = await readFile(join(built, 'phone-worker.js'), 'utf8');
  const names = (await readdir(join(built, 'assets'))).filter((name) => worker.includes(name));
  const files = [
    ...names.map((name) => ['assets', name]),
    ['phone', 'index.html'],
    ['phone-worker.js'],
    ['phone.webmanifest'],
  ];
  loaded = new Map(
    await Promise.all(
      files.map(async (parts): Promise<[string, number]> => {
        const content = await readFile(join(built, ...parts));
        return [parts.at(-1) ?? '', gzipSync(content, { level: 9 }).length];
      }),
    ),
  );
});

test('all that the phone loads is at most 90 KB, the reader and the texts apart', () => {
  const apart = (name: string) => Object.values(later).some((form) => form.test(name));
  const sum = (part: (name: string) => boolean) =>
    [...loaded].reduce((bytes, [name, size]) => bytes + (part(name) ? size : 0), 0);
  process.stdout.write(
    `phone: ${sum((name) => !apart(name))} B gzip, later ${sum(apart)} B\n${[...loaded]
      .map(([name, size]) => `  ${size} ${name}`)
      .join('\n')}\n`,
  );
  expect(sum((name) => !apart(name))).toBeLessThanOrEqual(limit);
  expect([...loaded.keys()].filter(apart)).toHaveLength(2);
});

test('the worker knows every file by name, and no route of the API', () => {
  for (const name of ['/phone', '/phone.webmanifest', '/phone-icon.png', '/icon.svg'])
    expect(worker).toContain(name);
  expect(worker).not.toMatch(/\/v1\/|\/log\/|\/identity/);
});
