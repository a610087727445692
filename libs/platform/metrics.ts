import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

const seconds = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];

/** The result of a gauge's read: a value for each set of labels. */
export interface Reading<Label extends string> {
  readonly labels: Readonly<Record<Label, string>>;
  readonly value: number;
}

/** Longest time in milliseconds for one gauge: an unreachable database must not hide the rest. */
const patienceMs = 2000;

/**
 * Metrics of any process, in Prometheus' format. Labels are route templates, codes, event types and
 * names of parts, which are bounded and hold nothing personal: no client, window, matter, case or
 * person.
 */
export class ProcessMetrics {
  readonly registry = new Registry();

  readonly requests = this.histogram(
    'mianzheng_http_request_seconds',
    'Duration of requests in seconds, by route template and status',
    ['method', 'route', 'status'],
  );
  readonly unread = this.counter(
    'mianzheng_readings_failed_total',
    'Gauges that could not be read in time and are absent from that scrape',
    ['metric'],
  );

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  /**
   * A gauge that is read at every scrape. One that cannot be read within two seconds has no value
   * then.
   */
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
        // without labels a reset leaves 0, which would look like a reading
        this.remove({});
        if (found === null) unread.inc({ metric: name });
        else for (const { labels, value } of found) this.set(labels, value);
      },
    });
  }

  /**
   * A counter whose known label values exist from the start, at 0: a rate of what never happened is
   * 0, not unknown.
   */
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

/**
 * Counts are approximate, because a process may stop before it counts; the statistics read the
 * records themselves.
 */
const onceOnly =
  'An append whose answer was lost is not counted when it is sent again: it was done already';

/** Further metrics of programs of the ledger. */
export class Metrics extends ProcessMetrics {
  readonly problems = this.counter(
    'mianzheng_problems_total',
    'Requests that ended with a problem, by its code',
    ['code'],
  );
  readonly appends = this.histogram(
    'mianzheng_append_seconds',
    'Seconds until an append was durable, by outcome: appended, repeated, or a problem code',
    ['outcome'],
  );
  readonly reads = this.histogram(
    'mianzheng_store_read_seconds',
    'Duration of reads of the event store in seconds: of a stream, of ends of streams, or of the feed',
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
    'Releases of certificate data: released, read_again (including a first reading that waited for witnesses), or withheld because a precondition had changed',
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
    'Replayed one-time values that were refused: DPoP proofs of clients and phones (dpop), assertions and proofs at the issuer (issuer)',
    ['of'],
    { of: ['dpop', 'issuer'] },
  );
  readonly limits = this.counter(
    'mianzheng_limit_refusals_total',
    'Requests refused by a limit: rate of a client or address, concurrent requests without credentials or with large bodies, open streams of events, or holders per day of a window or department',
    ['limit'],
    {
      limit: [
        'requests',
        'address',
        'open_at_once',
        'large_bodies',
        'event_streams',
        'holders_of_window',
        'holders_of_department',
      ],
    },
  );
  readonly projectionRecords = this.counter(
    'mianzheng_projection_records_total',
    'Records of the feed that a projection has processed',
    ['projection'],
  );
  readonly projectionSeconds = this.histogram(
    'mianzheng_projection_page_seconds',
    'Seconds for a projection to process a page; of one statement for several, for each the whole',
    ['projection'],
  );
  readonly projectionFailures = this.counter(
    'mianzheng_projection_failures_total',
    'Pages that a projection failed to process; each is retried',
    ['projection'],
  );
  readonly sealedRecords = this.counter(
    'mianzheng_sealed_records_total',
    'Records sealed by this process',
    [],
  );
  readonly sealSteps = this.histogram(
    'mianzheng_seal_step_seconds',
    'Seconds from a page of records to its published checkpoint, witnesses included',
    [],
  );
  readonly sealerInterruptions = this.counter(
    'mianzheng_sealer_interruptions_total',
    'Interruptions of the sealer, by code',
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
