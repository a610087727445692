import { type Facts, ProductError, visibleJson, visibleLines } from '#libs/kernel';

/** How a command reports its result: set once, before it runs. */
const told = { json: false, quiet: false };

export const setOutput = (options: { readonly json?: boolean; readonly quiet?: boolean }): void => {
  told.json = options.json === true;
  told.quiet = options.quiet === true;
};

const closed = new AbortController();
/** Aborted once standard output takes no more: for what would go on telling without end. */
export const outputClosed: AbortSignal = closed.signal;

/**
 * Output to a closed pipe or terminal is lost, and stops nothing: pending work is finished, and the
 * exit code tells the result.
 */
export function leaveClosedOutput(): void {
  process.stdout.on('error', () => {
    closed.abort();
  });
  process.stderr.on('error', () => undefined);
}

/** Whether a setting of the process is why it ended: as the programs do, it ends with 2 then. */
export const isOfSettings = (error: unknown): boolean =>
  error instanceof ProductError && (error as ProductError).code === 'setting_invalid';

/** Whether the output is for programs: no progress bars, no text beside the result. */
export const isSilent = (): boolean => told.json || told.quiet;

/**
 * Tells what came of a command: with --json one object for programs, else lines for people, and
 * with --quiet nothing but what is the point of it.
 * @param point what a caller takes on, such as a new key; without one the exit code says all
 */
export function tellResult(value: object, lines: readonly string[], point?: string): void {
  if (told.json) tellJson(value);
  else if (!told.quiet) process.stdout.write(`${visibleLines(lines.join('\n'))}\n`);
  else if (point !== undefined) process.stdout.write(`${visibleLines(point)}\n`);
}

/** Whether the exit code alone reports a finding. */
export const isQuiet = (): boolean => told.quiet && !told.json;
/** One object on one line for programs, also where a terminal shows it. */
export const tellJson = (value: object): void => {
  process.stdout.write(`${visibleJson(value)}\n`);
};

/** Whether a program reads what is told. */
export const isForPrograms = (): boolean => told.json;

/** Why a command ended without its result, for programs. */
export interface ToldError {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly facts?: Facts;
}

export function toldError(error: unknown): ToldError {
  if (!(error instanceof ProductError))
    return { code: 'failed', message: error instanceof Error ? error.message : 'failed' };
  const { code, message, hint, facts } = error as ProductError;
  return { code, message, ...(hint !== undefined && { hint }), facts };
}

/**
 * Tells on standard error, or with --json on standard output, where a program looks for the one
 * answer.
 */
export function tellError(error: unknown): void {
  const told = toldError(error);
  if (isForPrograms()) tellJson({ error: told });
  else if (!(error instanceof ProductError))
    process.stderr.write(`${visibleLines(told.message)}\n`);
  else {
    const hint = told.hint === undefined ? '' : `\n${told.hint}`;
    process.stderr.write(`${visibleLines(`${told.message} (${told.code})${hint}`)}\n`);
  }
}
