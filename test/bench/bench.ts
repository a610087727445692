/**
 * One line of a measurement's result. Times are milliseconds for one operation as its caller saw
 * it; null where callers do not apply.
 */
export interface Row {
  readonly test: string;
  readonly side: string;
  readonly callers: number;
  readonly perSecond: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  /** Its median to that of the smallest size, where a measurement is made at several. */
  readonly ratio?: number;
  /** What else was measured, by name and unit. */
  readonly figures?: Readonly<Record<string, number>>;
}

export interface BenchContext {
  /**
   * An empty database on a server with the settings of a real one: fsync on, synchronous_commit on.
   * Its URL.
   */
  readonly database: () => Promise<string>;
  /** Process of that server. */
  readonly serverPid: number;
  /** How long one round lasts, where a measurement has rounds and the caller of it chose. */
  readonly seconds: number | undefined;
  /** Whether the statements of a case are told one by one, where they are counted. */
  readonly statements: boolean;
  /** For people; silent under --json. */
  readonly say: (line: string) => void;
}

/** A measurement. Every `*.bench.ts` in this folder exports one as `bench` and is found by that. */
export interface Bench {
  readonly name: string;
  run(context: BenchContext): Promise<readonly Row[]>;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}

/** The value below which `share` of the values lie. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}
