import { SingleBar } from 'cli-progress';
import { stat } from 'node:fs/promises';
import {
  BadFile,
  type BadLine,
  checkFile,
  type CheckReport,
  type Contradictions,
  importCertificates,
  type ImportOptions,
  type ImportReport,
  type LineCounts,
  type LineResult,
  openSource,
  ResultsFile,
  type Source,
  type StopRule,
} from '#libs/department-client';
import { InvalidError, UnavailableError, visible } from '#libs/kernel';
import { isForPrograms, isSilent, tellResult, toldError } from './output.js';

export interface ImportRun extends Pick<
  ImportOptions,
  'file' | 'city' | 'issuer' | 'key' | 'linesOfBatch' | 'atOnce' | 'signAnew' | 'asOf' | 'reason'
> {
  /** Bytes of the file. */
  readonly size: number;
  readonly encoding: string | undefined;
  readonly dryRun: boolean;
  readonly stop: StopRule;
  /** Aborted when the user stops the import: pending requests are waited for. */
  readonly signal: AbortSignal;
}

/** The file was written to between its check and its import. */
class FileChanged extends InvalidError<'file_changed'> {}

/** Limit of bad lines shown on the screen; all of them are in the file of bad lines. */
const told = 20;

const say = (line: string) => {
  if (!isSilent()) process.stdout.write(`${visible(line)}\n`);
};
const complain = (line: string) => {
  if (!isSilent()) process.stderr.write(`${visible(line)}\n`);
};

/**
 * The result of a run for programs, as far as it came. Paths and reasons as people see them: values
 * of persons are masked.
 */
interface RunFacts {
  dryRun: boolean;
  checked?: {
    readonly good: number;
    readonly refused: number;
    readonly lines: LineCounts;
    readonly rounded: readonly number[];
    readonly stop: boolean;
  };
  imported?: ImportReport & { readonly seconds: number };
  /**
   * The first lines of which the holder has another valid certificate of a type without number; all
   * have the flag in `resultsFile`.
   */
  another: readonly Pick<LineResult, 'line' | 'certificate'>[];
  /** The first of them; all stand in `badFile`. */
  refused: readonly Omit<BadLine, 'raw'>[];
  badFile: string | null;
  resultsFile: string | null;
  interrupted: boolean;
}

/**
 * A whole import: the check of all lines, then, where not too much is wrong, the handing in. Tells
 * what came of it, also where it ends in an error.
 */
export async function runImport(run: ImportRun): Promise<{ readonly complete: boolean }> {
  const facts: RunFacts = {
    dryRun: run.dryRun,
    another: [],
    refused: [],
    badFile: null,
    resultsFile: null,
    interrupted: false,
  };
  let done: { readonly complete: boolean } = { complete: false };
  try {
    done = await runAndTell(run, facts);
  } catch (error) {
    if (!isForPrograms()) throw error;
    tellResult({ complete: false, ...facts, error: toldError(error) }, []);
    return done;
  }
  if (isForPrograms()) tellResult({ ...done, ...facts }, []);
  return done;
}

async function runAndTell(
  run: ImportRun,
  facts: RunFacts,
): Promise<{ readonly complete: boolean }> {
  const before = await stat(run.file);
  const { source, bad, first } = await open(run);
  const check = await checkedWhole(run, source, bad, first).catch(async (error: unknown) => {
    await bad.close();
    if (!run.signal.aborted) throw error;
    return null;
  });
  if (check === null) {
    facts.interrupted = true;
    say('已中断，什么也没有写入 / interrupted; nothing was written');
    return { complete: false };
  }
  const { good, refused, counts, rounded, stop } = check;
  facts.checked = { good, refused, lines: counts, rounded, stop };
  if (run.dryRun || check.stop) {
    await bad.close();
    facts.badFile = bad.path;
    facts.refused = first.map(withoutRaw);
    tellCheck(run, check, bad, first);
    return { complete: check.refused === 0 && !check.stop };
  }
  await bad.forget(); // reported again, in the order of the file, with the city's refusals
  const now = await stat(run.file);
  if (now.size !== before.size || now.mtimeMs !== before.mtimeMs)
    throw new FileChanged(
      'file_changed',
      '文件在检查后被改动，什么也没有写入 / the file was changed after it was checked; nothing was written',
    );
  return handedIn(run, check, facts);
}

