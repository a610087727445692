// Builds the pages of apps/web to dist/web, where a source is newer than the last build.
import { readdir, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { buildGuides } from './guides.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const done = join(root, 'dist', 'web', 'built');
const sources = [
  'apps/web',
  'libs/api-client',
  'libs/kernel',
  'libs/log',
  'libs/verify',
  'contracts/catalogue/certificate-types.tsv',
  'contracts/codes.json',
  'docs/guides',
  'scripts/guides.mjs',
  'package-lock.json',
];

const age = (path) =>
  stat(path).then(
    (found) => found.mtimeMs,
    () => 0,
  );

async function newest(path) {
  const found = await stat(path);
  if (!found.isDirectory()) return found.mtimeMs;
  let latest = 0;
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) latest = Math.max(latest, await age(join(entry.parentPath, entry.name)));
  return latest;
}

/** Whether the pages are at least as new as their sources. */
export async function arePagesBuilt() {
  const latest = Math.max(...(await Promise.all(sources.map((path) => newest(join(root, path))))));
  return (await age(done)) >= latest;
}

/** @returns whether anything was built */
export async function buildPages() {
  const began = new Date();
  if (await arePagesBuilt()) return false;
  process.stderr.write('Building the pages: a minute or so, and only after a change.\n');
  const { build } = await import('vite');
  const { pages, verifyInOneFile, workerOf, writeFiles, writeOneFile } =
    await import('../apps/web/pages.config.ts');
  const preact = {
    react: 'preact/compat',
    'react-dom/client': 'preact/compat/client',
    'react-dom': 'preact/compat',
    'react/jsx-runtime': 'preact/jsx-runtime',
  };
  // Vite builds for development under any other NODE_ENV, as that of a test run.
  const { NODE_ENV } = process.env;
  process.env.NODE_ENV = 'production';
  try {
    const staff = ['start', 'sign-in', 'window', 'holder-display', 'admin'];
    await build(pages(staff, { first: true, to: 'staff' }));
    const phone = await build(pages(['phone'], { first: false, alias: preact, to: 'holders' }));
    await writeFiles('phone', phone.output);
    await build(workerOf('phone'));
    const verify = await build(pages(['verify'], { first: false, alias: preact, to: 'anyone' }));
    await writeFiles('verify', verify.output);
    await build(workerOf('verify'));
    await writeOneFile((await build(verifyInOneFile(preact))).output);
    await buildGuides();
  } finally {
    if (NODE_ENV === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = NODE_ENV;
  }
  await writeFile(done, '');
  // What changed while it was building is newer than it.
  await utimes(done, began, began);
  return true;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.stdout.write((await buildPages()) ? 'pages built\n' : 'pages are up to date\n');
