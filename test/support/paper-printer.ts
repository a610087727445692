import {
  type JobFacts,
  type Printer,
  PrinterAway,
  type PrinterFacts,
  PrinterRefused,
  type PrinterSeen,
} from '#libs/kiosk';

type Method = 'cancel' | 'job' | 'jobsNamed' | 'look' | 'open' | 'send';
/** `before`: the printer never heard of it. `after`: it did it, and its answer was lost. */
type Lost = 'after' | 'before' | 'refused';

interface Job {
  readonly name: string;
  facts: JobFacts;
  document: Uint8Array | null;
}

/** A printer in memory: what it is told, what it is broken at, and what came out on paper. */
export class PaperPrinter implements Printer {
  facts: PrinterFacts = { state: 'idle', reasons: [], acceptsJobs: true };
  isOff = false;
  /** Documents that came out, in their order. */
  readonly paper: string[] = [];
  /** Whether documents come out at once. */
  prints = true;
  readonly jobs = new Map<number, Job>();
  #lastId = 0;
  readonly #traps: { method: Method; lost: Lost }[] = [];

  /** The next call of that method is lost. */
  lose(method: Method, lost: Lost): void {
    this.#traps.push({ method, lost });
  }

  /** Without power: it forgets its jobs, and counts from 1 again. */
  forget(): void {
    this.jobs.clear();
    this.#lastId = 0;
  }

  change(job: number, facts: Partial<JobFacts>): void {
    const found = this.jobs.get(job);
    if (found !== undefined) found.facts = { ...found.facts, ...facts };
  }

  /** The job's document comes out. */
  come(job: number): void {
    const found = this.jobs.get(job);
    if (found?.document == null) return;
    this.paper.push(Buffer.from(found.document).toString());
    this.change(job, { state: 'completed', reasons: [], begun: true });
  }

  async look(): Promise<PrinterSeen> {
    return this.#does('look', () => ({ is: 'told' as const, facts: this.facts })).catch(
      (error: unknown) => {
        if (error instanceof PrinterAway) return { is: 'away' as const, why: error.why };
        throw error;
      },
    );
  }

  missing(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  open(name: string): Promise<number> {
    return this.#does('open', () => {
      const id = ++this.#lastId;
      const reasons = ['job-data-insufficient'];
      const facts = { state: 'pending-held' as const, reasons, impressions: null, begun: false };
      this.jobs.set(id, { name, facts, document: null });
      return id;
    });
  }

  send(job: number, document: Uint8Array): Promise<void> {
    return this.#does('send', () => {
      const found = this.jobs.get(job);
      if (found?.facts.state !== 'pending-held') throw new PrinterRefused('Send-Document', 0x0404);
      found.document = document;
      this.change(job, { state: 'processing', reasons: [], begun: true });
      if (this.prints) this.come(job);
    });
  }

  job(id: number, name: string): Promise<JobFacts | null> {
    return this.#does('job', () => {
      const found = this.jobs.get(id);
      return found?.name === name ? found.facts : null;
    });
  }

  jobsNamed(name: string): Promise<readonly number[]> {
    return this.#does('jobsNamed', () =>
      [...this.jobs].filter(([, job]) => job.name === name).map(([id]) => id),
    );
  }

  cancel(job: number): Promise<void> {
    return this.#does('cancel', () => {
      const state = this.jobs.get(job)?.facts.state;
      if (state !== 'completed' && state !== 'aborted') this.change(job, { state: 'canceled' });
    });
  }

  /** As of a network: what is done takes a turn of the event loop. */
  async #does<Result>(method: Method, act: () => Result): Promise<Result> {
    await Promise.resolve();
    if (this.isOff) throw new PrinterAway('off');
    const at = this.#traps.findIndex((trap) => trap.method === method);
    const [trap] = at < 0 ? [] : this.#traps.splice(at, 1);
    if (trap?.lost === 'before') throw new PrinterAway('silent');
    if (trap?.lost === 'refused') throw new PrinterRefused(method, 0x0507);
    const result = act();
    if (trap?.lost === 'after') throw new PrinterAway('silent');
    return result;
  }
}
