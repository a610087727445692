import { ConflictError, UnavailableError } from '#libs/kernel';

/** What a printer tells of itself (RFC 8011, sections 5.4.11, 5.4.12 and 5.4.23). */
export interface PrinterFacts {
  readonly state: 'idle' | 'processing' | 'stopped';
  /** Keywords of `printer-state-reasons` as told, without `none`. */
  readonly reasons: readonly string[];
  readonly acceptsJobs: boolean;
}

/**
 * Why a printer told nothing: nothing listens at its address or its host cannot be reached (`off`),
 * this machine has no network or no name service (`network`), or it listens and does not answer in
 * time or as a printer (`silent`).
 */
export type NoAnswer = 'network' | 'off' | 'silent';

/** What is known of the printer now. */
export type PrinterSeen =
  | { readonly is: 'told'; readonly facts: PrinterFacts }
  | { readonly is: 'away'; readonly why: NoAnswer };

/** RFC 8011, section 5.3.7. */
export const jobStates = [
  'pending',
  'pending-held',
  'processing',
  'processing-stopped',
  'canceled',
  'aborted',
  'completed',
] as const;
export type JobState = (typeof jobStates)[number];

export interface JobFacts {
  readonly state: JobState;
  /** Keywords of `job-state-reasons` as told, without `none`. */
  readonly reasons: readonly string[];
  /** Sides printed so far (`job-impressions-completed`); null where the printer does not tell. */
  readonly impressions: number | null;
  /** Whether the printer began with it (`time-at-processing`); null where it does not tell. */
  readonly begun: boolean | null;
}

/** The printer told nothing that can be used; whether it did what was asked is not known. */
export class PrinterAway extends UnavailableError<'printer_away'> {
  constructor(
    readonly why: NoAnswer,
    cause?: unknown,
  ) {
    super('printer_away', 'the printer does not answer', { why }, { cause });
  }
}
/** The printer answered, and refused. `facts.status` is the status code of RFC 8011, appendix B. */
export class PrinterRefused extends ConflictError<'printer_refused'> {
  constructor(operation: string, status: number) {
    super('printer_refused', 'the printer refused what it was asked', { operation, status });
  }
}

/**
 * One printer; no method tries again by itself. What throws `PrinterAway` may have happened: the
 * caller looks at the job before anything else.
 */
export interface Printer {
  /** Must not throw where the printer is away: that is what it tells. */
  look(): Promise<PrinterSeen>;

  /**
   * Operations and formats that printing once needs and the printer does not have; usually none.
   * @throws PrinterAway, PrinterRefused
   */
  missing(): Promise<readonly string[]>;

  /**
   * Makes a job without a document, so that losing the answer prints nothing.
   * @param name of the job; a printer may show it
   * @returns the printer's id of the job. @throws PrinterAway, PrinterRefused
   */
  open(name: string): Promise<number>;

  /**
   * Hands the job its only document, a PDF, and closes it. Must send the bytes at most once.
   * @throws PrinterAway, PrinterRefused
   */
  send(job: number, document: Uint8Array): Promise<void>;

  /**
   * The job of this id, where its name is this one: printers begin their ids anew.
   * @returns null where there is none, or none any more. @throws PrinterAway, PrinterRefused
   */
  job(id: number, name: string): Promise<JobFacts | null>;

  /** Ids of the jobs of this name that it still knows. @throws PrinterAway, PrinterRefused */
  jobsNamed(name: string): Promise<readonly number[]>;

  /** Ends a job; one that has ended stays as it is. @throws PrinterAway, PrinterRefused */
  cancel(job: number): Promise<void>;
}
