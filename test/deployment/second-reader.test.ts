import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

const at = (name: string) => fileURLToPath(new URL(`../printed-proof/${name}`, import.meta.url));

test('the vectors of printed pages are read the same by a reader in Python that shares nothing with ours', async () => {
  const { pages } = JSON.parse(await readFile(at('vectors.json'), 'utf8')) as { pages: unknown[] };
  expect(pages.length).toBeGreaterThan(40);
  // It ends with 1 where a result is another, and says which.
  const said = await promisify(execFile)('python3', [at('reader.py'), at('vectors.json')]).then(
    ({ stdout }) => stdout,
    (error: unknown) => {
      const { stdout = '' } = error as { readonly stdout?: string };
      if (stdout !== '') return stdout;
      throw error;
    },
  );
  expect(JSON.parse(said)).toEqual({ pages: pages.length, wrong: [] });
});
