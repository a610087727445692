import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../support/ports.js';
import { endProgram, firstWords } from '../support/programs.js';
import { type Bench, quantile, type Row } from './bench.js';

const program = fileURLToPath(new URL('../../../scripts/start.mjs', import.meta.url));
const warmStarts = 5;
const goalMs = 3000;

/**
 * `npm start` on its embedded PostgreSQL, from the program's beginning to the words that it is
 * ready: once on an empty folder, and then warm, with the look for changed sources included. Goal:
 * 3 s warm.
 */
export const bench: Bench = {
  name: 'start',
  async run() {
    const folder = await mkdtemp(join(tmpdir(), 'mianzheng-start-'));
    await chmod(folder, 0o755); // where root runs this, PostgreSQL's user must get to its data
    try {
      const port = await freePort();
      const first = await readyAfter(folder, port);
      const warm: number[] = [];
      for (let n = 0; n < warmStarts; n++) warm.push(await readyAfter(folder, port));
      return [rowOf('first', [first]), rowOf('warm', warm)];
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

async function readyAfter(folder: string, port: number): Promise<number> {
  const start = performance.now();
  const child = spawn(process.execPath, [program, 'city'], {
    env: {
      ...process.env,
      PORT: String(port),
      PUBLIC_URL: `http://127.0.0.1:${port}`,
      DATA_DIR: folder,
      METRICS_PORT: '0',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  try {
    await firstWords(child);
    return performance.now() - start;
  } finally {
    await endProgram(child);
  }
}

function rowOf(side: string, times: readonly number[]): Row {
  const middle = quantile(times, 0.5);
  return {
    test: 'start',
    side,
    callers: 1,
    perSecond: 1000 / middle,
    p50Ms: middle,
    p99Ms: quantile(times, 0.99),
    figures: { 'goal warm ms': goalMs },
  };
}
