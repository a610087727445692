import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

const seconds = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];

/** What a reading finds: a value for each set of labels. */
export interface Reading<Label extends string> {
  readonly labels: Readonly<Record<Label, string>>;
  readonly value: number;
}

/** Longest that one reading may hold up the answer to Prometheus: a database that is away must not hide the rest. */
const patienceMs = 2000;

/**
 * What any process counts, in the format that Prometheus reads. Labels are route templates, codes, event types and names of parts, whose
 * number is bounded and which say nothing about anybody: no client, window, matter, case or person.
 */
export class ProcessMetrics {
  readonly registry = new Registry();

  readonly requests = this.histogram(
    'mianzheng_http_request_seconds',
    'Seconds that requests took, by route template and status',
    ['method', 'route', 'status'],
  );
  readonly unread = this.counter(
    'mianzheng_readings_failed_total',
    'Gauges that could not be read in time; they are absent from that answer',
    ['metric'],
  );

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  /** A gauge that is read whenever the metrics are. One that cannot be read within two seconds has no value then. */
  watch<Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    read: () => Promise<readonly Reading<Label>[]> | readonly Reading<Label>[],
  ): void {
    const { unread } = this;
    new Gauge<Label>({
      name,
      help,
      labelNames: [...labelNames],
      registers: [this.registry],
      async collect() {
        const found = await soon(read);
        this.reset();
        this.remove({}); // which a reset leaves at 0 where there are no labels, as if it had been read
        if (found === null) unread.inc({ metric: name });
        else for (const { labels, value } of found) this.set(labels, value);
      },
    });
  }

  /** A counter whose labels' known values are there from the start, at 0: a rate of what never happened is 0, not unknown. */
  counter<Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    known: Partial<Record<Label, readonly string[]>> = {},
  ): Counter<Label> {
    const counter = new Counter<Label>({
      name,
      help,
      labelNames: [...labelNames],
      registers: [this.registry],
    });
    for (const label of labelNames)
      for (const value of known[label] ?? [])
        counter.inc({ [label]: value } as Record<Label, string>, 0);
    return counter;
  }

  histogram<Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
  ): Histogram<Label> {
    return new Histogram<Label>({
      name,
      help,
      labelNames: [...labelNames],
      buckets: seconds,
      registers: [this.registry],
    });
  }
}

/** Nobody can tell whether the process that did it counted it; the statistics read the records themselves. */
const onceOnly =
  'An append whose answer was lost is not counted when it is sent again: it was done already';

/** What a program of the ledger counts besides. */
export class Metrics extends ProcessMetrics {
  readonly problems = this.counter(
    'mianzheng_problems_total',
    'Requests that ended with a problem, by its code',
    ['code'],
  );
  readonly appends = this.histogram(
    'mianzheng_append_seconds',
    'Seconds until an append was durable, by how it ended: appended, repeated, or the code of what went wrong',
    ['outcome'],
  );
  readonly reads = this.histogram(
    'mianzheng_store_read_seconds',
    'Seconds that readings of the event store took: of a stream, or of the feed',
    ['of'],
  );
  readonly events = this.counter(
    'mianzheng_events_total',
    `Events that this process appended, by type. ${onceOnly}`,
    ['type'],
  );
  readonly consents = this.counter(
    'mianzheng_consents_total',
    `Consents by what became of them: asked, granted, refused, withdrawn, spent; and expired, which only the process knows that folds the feed. ${onceOnly}`,
    ['outcome'],
    { outcome: ['asked', 'granted', 'refused', 'withdrawn', 'expired', 'spent'] },
  );
  readonly releases = this.counter(
    'mianzheng_releases_total',
    'Certificate data handed to a terminal: released, or read_again, also for the first time where witnesses were waited for; and withheld, where something had moved and nothing left',
    ['kind'],
    { kind: ['released', 'read_again', 'withheld'] },
  );
  readonly erasures = this.counter(
    'mianzheng_erasures_total',
    `Steps of erasures: requested, withdrawn, approved, done. ${onceOnly}`,
    ['step'],
    { step: ['requested', 'withdrawn', 'approved', 'done'] },
  );
  readonly replays = this.counter(
    'mianzheng_replays_refused_total',
    'One-time values that were shown a second time: proofs of clients and phones (dpop), assertions and proofs at the issuer (issuer)',
    ['of'],
    { of: ['dpop', 'issuer'] },
  );
  readonly limits = this.counter(
    'mianzheng_limit_refusals_total',
    'Requests refused because a client asked too often, or a window or department about too many people in a day',
    ['limit'],
    { limit: ['requests', 'holders_of_window', 'holders_of_department'] },
  );
  readonly projectionRecords = this.counter(
    'mianzheng_projection_records_total',
    'Records of the feed that a projection has passed',
    ['projection'],
  );
  readonly projectionSeconds = this.histogram(
    'mianzheng_projection_page_seconds',
    'Seconds that a page took to be folded into the tables of a projection',
    ['projection'],
  );
  readonly projectionFailures = this.counter(
    'mianzheng_projection_failures_total',
    'Pages that a projection could not fold; each is tried again',
    ['projection'],
  );
  readonly sealedRecords = this.counter(
    'mianzheng_sealed_records_total',
    'Records that this process took into the log',
    [],
  );
  readonly sealSteps = this.histogram(
    'mianzheng_seal_step_seconds',
    'Seconds from a page of records to its published checkpoint, witnesses included',
    [],
  );
  readonly sealerInterruptions = this.counter(
    'mianzheng_sealer_interruptions_total',
    'What kept the sealer from going on, by code; it began anew',
    ['code'],
  );
  readonly witnessAnswers = this.counter(
    'mianzheng_witness_requests_total',
    'Requests to witnesses, by what came of them: cosigned; told, which is its latest checkpoint; silent; objects',
    ['witness', 'outcome'],
  );
}

async function soon<Found>(read: () => Promise<Found> | Found): Promise<Found | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, patienceMs, null);
  });
  try {
    return await Promise.race([Promise.resolve().then(read), late]);
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}
