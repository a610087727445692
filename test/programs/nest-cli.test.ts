import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
const nest = (...args: string[]) =>
  run(process.execPath, [join(root, 'node_modules/@nestjs/cli/bin/nest.js'), ...args], {
    cwd: root,
    env: { ...process.env, NO_COLOR: '1' },
  });
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mianzheng-nest-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/**
 * Compiled text by path, without the end of the last line, which one of the two leaves out. The
 * pages in `web` are Vite's.
 */
function compiled(dist: string): Map<string, string> {
  const files = readdirSync(dist, { recursive: true, encoding: 'utf8' });
  return new Map(
    files
      // Pages and programs are put together from what is compiled.
      .filter((file) => file.endsWith('.js') && !/^(?:web|programs)\//.test(file))
      .sort()
      .map((file) => [file, readFileSync(join(dist, file), 'utf8').trimEnd()]),
  );
}

describe('what a Nest developer types first', () => {
  test('nest build compiles the same files to the same text as npm run build', async () => {
    const ours = join(root, 'dist');
    await run(process.execPath, [join(root, 'scripts/build.mjs')]);
    const config = JSON.parse(readFileSync(join(root, 'nest-cli.json'), 'utf8')) as {
      compilerOptions: { builder: { options: { outDir: string } } };
    };
    expect(join(root, config.compilerOptions.builder.options.outDir)).toBe(ours);
    config.compilerOptions.builder.options.outDir = join(folder, 'dist');
    const path = join(folder, 'nest-cli.json');
    writeFileSync(path, JSON.stringify(config));
    await nest('build', '--config', relative(root, path));
    expect(compiled(join(folder, 'dist'))).toEqual(compiled(ours));
  });

  test('nest info finds the framework', async () => {
    const { stdout } = await nest('info');
    expect(stdout).toMatch(/platform-fastify version : \d/);
  });
});

test('a build that ended between compiling and bundling is made good by the next one', async () => {
  const build = () => run(process.execPath, [join(root, 'scripts/build.mjs')]);
  await build();
  const bundled = join(root, 'dist/programs/bundled');
  const newest = Math.max(
    ...[...compiled(join(root, 'dist')).keys()].map(
      (file) => statSync(join(root, 'dist', file)).mtimeMs,
    ),
  );
  const before = new Date(newest - 1);
  utimesSync(bundled, before, before);
  await build();
  expect(statSync(bundled).mtimeMs).toBeGreaterThan(newest);
});
