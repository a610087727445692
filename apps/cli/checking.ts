import type { openEventStore } from '#composition/event-store';
import {
  checkFetchedLedger,
  checkLedger,
  type FetchedCheckOptions,
  type FetchedLedgerReport,
  type Finding,
  type LedgerCheckOptions,
  type LedgerDoor,
  type LedgerReport,
  meanings,
} from '#libs/audit/ledger-check';
import type { Ledger } from './ledger.js';
import { visible } from '#libs/kernel';
import { progressBar } from './progress.js';

/** What a check came to, and how long it took. */
export interface Checked<Report extends LedgerReport = LedgerReport> {
  readonly report: Report;
  readonly seconds: number;
}

/** Checks the ledger of these settings, wherever its records are, with a bar for each phase. */
export async function checked(
  { settings, pool }: Ledger,
  options: Pick<LedgerCheckOptions, 'policy' | 'checkpoints' | 'threads'>,
): Promise<Checked> {
  const store = settings.eventStoreUrl === undefined ? undefined : await storeOf(settings, pool);
  try {
    return await withBars((onProgress) =>
      checkLedger(pool, pool.options.connectionString ?? '', {
        ...options,
        city: settings.city,
        ...(store !== undefined && { store }),
        onProgress,
      }),
    );
  } finally {
    await store?.close();
  }
}

/** The same of a ledger that is read from outside. */
export const checkedOutside = (
  door: LedgerDoor,
  options: Pick<FetchedCheckOptions, 'policy' | 'checkpoints' | 'threads'>,
): Promise<Checked<FetchedLedgerReport>> =>
  withBars((onProgress) => checkFetchedLedger(door, { ...options, onProgress }));

type OnProgress = NonNullable<LedgerCheckOptions['onProgress']>;

async function withBars<Report extends LedgerReport>(
  check: (onProgress: OnProgress) => Promise<Report>,
): Promise<Checked<Report>> {
  const bars = new Map<string, ReturnType<typeof progressBar>>();
  const began = performance.now();
  try {
    const report = await check((phase, done, of) => {
      let bar = bars.get(phase);
      if (bar === undefined) {
        for (const other of bars.values()) other.stop();
        bars.set(phase, (bar = progressBar(phase.padEnd(10), of)));
      }
      bar.at(done, of);
    });
    return { report, seconds: (performance.now() - began) / 1000 };
  } finally {
    for (const bar of bars.values()) bar.stop();
  }
}

/** Loaded where it is needed: its client is large. */
async function storeOf(...settings: Parameters<typeof openEventStore>) {
  const { openEventStore: open } = await import('#composition/event-store');
  return open(...settings);
}

/** Limit of findings shown on the screen. */
const told = 50;

/** The findings, the first wrong record first: where, what is wrong there, and the code of it. */
export function tell({ findings }: LedgerReport): void {
  for (const finding of findings.slice(0, told)) {
    process.stdout.write(`${whereabouts(finding)}: ${meanings[finding.what]} (${finding.what})\n`);
    const { what, position, hash } = finding;
    if (what === 'foreign_event' && position !== undefined && hash !== undefined)
      process.stdout.write(`  npx mianzheng exclude --position ${position} --hash ${hash}\n`);
  }
  const more = findings.length - told;
  if (more > 0) process.stdout.write(`… and ${more} more\n`);
}

/** What was left out of the ledger, and by whose act. */
export function tellLeftOut({ leftOut: acts }: LedgerReport): void {
  if (acts.length === 0) return;
  process.stdout.write('Left out of the ledger by two administrators, for it was never its own:\n');
  for (const { leftOut, reason, exclusion, requestedBy, approvedBy, stream, version } of acts)
    for (const event of leftOut.events)
      process.stdout.write(
        `${visible(leftOut.stream)} ${event.version}${event.part === 'metadata' ? ' of its metadata' : ''}, position ${event.position}: ` +
          `${visible(reason)}; act ${visible(exclusion)} of ${visible(requestedBy)} and ${visible(approvedBy)} (${visible(stream)} ${version})\n`,
      );
}

function whereabouts({ leaf, stream, version, until, position }: Finding): string {
  if (position !== undefined) return `${visible(stream)} ${version}, position ${position}`;
  // From outside, the city may have put anything into a name.
  if (version >= 0) return `${visible(stream)} ${version}, record ${leaf}`;
  if (leaf < 0) return 'the log';
  return until === undefined || until === leaf
    ? `the log, record ${leaf}`
    : `the log, records ${leaf} to ${until}`;
}
