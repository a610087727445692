import { parentPort, workerData } from 'node:worker_threads';
import type { SealedLedger } from '../support/sealed-ledger.js';
import { backUp, refusalOver, TamperedLedger } from './tampered-ledger.js';
import { ways } from './ways.js';

/** A thread that does one piece of the work after the other, each on a ledger of its own database. */
export interface Job {
  /** A way to tamper; null for restored backups. */
  readonly way: string | null;
  readonly times: number;
}
export interface Outcome {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  readonly said: readonly string[];
  /** So many are still to come: it is not the end yet. */
  readonly more?: number;
}

/** 10,000 records each: one to be changed, and one with a backup after each round but the last. */
const changed = { authorities: 25, holders: 199, rounds: 1, records: 50 };
const backedUp = { authorities: 23, holders: 237, rounds: 21, records: 2 };

const port = parentPort;
const made = new Map<string, TamperedLedger>();
port?.on('message', (job: Job | null) => {
  if (job === null) {
    void Promise.all([...made.values()].map((ledger) => ledger.close())).then(() => {
      port.close();
    });
    return;
  }
  (job.way === null ? restored(job.times) : tampered(job.way, job.times)).then(
    (outcome) => {
      port.postMessage(outcome);
    },
    (error: unknown) => {
      const said = [error instanceof Error ? (error.stack ?? error.message) : 'ended'];
      port.postMessage({ name: job.way ?? 'restored backups', passed: 0, failed: 1, said });
    },
  );
});
if (workerData === null) throw new Error('started by main.ts alone');

async function tampered(name: string, times: number): Promise<Outcome> {
  const way = ways[name]!;
  const ledger = made.get('tampered') ?? (await TamperedLedger.make(changed));
  made.set('tampered', ledger);
  const said: string[] = [];
  let passed = 0;
  for (let n = 0; n < times; n++) {
    const wrong = await way(ledger.pool, ledger.places);
    const findings = await ledger.check();
    if (ledger.names(findings, wrong)) passed++;
    else said.push(`not named: ${JSON.stringify({ wrong, findings: findings.slice(0, 3) })}`);
    await ledger.mend();
    if (n % 100 !== 99) continue;
    await ledger.pool.query('VACUUM log_record');
    port?.postMessage({ name, passed, failed: said.length, said: [], more: times - n - 1 });
  }
  // Mended, it is whole: what was found was what was done.
  const rest = await ledger.check();
  if (rest.length > 0) said.push(`found in a whole ledger: ${JSON.stringify(rest.slice(0, 3))}`);
  return { name, passed, failed: said.length, said };
}

async function restored(times: number): Promise<Outcome> {
  let underneath: SealedLedger | undefined;
  const shape = { ...backedUp, rounds: times + 1 };
  const ledger = await TamperedLedger.make(shape, async (it, round) => {
    underneath = it;
    if (round < times) await backUp(it, String(round));
  });
  const said: string[] = [];
  let passed = 0;
  for (let n = 0; n < times && underneath !== undefined; n++) {
    const refusal = await refusalOver(underneath, String(n));
    if (refusal === null) said.push(`a backup of ${n + 1} parts of ${times + 1} was signed`);
    else passed++;
  }
  await ledger.close();
  return { name: 'restored backups', passed, failed: times - passed, said };
}
