#!/usr/bin/env node
// `npx mianzheng …`: the command line of the ledger.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const pinned = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url));
if (Number(process.versions.node.split('.')[0]) < 24 && existsSync(pinned)) {
  // The machine's own Node is older than the one the project pins.
  const again = spawnSync(pinned, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  process.exit(again.status ?? 1);
}
process.argv.splice(2, 0, 'cli');
await import('./start.mjs');