const withoutRaw = ({ line, lines, code, detail, reason }: BadLine): Omit<BadLine, 'raw'> => ({
  line,
  lines,
  code,
  detail,
  reason,
});

async function open(run: ImportRun) {
  const source = await openSource(run.file, run.city, run.encoding);
  const first: BadLine[] = [];
  return { source, bad: new BadFile(run.file, source.format), first };
}

const noting = (bad: BadFile, first: BadLine[]) => (line: BadLine) => {
  if (first.length < told) first.push(line);
  return bad.add(line);
};

/**
 * Where papers contradict themselves, the file is read again: which line was the first of such a
 * paper is known only then.
 */
async function checkedWhole(
  run: ImportRun,
  source: Source,
  bad: BadFile,
  first: BadLine[],
): Promise<CheckReport> {
  const check = await checked(run, source, bad, first);
  const { contradictions } = check;
  if (contradictions.found === 0) return check;
  await bad.forget();
  first.length = 0;
  return checked(run, (await open(run)).source, bad, first, contradictions);
}

async function checked(
  run: ImportRun,
  source: Source,
  bad: BadFile,
  first: BadLine[],
  contradictions?: Contradictions,
): Promise<CheckReport> {
  const bar = barOf('检查 checking', run.size, '{refused} refused');
  try {
    return await checkFile({
      ...run,
      source,
      ...(contradictions !== undefined && { contradictions }),
      onBad: noting(bad, first),
      onProgress: (bytes, refused) => {
        bar.update(bytes, { refused });
      },
    });
  } finally {
    bar.stop();
  }
}

async function handedIn(
  run: ImportRun,
  check: CheckReport,
  facts: RunFacts,
): Promise<{ complete: boolean }> {
  const { source, bad, first } = await open(run);
  const results = new ResultsFile(run.file);
  const another: Pick<LineResult, 'line' | 'certificate'>[] = [];
  const bar = barOf(
    '送入 importing',
    run.size,
    '{recorded} recorded, {unchanged} unchanged, {refused} refused  {rate}/s',
  );
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  const note = (report: ImportReport | undefined) => {
    if (report !== undefined) facts.imported = { ...report, seconds: seconds() };
    facts.interrupted = run.signal.aborted;
    facts.another = another;
    facts.refused = first.map(withoutRaw);
    facts.badFile = bad.path;
    facts.resultsFile = results.path;
  };
  let last: ImportReport | undefined;
  try {
    const report = await importCertificates({
      ...run,
      source,
      contradictions: check.contradictions,
      stop: { rule: run.stop, all: check.good + check.refused },
      onBad: noting(bad, first),
      onResult: (result) => {
        if (result.flags.includes('holder_has_another') && another.length < told)
          another.push({ line: result.line, certificate: result.certificate });
        return results.add(result);
      },
      onProgress: (bytes, so) => {
        last = so;
        const { recorded, unchanged, refused } = so;
        const rate = Math.round((recorded + unchanged + refused) / seconds());
        bar.update(bytes, { recorded, unchanged, refused, rate });
      },
    });
    bar.stop();
    await Promise.all([bad.close(), results.close()]);
    note(report);
    tellImport(report, seconds());
    if (report.stopped === null) tellLines(source.counts());
    else tellStopped(report);
    tellAnother(report, another);
    tellFiles(report.refused, bad, results, first);
    return { complete: report.refused === 0 && report.stopped === null };
  } catch (error) {
    bar.stop();
    await Promise.all([bad.close(), results.close()]);
    note(last);
    // An outage ends the run, and what was answered before it stands.
    if (last !== undefined) {
      tellImport(last, seconds());
      tellAnother(last, another);
      tellFiles(last.refused, bad, results, first);
    }
    const upTo = last?.upToLine ?? 0;
    say(
      `到第 ${upTo} 行为止都有结果；再次运行同一命令会接着做 / all lines up to ${upTo} were answered; the same command goes on from there${
        error instanceof UnavailableError ? '' : ' (if the cause is mended)'
      }`,
    );
    throw error;
  } finally {
    bar.stop();
  }
}

interface Bar {
  update(bytes: number, figures: object): void;
  stop(): void;
}

