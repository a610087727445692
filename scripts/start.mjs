// Starts one of the programs below after bringing dist/ up to date. One process: signals reach the
// program itself. What changed is built by another, whose compilers would take a gigabyte of it.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

const programs = {
  city: 'programs/city/main.js',
  identity: 'programs/identity/main.js',
  ledger: 'programs/ledger/main.js',
  window: 'programs/window/main.js',
  front: 'programs/front/main.js',
  services: 'programs/services/main.js',
  witness: 'programs/witness/main.js',
  'proof-source': 'programs/proof-source/main.js',
  kiosk: 'programs/kiosk/main.js',
  cli: 'programs/cli/main.js',
  contracts: 'apps/city/contracts.js',
  trial: 'programs/trial/main.js',
  demo: 'test/demo/main.js',
  'eventstore-double': 'test/eventstore/main.js',
  'eventstore-reader': 'test/eventstore/reader.js',
  bench: 'test/bench/main.js',
  fault: 'test/fault/main.js',
  'test-services': 'test/services/main.js',
  tamper: 'test/tamper/main.js',
  golden: 'test/golden/make.js',
  alike: 'test/alike/main.js',
  memory: 'test/memory/main.js',
  'hall-speed': 'test/hall-speed/main.js',
};

/** Programs that serve pages, themselves or by programs that they start. */
const withPages = new Set(['city', 'window', 'services', 'test-services', 'hall-speed']);

process.setSourceMapsEnabled(true);
// Where the folder cannot be written to, as in an image, each start compiles anew.
enableCompileCache(fileURLToPath(new URL('../dist/programs/compiled', import.meta.url)));
const program = programs[process.argv[2]];
if (program === undefined) {
  process.stderr.write(`Which program? One of: ${Object.keys(programs).join(', ')}\n`);
  process.exit(2);
}
// An image has dist/ and no compiler; a checkout has both.
if (existsSync(new URL('../libs', import.meta.url))) {
  if (!(await (await import('./build.mjs')).isBuilt())) built('build.mjs', 'programs');
  if (
    withPages.has(process.argv[2]) &&
    !(await (await import('./build-pages.mjs')).arePagesBuilt())
  )
    built('build-pages.mjs');
}
process.argv.splice(1, 2, fileURLToPath(new URL(`../dist/${program}`, import.meta.url)));
await import(new URL(`../dist/${program}`, import.meta.url));

function built(script, ...words) {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const { status } = spawnSync(process.execPath, [path, ...words], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) process.exit(status ?? 1);
}
