import {
  checkLedger,
  type Finding,
  type LedgerCheckOptions,
  type LedgerReport,
  meanings,
} from '#libs/audit/ledger-check';
import type { openEventStore } from '../house/event-store.js';
import type { Ledger } from './ledger.js';
import { progressBar } from './progress.js';

/** What a check came to, and how long it took. */
export interface Checked {
  readonly report: LedgerReport;
  readonly seconds: number;
}

/** Checks the ledger of these settings, wherever its records are, with a bar for each phase. */
export async function checked(
  { settings, pool }: Ledger,
  options: Pick<LedgerCheckOptions, 'policy' | 'checkpoints' | 'threads'>,
): Promise<Checked> {
  const bars = new Map<string, ReturnType<typeof progressBar>>();
  const store = settings.eventStoreUrl === undefined ? undefined : await storeOf(settings, pool);
  const began = performance.now();
  try {
    const report = await checkLedger(pool, pool.options.connectionString ?? '', {
      ...options,
      city: settings.city,
      ...(store !== undefined && { store }),
      onProgress: (phase, done, of) => {
        let bar = bars.get(phase);
        if (bar === undefined) {
          for (const other of bars.values()) other.stop();
          bars.set(phase, (bar = progressBar(phase.padEnd(10), of)));
        }
        bar.at(done, of);
      },
    });
    return { report, seconds: (performance.now() - began) / 1000 };
  } finally {
    for (const bar of bars.values()) bar.stop();
    await store?.close();
  }
}

/** Loaded where it is needed: its client is large. */
async function storeOf(...settings: Parameters<typeof openEventStore>) {
  const { openEventStore: open } = await import('../house/event-store.js');
  return open(...settings);
}

/** So many findings are told on the screen. */
const told = 50;

/** The findings, the first wrong record first: where, what is wrong there, and the code of it. */
export function tell({ findings }: LedgerReport): void {
  for (const finding of findings.slice(0, told))
    process.stdout.write(`${whereabouts(finding)}: ${meanings[finding.what]} (${finding.what})\n`);
  const more = findings.length - told;
  if (more > 0) process.stdout.write(`… and ${more} more\n`);
}

function whereabouts({ leaf, stream, version, until }: Finding): string {
  if (version >= 0) return `${stream} ${version}, record ${leaf}`;
  if (leaf < 0) return 'the log';
  return until === undefined || until === leaf
    ? `the log, record ${leaf}`
    : `the log, records ${leaf} to ${until}`;
}
