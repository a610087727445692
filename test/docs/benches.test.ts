import { describe, expect, test } from '@jest/globals';
import { access, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

describe('every measurement that a document names', () => {
  test('is one that `npm run bench` has', async () => {
    const documents = [
      'README.md',
      'CHANGELOG.md',
      ...(await readdir(join(root, 'docs'), { recursive: true }))
        .filter((name) => name.endsWith('.md'))
        .map((name) => join('docs', name)),
    ];
    const named = new Map<string, string>();
    for (const document of documents)
      for (const [, name = ''] of (await readFile(join(root, document), 'utf8')).matchAll(
        /--only ([a-z-]+)/g,
      ))
        named.set(name, document);
    expect(named.size).toBeGreaterThan(5);
    const missing: string[] = [];
    for (const [name, document] of named)
      await access(join(root, 'test/bench', `${name}.bench.ts`)).catch(() =>
        missing.push(`${name} in ${document}`),
      );
    expect(missing).toEqual([]);
  });
});
