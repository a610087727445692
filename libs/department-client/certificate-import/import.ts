import type { Contradictions } from './contradictions.js';
import { handIn, type HandingIn, type LineOutcome, type LineResult } from './handing-in.js';
import { HoldersPapers } from './holders-papers.js';
import { prepare, type Prepared, type Preparing } from './preparing.js';
import { badLine, type BadLine, faultOfLine, mustStop, type StopRule } from './refusals.js';
import type { Row, Source } from './rows.js';
import { PapersUnderWay } from './versions.js';

export interface ImportReport {
  readonly recorded: number;
  /** Had come in before. */
  readonly unchanged: number;
  readonly refused: number;
  /**
   * Of those recorded: the holder has another valid one of a type without number
   * (`holder_has_another`).
   */
  readonly another: number;
  /** All lines up to here were answered; 0 where none was. */
  readonly upToLine: number;
  /** Why the lines behind that were not handed in; null where all were. */
  readonly stopped: 'told_to' | 'too_many_refused' | null;
}

export interface ImportOptions extends Preparing, HandingIn {
  readonly city: HandingIn['city'];
  readonly issuer: HandingIn['issuer'];
  readonly source: Source;
  /** What the check of the whole file found. */
  readonly contradictions: Contradictions;
  readonly linesOfBatch?: number;
  /** Batches under way together. */
  readonly atOnce?: number;
  /** Nothing new is begun after it; what is under way is waited for, and told. */
  readonly signal?: AbortSignal;
  /** Certificates of the file, where that is known, and when too many of them are refused. */
  readonly stop?: { readonly rule: StopRule; readonly all: number };
  /** In the order of the file, and so are results. */
  readonly onBad: (bad: BadLine) => Promise<void> | void;
  readonly onResult?: (result: LineResult) => Promise<void> | void;
  readonly onProgress?: (bytes: number, report: ImportReport) => void;
}

/**
 * Signs every line of a file here and submits it, batch by batch, several concurrently; bad lines
 * are reported in order and do not stop others. Run again, it signs the same content, which the
 * city recognises, so that nothing is recorded twice.
 * @throws ImportRefused, CityRefused, CityUnreachable: every line reported before has the reported
 *   state
 */
export async function importCertificates(options: ImportOptions): Promise<ImportReport> {
  const { source, linesOfBatch = 250, atOnce = 3, signal, stop, onProgress } = options;
  const report: { -readonly [K in keyof ImportReport]: ImportReport[K] } = {
    recorded: 0,
    unchanged: 0,
    refused: 0,
    another: 0,
    upToLine: 0,
    stopped: null,
  };
  const papers = new PapersUnderWay();
  const others = new HoldersPapers();
  const underWay: Promise<Page>[] = [];
  const settle = async () => {
    const page = await underWay.shift();
    if (page === undefined) return;
    for (const outcome of page.outcomes) {
      report[outcome.state]++;
      if (outcome.state === 'refused') await options.onBad(outcome.bad);
      else {
        if (outcome.result.flags.includes('holder_has_another')) report.another++;
        await options.onResult?.(outcome.result);
      }
    }
    report.upToLine = page.upToLine;
    onProgress?.(page.bytes, { ...report });
    if (stop !== undefined && mustStop(report.refused, stop.all, stop.rule))
      report.stopped = 'too_many_refused';
  };
  const begin = async (rows: readonly Row[]) => {
    const work = importPage(options, papers, others, rows);
    work.catch(() => undefined); // thrown when it is awaited
    underWay.push(work);
    if (underWay.length >= atOnce) await settle();
  };
  let rows: Row[] = [];
  for await (const row of source.rows) {
    rows.push(row);
    if (rows.length < linesOfBatch) continue;
    if (signal?.aborted === true) report.stopped = 'told_to';
    if (report.stopped !== null) break;
    await begin(rows);
    rows = [];
  }
  if (signal?.aborted === true) report.stopped ??= 'told_to';
  if (rows.length > 0 && report.stopped === null) await begin(rows);
  while (underWay.length > 0) await settle();
  return report;
}

interface Page {
  readonly outcomes: readonly LineOutcome[];
  readonly upToLine: number;
  readonly bytes: number;
}

async function importPage(
  options: ImportOptions,
  papers: PapersUnderWay,
  others: HoldersPapers,
  rows: readonly Row[],
): Promise<Page> {
  const outcomes = new Map<Row, LineOutcome>();
  const good: Prepared[] = [];
  for (const row of rows)
    try {
      const line = await prepare(options, row);
      options.contradictions.mustNotHold(line);
      good.push(line);
    } catch (error) {
      const fault = faultOfLine(error);
      if (fault === null) throw error;
      outcomes.set(row, { state: 'refused', bad: badLine(row, fault) });
    }
  const handedIn = await papers.oneByOne(
    good.map(({ paper }) => paper),
    async () => {
      const done = await handIn(options, good);
      return good.flatMap((line, n) => {
        const outcome = done[n];
        return outcome === undefined ? [] : others.tell(line, outcome);
      });
    },
  );
  for (const [n, outcome] of handedIn.entries()) {
    const row = good[n]?.row;
    if (row !== undefined) outcomes.set(row, outcome);
  }
  const last = rows.at(-1);
  return {
    outcomes: rows.flatMap((row) => outcomes.get(row) ?? []),
    upToLine: last === undefined ? 0 : last.line + last.lines - 1,
    bytes: last?.upTo ?? 0,
  };
}
