import { parentPort, workerData } from 'node:worker_threads';
import type { SealedLedger } from '../support/sealed-ledger.js';
import { toldOf } from './administrators-ways.js';
import { backUp, refusalOver, TamperedLedger } from './tampered-ledger.js';
import { olderCopies, TamperedLog } from './tampered-log.js';

/**
 * A thread that does one piece of the work after the other, each on a ledger of its own database.
 */
export interface Job {
  /**
   * Where the records are; `server` is whatever EventStoreDB a URL leads to, which is changed by
   * its own protocol alone.
   */
  readonly store: 'postgres' | 'double' | 'server';
  /** A way to tamper; null for restored backups. */
  readonly way: string | null;
  readonly times: number;
  readonly url?: string;
}
export interface Outcome {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  readonly said: readonly string[];
  /** So many are still to come: it is not the end yet. */
  readonly more?: number;
}

/**
 * 10,000 records each in PostgreSQL: one to be changed, and one with a backup after each round but
 * the last.
 */
const shapes = {
  postgres: {
    changed: { authorities: 25, holders: 199, rounds: 1, records: 50 },
    backedUp: { authorities: 23, holders: 237, records: 2 },
  },
  double: {
    changed: { authorities: 10, holders: 58, rounds: 1, records: 34 },
    backedUp: { authorities: 10, holders: 30, records: 2 },
  },
};

/** A ledger that is changed, checked and mended again and again. */
type Tampered = TamperedLedger | TamperedLog;

const port = parentPort;
const made = new Map<string, Tampered>();
port?.on('message', (job: Job | null) => {
  if (job === null) {
    void Promise.all([...made.values()].map((ledger) => ledger.close())).then(() => {
      port.close();
    });
    return;
  }
  done(job).then(
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

function done({ store, way, times, url }: Job): Promise<Outcome> {
  if (store === 'server') return administered(way ?? '', times, url ?? '');
  if (way !== null) return tampered(store, way, times);
  return store === 'postgres' ? restored(times) : rolledBack(times);
}

async function ledgerOf(store: 'postgres' | 'double'): Promise<Tampered> {
  const there = made.get(store);
  if (there !== undefined) return there;
  const { changed } = shapes[store];
  const ledger = await (store === 'postgres'
    ? TamperedLedger.make(changed)
    : TamperedLog.make(changed));
  made.set(store, ledger);
  return ledger;
}

async function tampered(
  store: 'postgres' | 'double',
  name: string,
  times: number,
): Promise<Outcome> {
  const ledger = await ledgerOf(store);
  const said: string[] = [];
  let passed = 0;
  for (let n = 0; n < times; n++) {
    const wrong = await ledger.tamper(name);
    const findings = await ledger.check();
    if (ledger.names(findings, wrong)) passed++;
    else said.push(`not named: ${JSON.stringify({ wrong, findings: findings.slice(0, 3) })}`);
    await ledger.mend();
    if (n % 100 === 99)
      port?.postMessage({ name, passed, failed: said.length, said: [], more: times - n - 1 });
  }
  // Mended, it is whole: what was found was what was done.
  const rest = await ledger.check();
  if (rest.length > 0) said.push(`found in a whole ledger: ${JSON.stringify(rest.slice(0, 3))}`);
  return { name, passed, failed: said.length, said };
}

async function administered(name: string, times: number, url: string): Promise<Outcome> {
  const said: string[] = [];
  for (let n = 0; n < times; n++) {
    const fault = await toldOf(name, url);
    if (fault !== null) said.push(fault);
  }
  return { name, passed: times - said.length, failed: said.length, said };
}

async function rolledBack(times: number): Promise<Outcome> {
  const refusals = await olderCopies({ ...shapes.double.backedUp, rounds: times + 1 });
  const said = refusals.flatMap((refusal, n) =>
    refusal === null ? [`a copy of ${n + 1} parts of ${times + 1} was signed`] : [],
  );
  const name = 'older copies of the events';
  return { name, passed: refusals.length - said.length, failed: said.length, said };
}

async function restored(times: number): Promise<Outcome> {
  let underneath: SealedLedger | undefined;
  const shape = { ...shapes.postgres.backedUp, rounds: times + 1 };
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
