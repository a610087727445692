// Compiles libs/, apps/ and test/ programs to dist/ as `nest build` does, by the same .swcrc, but
// only what changed: a start never waits for the rest. Types are checked by `npm run types` alone.
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle, isBundled } from './bundle.mjs';
import { writeWhole } from './write-whole.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = ['libs', 'apps', 'test'];
const options = { configFile: join(root, '.swcrc') };

async function* files(folder) {
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, entry.name);
    // The pages are built by Vite, for browsers.
    if (entry.isDirectory() && path !== join(root, 'apps', 'web')) yield* files(path);
    else if (entry.name.endsWith('.ts') && !entry.name.endsWith('.d.ts')) yield path;
  }
}

const age = (path) =>
  stat(path).then(
    (s) => s.mtimeMs,
    () => 0,
  );

/** What is to be done: files to compile, as sources and outputs, and outputs without a source. */
async function differences() {
  const wanted = new Set();
  const stale = [];
  let newest = 0;
  for (const source of sources) {
    for await (const path of files(join(root, source))) {
      if (/\.test\.ts$|\.contract\.ts$/.test(path)) continue;
      const out = join(root, 'dist', relative(root, path)).replace(/\.ts$/, '.js');
      wanted.add(out);
      const compiledAt = await age(out);
      newest = Math.max(newest, compiledAt);
      if (compiledAt < (await age(path))) stale.push({ path, out });
    }
  }
  const left = [];
  for await (const path of compiled(join(root, 'dist'))) if (!wanted.has(path)) left.push(path);
  return { stale, left, newest };
}

/** Whether dist/ is up to date but for the pages. */
export async function isBuilt() {
  const { stale, left, newest } = await differences();
  return stale.length === 0 && left.length === 0 && (await isBundled(newest));
}

/** Brings dist/ up to date with the sources and removes what no source stands behind any more. */
export async function build() {
  const { stale, left, newest } = await differences();
  if (stale.length > 0) {
    // Loaded only where something changed: it takes longer than most commands.
    const { transformFile } = await import('@swc/core');
    await Promise.all(
      stale.map(async ({ path, out }) => {
        const { code, map } = await transformFile(path, { ...options, filename: path });
        await mkdir(dirname(out), { recursive: true });
        await writeWhole(`${out}.map`, map ?? '{}');
        await writeWhole(
          out,
          `${code}\n//# sourceMappingURL=${out.slice(dirname(out).length + 1)}.map\n`,
        );
      }),
    );
  }
  for (const path of left)
    await Promise.all([rm(path, { force: true }), rm(`${path}.map`, { force: true })]);
  await bundle(stale.length > 0 ? Date.now() : newest);
  return stale.length;
}

/** What is not compiled file by file. */
const others = new Set(['web', 'programs'].map((name) => join(root, 'dist', name)));

async function* compiled(folder) {
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !others.has(path)) yield* compiled(path);
    else if (entry.name.endsWith('.js')) yield path;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const compiledFiles = await build();
  if (process.argv[2] === 'programs') process.exit();
  const built = await (await import('./build-pages.mjs')).buildPages();
  process.stdout.write(
    `${compiledFiles} files compiled, pages ${built ? 'built' : 'up to date'}\n`,
  );
}
