import type { JobFacts, PrinterSeen } from './printer.js';

/**
 * The state of a printer as a kiosk says it. `attention` is a stop whose reason has no word here;
 * `unknown` a printer that listens and does not answer as one.
 */
export const printerSigns = [
  'ready',
  'low-paper',
  'low-toner',
  'no-paper',
  'no-toner',
  'jam',
  'cover',
  'output-full',
  'attention',
  'off',
  'network',
  'unknown',
] as const;
export type PrinterSign = (typeof printerSigns)[number];

/** Whether a page that is sent now is printed now. */
export const isPrintable = (sign: PrinterSign): boolean =>
  sign === 'ready' || sign === 'low-paper' || sign === 'low-toner';

/** Keywords of RFC 8011, section 5.4.12, and `offline` of CUPS, that say why nothing is printed. */
const stopping: Readonly<Record<string, PrinterSign>> = {
  offline: 'off',
  shutdown: 'off',
  'connecting-to-device': 'off',
  'timed-out': 'off',
  'cover-open': 'cover',
  'door-open': 'cover',
  'interlock-open': 'cover',
  'media-jam': 'jam',
  'media-empty': 'no-paper',
  'media-needed': 'no-paper',
  'toner-empty': 'no-toner',
  'marker-supply-empty': 'no-toner',
  'developer-empty': 'no-toner',
  'output-area-full': 'output-full',
  paused: 'attention',
  'moving-to-paused': 'attention',
  'input-tray-missing': 'attention',
  'output-tray-missing': 'attention',
  'marker-waste-full': 'attention',
  'fuser-over-temp': 'attention',
  'fuser-under-temp': 'attention',
  'opc-life-over': 'attention',
  'spool-area-full': 'attention',
};

/** Those that only announce a stop. */
const announcing: Readonly<Record<string, PrinterSign>> = {
  'media-low': 'low-paper',
  'toner-low': 'low-toner',
  'marker-supply-low': 'low-toner',
  'developer-low': 'low-toner',
};

/**
 * Of several, the first is said: what has to be mended before anything else can be seen or done.
 */
const order: readonly PrinterSign[] = [
  'off',
  'cover',
  'jam',
  'no-paper',
  'no-toner',
  'output-full',
  'attention',
  'low-paper',
  'low-toner',
];

/** The printer's own words, in one of the kiosk's. */
export function signOf(seen: PrinterSeen): PrinterSign {
  if (seen.is === 'away') return seen.why === 'silent' ? 'unknown' : seen.why;
  const { state, reasons, acceptsJobs } = seen.facts;
  const signs = new Set(reasons.map(signOfReason));
  const first = order.find((sign) => signs.has(sign));
  if ((state === 'stopped' || !acceptsJobs) && (first === undefined || isPrintable(first)))
    return 'attention';
  return first ?? 'ready';
}

/**
 * The suffix is no measure of whether a page would come out: CUPS reports an empty tray as
 * `media-empty-report` until a job waits for it. It counts where the reason has no word here.
 */
function signOfReason(told: string): PrinterSign | undefined {
  const [, reason = told, severity] = /^(.+)-(report|warning|error)$/.exec(told) ?? [];
  return announcing[reason] ?? stopping[reason] ?? (severity === 'error' ? 'attention' : undefined);
}

/**
 * How a print ended: the printer completed it; nothing of it came out, so that it may be printed
 * elsewhere; or a page may be on paper, and a person has to look.
 */
export type PrintEnd = 'not-printed' | 'perhaps' | 'printed';

export type JobSign =
  | { readonly is: 'waiting' }
  | { readonly is: 'printing'; readonly impressions: number | null }
  | { readonly is: 'stopped' }
  | { readonly is: 'ended'; readonly end: PrintEnd };

/** Reasons that say of an ended job that none of its document was printed. */
const neverBegun = new Set([
  'submission-interrupted',
  'job-data-insufficient',
  'unsupported-compression',
  'compression-error',
  'unsupported-document-format',
  'document-format-error',
  'document-access-error',
]);

/** What is known beside the job itself. */
export interface JobKnown {
  /** Whether the printer acknowledged the whole document: CUPS completes a job with half of one. */
  readonly acknowledged: boolean;
  /** Whether this printer is known to count impressions: some tell 0 whatever came out. */
  readonly counts: boolean;
}

/**
 * What became of a job that the document was sent to.
 * @param job null where the printer does not know it, or no longer
 */
export function jobSignOf(
  job: JobFacts | null,
  printer: PrinterSign,
  { acknowledged, counts }: JobKnown,
): JobSign {
  // A printer forgets jobs that ended, and all of them where it lost power.
  if (job === null) return { is: 'ended', end: 'perhaps' };
  switch (job.state) {
    case 'pending':
    case 'pending-held':
      return isPrintable(printer) ? { is: 'waiting' } : { is: 'stopped' };
    case 'processing':
      return isPrintable(printer)
        ? { is: 'printing', impressions: job.impressions }
        : { is: 'stopped' };
    case 'processing-stopped':
      return { is: 'stopped' };
    case 'completed': {
      const isWhole = acknowledged && !job.reasons.includes('job-completed-with-errors');
      return { is: 'ended', end: isWhole ? 'printed' : 'perhaps' };
    }
    case 'canceled':
    case 'aborted': {
      const isNothing =
        job.begun === false ||
        (counts && job.impressions === 0) ||
        job.reasons.some((reason) => neverBegun.has(reason));
      return { is: 'ended', end: isNothing ? 'not-printed' : 'perhaps' };
    }
  }
}
