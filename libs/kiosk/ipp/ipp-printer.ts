import {
  type JobFacts,
  type JobState,
  jobStates,
  type Printer,
  PrinterAway,
  type PrinterFacts,
  PrinterRefused,
  type PrinterSeen,
} from '../printer.js';
import {
  decodeAnswer,
  encodeRequest,
  groupTags,
  type IppAnswer,
  type IppAttributes,
  type SentAttribute,
} from './message.js';
import { exchange, type PrinterAddress, type PrinterPatience } from './transport.js';

/** RFC 8011, section 5.4.15. */
const operations = {
  'Create-Job': 0x05,
  'Send-Document': 0x06,
  'Cancel-Job': 0x08,
  'Get-Job-Attributes': 0x09,
  'Get-Jobs': 0x0a,
  'Get-Printer-Attributes': 0x0b,
} as const;
type Operation = keyof typeof operations;

/** RFC 8011, appendix B. */
const notPossible = 0x0404;
const notFound = 0x0406;
const isSuccess = (status: number) => status <= 0x00ff;

/** RFC 8011, section 5.4.11. */
const printerStates: ReadonlyMap<unknown, PrinterFacts['state']> = new Map([
  [3, 'idle'],
  [4, 'processing'],
  [5, 'stopped'],
]);
/** RFC 8011, section 5.3.7: 3 to 9. */
const jobStateOf = (value: unknown): JobState | undefined =>
  typeof value === 'number' ? jobStates[value - 3] : undefined;

/** Printers list ended jobs newest first (RFC 8011, section 4.2.6.2); older ones are not ours. */
const endedJobsAsked = 100;

const usualPatience: PrinterPatience = { connect: 3000, answer: 10_000 };

/** A printer by IPP 1.1 (RFC 8010, RFC 8011): jobs by Create-Job, documents by Send-Document. */
export class IppPrinter implements Printer {
  readonly #uri: string;
  #lastId = 0;

  constructor(
    private readonly address: PrinterAddress,
    private readonly patience: PrinterPatience = usualPatience,
  ) {
    this.#uri = address.uri;
  }

