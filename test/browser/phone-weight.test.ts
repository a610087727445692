import { beforeAll, expect, test } from '@jest/globals';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const built = fileURLToPath(new URL('../../dist/web/', import.meta.url));
const limit = 90 * 1024;

/**
 * What a visit in one language does not load: the texts of problems in the other one, and our own
 * Ed25519 where the browser has it. Our reader of QR codes counts: few browsers have one.
 */
const apart = { texts: /^_virtual_problems-en-/, ed25519: /^portable-/ };

let listed: readonly string[];
let worker: string;
let loaded: ReadonlyMap<string, number>;

beforeAll(async () => {
  worker = await readFile(join(built, 'phone-worker.js'), 'utf8');
  const list = await readFile(join(built, 'phone-files.json'), 'utf8');
  ({ files: listed } = JSON.parse(list) as { files: string[] });
  loaded = new Map(
    await Promise.all(
      listed
        .filter((path) => !path.includes('icon'))
        .map(async (path): Promise<[string, number]> => {
          const content = await readFile(join(built, path));
          return [path.split('/').at(-1) ?? '', gzipSync(content, { level: 9 }).length];
        }),
    ),
  );
});

test('all that the phone loads is at most 90 KB, the other language and our own Ed25519 apart', () => {
  const isApart = (name: string) => Object.values(apart).some((form) => form.test(name));
  const sum = (part: (name: string) => boolean) =>
    [...loaded].reduce((bytes, [name, size]) => bytes + (part(name) ? size : 0), 0);
  process.stdout.write(
    `phone: ${sum((name) => !isApart(name))} B gzip, apart ${sum(isApart)} B\n${[...loaded]
      .map(([name, size]) => `  ${size} ${name}`)
      .join('\n')}\n`,
  );
  expect(sum((name) => !isApart(name))).toBeLessThanOrEqual(limit);
  expect([...loaded.keys()].filter(isApart)).toHaveLength(2);
});

test('the worker, which is loaded beside the page, is at most 28 KB', () => {
  const bytes = gzipSync(worker, { level: 9 }).length;
  process.stdout.write(`worker: ${bytes} B gzip\n`);
  expect(bytes).toBeLessThanOrEqual(28 * 1024);
});

test('the worker has no file of a release in it, and no route of the API but the log’s', async () => {
  for (const name of await readdir(join(built, 'assets'))) expect(worker).not.toContain(name);
  expect(worker).not.toMatch(/\/v1\/|\/identity/);
});

test('the list of what the page can load has each of its files', async () => {
  const page = await readFile(join(built, 'phone', 'index.html'), 'utf8');
  for (const [, address = ''] of page.matchAll(/(?:src|href)="\/([^"]+)"/g))
    expect(listed).toContain(address);
  expect(listed).toContain('phone/index.html');
});