function barOf(what: string, total: number, figures: string): Bar {
  if (isSilent()) return { update: () => undefined, stop: () => undefined };
  const bar = new SingleBar({
    format: `${what} {bar} {percentage}%  ${figures}  {eta_formatted} left`,
    stream: process.stderr,
    noTTYOutput: false,
    hideCursor: true,
    // A bar that catches the interrupt itself would end the program.
    gracefulExit: false,
  });
  bar.start(total, 0, { recorded: 0, unchanged: 0, refused: 0, rate: 0 });
  return bar;
}

function tellCheck(
  run: ImportRun,
  check: CheckReport,
  bad: BadFile,
  first: readonly BadLine[],
): void {
  say(
    `检查了 / checked: ${check.good} 可送入 good, ${check.refused} 不可 refused; 什么也没有写入 / nothing was written`,
  );
  tellLines(check.counts);
  tellBad(first, check.refused, bad);
  if (check.rounded.length > 0)
    say(
      `${check.rounded.length} 行的号码以 000 结尾，电子表格把长号码舍入了（例如第 ${check.rounded.slice(0, 5).join('、')} 行）。请回到数据源，把号码列设为“文本”后重新导出，不要在表格里补零。/ ` +
        `the numbers of ${check.rounded.length} lines end in 000: a spreadsheet rounded them (lines ${check.rounded.slice(0, 5).join(', ')}, …). Go back to the source, make the column Text, and export again.`,
    );
  else if (check.stop && !run.dryRun)
    say(
      '不可送入的太多，所以停止。改正后再导入，或用 --stop-after、--stop-percent 放宽。/ too many lines are refused, so it stopped: mend them, or allow more by --stop-after and --stop-percent.',
    );
}

function tellImport({ recorded, unchanged, refused }: ImportReport, seconds: number): void {
  const all = recorded + unchanged + refused;
  say(
    `${recorded} recorded, ${unchanged} unchanged, ${refused} refused; ${Math.round(all / seconds)}/s （新增 ${recorded}，未变 ${unchanged}，不可 ${refused}）`,
  );
}

function tellLines({ header, blank, rows }: LineCounts): void {
  say(
    `文件共 ${header + blank + rows} 行：表头 ${header}，空行 ${blank}，证照 ${rows} / ${header + blank + rows} lines in all: ${header} header, ${blank} blank, ${rows} of certificates`,
  );
}

function tellStopped({ stopped, upToLine }: ImportReport): void {
  const why =
    stopped === 'told_to'
      ? '已中断 / interrupted'
      : '不可送入的太多，所以停止 / too many lines were refused';
  say(
    `${why}：到第 ${upToLine} 行为止都有结果；再次运行同一命令会接着做 / all lines up to ${upToLine} were answered; the same command goes on from there`,
  );
}

/** Taken all the same: only the authority knows whether both hold. */
function tellAnother(
  { another }: ImportReport,
  first: readonly Pick<LineResult, 'line' | 'certificate'>[],
): void {
  if (another === 0) return;
  const lines = first.map(({ line }) => line);
  const more = another > lines.length ? ', …' : '';
  complain(
    `${another} 行的持证主体另有一份同类有效证照（无编号的种类），请核对是否应注销其一：第 ${lines.join('、')}${more} 行 / ` +
      `the holders of ${another} lines have another valid certificate of the same type, which has no number; look whether one is to be cancelled: lines ${lines.join(', ')}${more} (holder_has_another)`,
  );
}

function tellFiles(
  refused: number,
  bad: BadFile,
  results: ResultsFile,
  first: readonly BadLine[],
): void {
  if (results.path !== null) say(`各行的证照 / which certificate each line is: ${results.path}`);
  tellBad(first, refused, bad);
}

function tellBad(first: readonly BadLine[], refused: number, bad: BadFile): void {
  for (const { line, lines, code, reason } of first) {
    const place = lines === 1 ? String(line) : `${line}–${line + lines - 1}`;
    complain(`第 ${place} 行 / line ${place}: ${code}: ${reason}`);
  }
  if (refused > first.length)
    complain(`还有 ${refused - first.length} 行 / and ${refused - first.length} more`);
  if (bad.path !== null)
    complain(
      `不可送入的行及原因，改正后可直接导入 / bad lines with their reasons, to be imported when they are mended: ${bad.path}`,
    );
}