  async look(): Promise<PrinterSeen> {
    try {
      const [printer] = await this.#ask('Get-Printer-Attributes', groupTags.printer, [
        keywords('requested-attributes', [
          'printer-state',
          'printer-state-reasons',
          'printer-is-accepting-jobs',
        ]),
      ]);
      const state = printerStates.get(printer?.get('printer-state')?.[0]);
      if (printer === undefined || state === undefined) return { is: 'away', why: 'silent' };
      const acceptsJobs = printer.get('printer-is-accepting-jobs')?.[0] !== false;
      return {
        is: 'told',
        facts: { state, reasons: reasonsOf(printer, 'printer-state-reasons'), acceptsJobs },
      };
    } catch (error) {
      if (error instanceof PrinterAway) return { is: 'away', why: error.why };
      if (error instanceof PrinterRefused) return { is: 'away', why: 'silent' };
      throw error;
    }
  }

  async missing(): Promise<readonly string[]> {
    const [printer] = await this.#ask('Get-Printer-Attributes', groupTags.printer, [
      keywords('requested-attributes', ['operations-supported', 'document-format-supported']),
    ]);
    const supported = printer?.get('operations-supported') ?? [];
    const formats = printer?.get('document-format-supported') ?? [];
    return [
      ...Object.entries(operations)
        .filter(([, code]) => !supported.includes(code))
        .map(([name]) => name),
      ...(formats.includes('application/pdf') ? [] : ['application/pdf']),
    ];
  }

  async open(name: string): Promise<number> {
    const [job] = await this.#ask(
      'Create-Job',
      groupTags.job,
      [{ name: 'job-name', tag: 'name', values: [name] }],
      {
        jobAttributes: [
          { name: 'copies', tag: 'integer', values: [1] },
          keywords('sides', ['one-sided']),
          keywords('media', ['iso_a4_210x297mm']),
          keywords('print-scaling', ['none']),
        ],
      },
    );
    const id = job?.get('job-id')?.[0];
    // It may have made one: the caller looks for its name.
    if (typeof id !== 'number') throw new PrinterAway('silent');
    return id;
  }

  async send(job: number, document: Uint8Array): Promise<void> {
    await this.#ask(
      'Send-Document',
      groupTags.job,
      [
        { name: 'document-format', tag: 'mimeMediaType', values: ['application/pdf'] },
        { name: 'last-document', tag: 'boolean', values: [true] },
      ],
      { job, document },
    );
  }

  async job(id: number, name: string): Promise<JobFacts | null> {
    let job: IppAttributes | undefined;
    try {
      [job] = await this.#ask(
        'Get-Job-Attributes',
        groupTags.job,
        [
          keywords('requested-attributes', [
            'job-name',
            'job-state',
            'job-state-reasons',
            'job-impressions-completed',
            'time-at-processing',
          ]),
        ],
        { job: id },
      );
    } catch (error) {
      if (error instanceof PrinterRefused && error.facts['status'] === notFound) return null;
      throw error;
    }
    const state = jobStateOf(job?.get('job-state')?.[0]);
    if (job === undefined || state === undefined) throw new PrinterAway('silent');
    if (job.get('job-name')?.[0] !== name) return null;
    const impressions = job.get('job-impressions-completed')?.[0];
    // The out-of-band value `no-value` where it has not begun (RFC 8011, section 5.3.14.2).
    const begun = job.get('time-at-processing');
    return {
      state,
      reasons: reasonsOf(job, 'job-state-reasons'),
      impressions: typeof impressions === 'number' ? impressions : null,
      begun: begun === undefined ? null : typeof begun[0] === 'number',
    };
  }

  async jobsNamed(name: string): Promise<readonly number[]> {
    const found: number[] = [];
    for (const which of ['not-completed', 'completed']) {
      const jobs = await this.#ask('Get-Jobs', groupTags.job, [
        keywords('which-jobs', [which]),
        ...(which === 'completed'
          ? [{ name: 'limit', tag: 'integer', values: [endedJobsAsked] } as const]
          : []),
        keywords('requested-attributes', ['job-id', 'job-name']),
      ]);
      for (const job of jobs) {
        const id = job.get('job-id')?.[0];
        if (job.get('job-name')?.[0] === name && typeof id === 'number') found.push(id);
      }
    }
    return [...new Set(found)];
  }

  async cancel(job: number): Promise<void> {
    try {
      await this.#ask('Cancel-Job', groupTags.job, [], { job });
    } catch (error) {
      // It has ended.
      if (!(error instanceof PrinterRefused)) throw error;
      if (![notPossible, notFound].includes(Number(error.facts['status']))) throw error;
    }
  }

  /** @returns the attributes of each group of that kind. @throws PrinterAway, PrinterRefused */
  async #ask(
    operation: Operation,
    group: number,
    attributes: readonly SentAttribute[],
    more: {
      readonly job?: number;
      readonly jobAttributes?: readonly SentAttribute[];
      readonly document?: Uint8Array;
    } = {},
  ): Promise<readonly IppAttributes[]> {
    const { job, jobAttributes, document } = more;
    const id = ++this.#lastId;
    const message = encodeRequest({
      operation: operations[operation],
      id,
      // Their order is prescribed (RFC 8011, sections 4.1.4 and 4.1.5).
      operationAttributes: [
        { name: 'attributes-charset', tag: 'charset', values: ['utf-8'] },
        { name: 'attributes-natural-language', tag: 'naturalLanguage', values: ['en'] },
        { name: 'printer-uri', tag: 'uri', values: [this.#uri] },
        ...(job === undefined ? [] : [{ name: 'job-id', tag: 'integer', values: [job] } as const]),
        { name: 'requesting-user-name', tag: 'name', values: ['kiosk'] },
        ...attributes,
      ],
      ...(jobAttributes === undefined ? {} : { jobAttributes }),
      ...(document === undefined ? {} : { document }),
    });
    const { connect, answer } = this.patience;
    const bytes = await exchange(this.address, message, {
      connect,
      answer: document === undefined ? answer : 6 * answer,
    });
    const told = answerTo(bytes, id);
    if (!isSuccess(told.status)) throw new PrinterRefused(operation, told.status);
    return told.groups.filter(({ tag }) => tag === group).map((found) => found.attributes);
  }
}

/** @throws PrinterAway where it is no answer to this request */
function answerTo(bytes: Buffer, id: number): IppAnswer {
  let answer: IppAnswer;
  try {
    answer = decodeAnswer(bytes);
  } catch (cause) {
    throw new PrinterAway('silent', cause);
  }
  if (answer.id !== id) throw new PrinterAway('silent');
  return answer;
}

const keywords = (name: string, values: readonly string[]): SentAttribute => ({
  name,
  tag: 'keyword',
  values,
});

const reasonsOf = (attributes: IppAttributes, name: string): readonly string[] =>
  (attributes.get(name) ?? []).filter(
    (value): value is string => typeof value === 'string' && value !== 'none',
  );
