import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mianzheng-boundaries-'));
  for (const file of ['.dependency-cruiser.cjs', 'tsconfig.json', 'package.json'])
    cpSync(join(root, file), join(folder, file));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** The rules that the check reports for a repository of these files alone. */
async function refused(files: Readonly<Record<string, string>>): Promise<string[]> {
  rmSync(join(folder, 'libs'), { recursive: true, force: true });
  for (const [path, source] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), source);
  }
  const check = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const args = [check, '--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'libs'];
  const told = await run(process.execPath, args, { cwd: folder, maxBuffer: 1 << 26 }).catch(
    (error: unknown) => error as { stdout: string },
  );
  const { summary } = JSON.parse(told.stdout) as {
    summary: { violations: readonly { rule: { name: string } }[] };
  };
  return [...new Set(summary.violations.map(({ rule }) => rule.name))].sort();
}

describe('the boundary check', () => {
  test('lets a room import an earlier one', async () => {
    expect(
      await refused({
        'libs/kernel/index.ts': 'export const one = 1;',
        'libs/consent/index.ts': "import { one } from '#libs/kernel';\nexport const two = one + 1;",
      }),
    ).toEqual([]);
  });

  test.each([
    ['an import', "import { two } from '#libs/consent';\nexport const one = two;"],
    ['an import of a type', "import type { Two } from '#libs/consent';\nexport type One = Two;"],
  ])('refuses %s of a later room', async (_, source) => {
    expect(
      await refused({
        'libs/case/index.ts': source,
        'libs/consent/index.ts': 'export const two = 2;\nexport type Two = 2;',
      }),
    ).toEqual(['case-is-below']);
  });

  test('refuses a room that has no place in the order', async () => {
    expect(
      await refused({
        'libs/kernel/index.ts': 'export const one = 1;',
        'libs/cupboard/index.ts': "export { one } from '#libs/kernel';",
      }),
    ).toEqual(['rooms-are-listed']);
  });

  test('refuses what stands behind another room’s door', async () => {
    expect(
      await refused({
        'libs/case/inside.ts': 'export const one = 1;',
        'libs/consent/index.ts': "export { one } from '../case/inside.js';",
      }),
    ).toEqual(['rooms-have-doors']);
  });
});
