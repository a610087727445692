import { type Clock, type Instant, secondsBetween } from '#libs/kernel';
import {
  isPrintable,
  type JobSign,
  jobSignOf,
  type PrintEnd,
  type PrinterSign,
  signOf,
} from './printer.decider.js';
import { isPrintId, type PrintJournal, type PrintRecord } from './print-journal.js';
import { type JobFacts, type Printer, PrinterAway, PrinterRefused } from './printer.js';
import {
  DailyPagesReached,
  PrintAbsent,
  PrinterBusy,
  PrinterNotReady,
  PrintInvalid,
} from './printing.errors.js';

/** What is told of a print whenever it changes. */
export interface PrintNews {
  readonly is: JobSign['is'];
  readonly printer: PrinterSign;
  /** It is being taken back: what comes of it is not known yet, and nobody needs to wait. */
  readonly canceling: boolean;
  /** Null until it ended. */
  readonly end: PrintEnd | null;
  /**
   * Where the page is, of one that was printed: `asked` where the printer does not tell, and the
   * person is.
   */
  readonly page: 'asked' | 'in-output' | 'taken' | null;
}

export interface PrintingLimits {
  readonly pagesPerDay: number;
  /** Seconds without a change after which a job is taken back: nobody waits any longer. */
  readonly unchangedSeconds: number;
  /** The keyword of `printer-state-reasons` by which this printer says that a page lies there. */
  readonly outputReason: string | null;
}

export interface PrintingParts {
  readonly printer: Printer;
  readonly journal: PrintJournal;
  readonly clock: Clock;
  readonly limits: PrintingLimits;
  /** Between two looks at the printer; must resolve at once where the signal is aborted. */
  readonly pause: (signal: AbortSignal) => Promise<void>;
  readonly report: (error: unknown) => void;
}

/** More than any one document of a kiosk has. */
const maxPages = 20;

/** Reasons of a held job whose document did not come. */
const withoutDocument = new Set(['job-data-insufficient', 'job-incoming']);

/** A print, and whoever follows it. */
class Print {
  #news: PrintNews;
  #followers = new Set<(news: PrintNews) => void>();

  constructor(
    public record: PrintRecord,
    news: Partial<PrintNews> = {},
  ) {
    this.#news = {
      is: 'waiting',
      printer: 'ready',
      canceling: false,
      end: null,
      page: null,
      ...news,
    };
  }

  get news(): PrintNews {
    return this.#news;
  }

  tell(change: Partial<PrintNews>): void {
    const next = { ...this.#news, ...change };
    if (JSON.stringify(next) === JSON.stringify(this.#news)) return;
    this.#news = next;
    for (const follower of this.#followers) follower(next);
  }

  /** @returns how to stop following */
  follow(follower: (news: PrintNews) => void): () => void {
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }
}

/**
 * Prints of one kiosk: one at a time, and each document at most once, whatever is lost. A document
 * is in memory until the printer has it, and nowhere else.
 */
export class Printing {
  readonly #prints = new Map<string, Print>();
  #active: Print | null = null;
  readonly #stopping = new AbortController();
  readonly #running = new Set<Promise<void>>();

  constructor(private readonly parts: PrintingParts) {}

  get isBusy(): boolean {
    return this.#active !== null;
  }

  /** Pages that may be printed today. */
  get pagesLeft(): number {
    const { journal, clock, limits } = this.parts;
    return Math.max(0, limits.pagesPerDay - journal.pagesOn(clock.now()));
  }

  /**
   * After a start: the printer is asked what became of what an earlier run left. What has not come
   * out is taken back, because whom it was for has gone.
   */
  resume(): void {
    for (const record of this.parts.journal.unended()) {
      const print = new Print({ ...record, cancel: true }, { canceling: true });
      this.#prints.set(record.id, print);
      this.#active = print;
      this.#run(print, () => this.#takeBack(print));
    }
  }

  /**
   * @param id of the print, chosen by the caller: the same id is the same print, whose document is
   *   not sent again
   * @param pages of the document
   * @throws PrinterBusy, PrinterNotReady, DailyPagesReached, PrintInvalid; nothing was sent then
   */
  async print(id: string, pages: number, document: Uint8Array): Promise<void> {
    if (!isPrintId(id))
      throw new PrintInvalid('print_id_malformed', 'a print has an id of 16 to 64 letters');
    if (!Number.isInteger(pages) || pages < 1 || pages > maxPages)
      throw new PrintInvalid('print_pages_wrong', `a print has 1 to ${maxPages} pages`);
    if (Buffer.from(document.subarray(0, 5)).toString('latin1') !== '%PDF-')
      throw new PrintInvalid('print_not_pdf', 'the document is no PDF');
    if (this.#find(id) !== null) return;
    if (this.#active !== null) throw new PrinterBusy();
    const { printer, journal, clock, limits } = this.parts;
    const began = clock.now();
    if (journal.pagesOn(began) + pages > limits.pagesPerDay)
      throw new DailyPagesReached(limits.pagesPerDay);
    const print = new Print({
      id,
      began,
      pages,
      stage: 'opening',
      job: null,
      cancel: false,
      end: null,
    });
    // Taken before anything is waited for: of two pages at once, one prints.
    this.#active = print;
    try {
      const sign = signOf(await printer.look());
      if (!isPrintable(sign)) throw new PrinterNotReady(sign);
      await journal.put(print.record);
    } catch (error) {
      this.#active = null;
      print.tell({ is: 'ended', end: 'not-printed' });
      throw error;
    }
    this.#prints.set(id, print);
    this.#run(print, () => this.#send(print, document));
  }

  /** Tells what is known now, and each change until it ended. @throws PrintAbsent */
  follow(id: string, follower: (news: PrintNews) => void): () => void {
    const print = this.#find(id);
    if (print === null) throw new PrintAbsent();
    follower(print.news);
    return print.follow(follower);
  }

  /** Takes it back, now or when the printer can be reached. @throws PrintAbsent */
  async cancel(id: string): Promise<void> {
    const print = this.#find(id);
    if (print === null) throw new PrintAbsent();
    if (print.record.stage === 'ended' || print.record.cancel) return;
    await this.#wantCancel(print);
  }

  /** Follows nothing any more; the printer goes on, and the next start asks it. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#running);
  }

  #find(id: string): Print | null {
    const known = this.#prints.get(id);
    if (known !== undefined) return known;
    if (this.#active?.record.id === id) return this.#active;
    const record = this.parts.journal.find(id);
    return record === null
      ? null
      : new Print(record, { is: 'ended', end: record.end, page: pageOf(record.end) });
  }

  #run(print: Print, work: () => Promise<void>): void {
    const running = work()
      .catch((error: unknown) => {
        this.parts.report(error);
        // What is on disk is what the next start goes on from.
        print.tell({ is: 'ended', end: 'perhaps' });
      })
      .finally(() => {
        if (this.#active === print) this.#active = null;
        this.#running.delete(running);
      });
    this.#running.add(running);
  }

  async #send(print: Print, document: Uint8Array): Promise<void> {
    const { printer } = this.parts;
    const job = await this.#open(print);
    if (job === null) {
      await this.#end(print, 'not-printed');
      return;
    }
    try {
      await this.#put(print, { stage: 'sending', job });
    } catch (error) {
      // Without this record nothing may be sent: a restart would not know of it.
      this.parts.report(error);
      await printer.cancel(job).catch(ofPrinter);
      await this.#end(print, 'not-printed');
      return;
    }
    if (!print.record.cancel)
      try {
        await printer.send(job, document);
        // Where it cannot be written, a next start is less sure of the page.
        await this.#put(print, { stage: 'sent' }).catch(this.parts.report);
      } catch (error) {
        ofPrinter(error);
        // Refused, it has no document; where the answer is lost, the job itself tells.
        if (error instanceof PrinterRefused) await this.#wantCancel(print);
      }
    await this.#follow(print, job);
  }

  /** @returns null where nothing was opened, or nothing that is known */
  async #open({ record: { id } }: Print): Promise<number | null> {
    const { printer } = this.parts;
    try {
      return await printer.open(id);
    } catch (error) {
      ofPrinter(error);
      if (error instanceof PrinterRefused) return null;
      const [found = null] = await printer.jobsNamed(id).catch((again: unknown) => {
        ofPrinter(again);
        return [];
      });
      return found;
    }
  }

  /** What an earlier run left: a job that was opened, or one that may have its document. */
  async #takeBack(print: Print): Promise<void> {
    const { printer, pause } = this.parts;
    const { id, job, stage } = print.record;
    if (stage !== 'opening' && job !== null) {
      await this.#follow(print, job);
      return;
    }
    // Nothing was sent. Its empty job is in the way of others until the printer drops it.
    while (!this.#stopping.signal.aborted)
      try {
        for (const found of await printer.jobsNamed(id)) await printer.cancel(found);
        await this.#end(print, 'not-printed');
        return;
      } catch (error) {
        ofPrinter(error);
        await pause(this.#stopping.signal);
      }
  }

  async #follow(print: Print, job: number): Promise<void> {
    const { printer, journal, clock, limits, pause } = this.parts;
    const acknowledged = print.record.stage === 'sent';
    let last = '';
    let changed: Instant = clock.now();
    while (!this.#stopping.signal.aborted) {
      const seen = await printer.look();
      let sign = signOf(seen);
      let found: JobFacts | null | undefined;
      try {
        found = await printer.job(job, print.record.id);
      } catch (error) {
        ofPrinter(error);
        if (isPrintable(sign)) sign = error instanceof PrinterAway ? awaySign(error) : 'unknown';
      }
      const known = { acknowledged, counts: journal.counts };
      const is = found === undefined ? { is: 'stopped' as const } : jobSignOf(found, sign, known);
      if (is.is === 'ended') {
        if (is.end === 'printed' && (found?.impressions ?? 0) > 0) await journal.noteCounting();
        await this.#end(print, is.end, sign);
        return;
      }
      print.tell({ is: is.is, printer: sign, canceling: print.record.cancel });
      const state = JSON.stringify([is, sign]);
      if (state !== last) [last, changed] = [state, clock.now()];
      const isWithout =
        !acknowledged &&
        found?.state === 'pending-held' &&
        found.reasons.some((one) => withoutDocument.has(one));
      if (isWithout || secondsBetween(changed, clock.now()) >= limits.unchangedSeconds)
        await this.#wantCancel(print);
      if (print.record.cancel) await printer.cancel(job).catch(ofPrinter);
      await pause(this.#stopping.signal);
    }
  }

  async #wantCancel(print: Print): Promise<void> {
    if (print.record.cancel) return;
    // A next start takes back what it finds, whether or not this is written.
    await this.#put(print, { cancel: true }).catch(this.parts.report);
    print.tell({ canceling: true });
  }

  async #end(print: Print, end: PrintEnd, sign?: PrinterSign): Promise<void> {
    // Where it cannot be written, the next start asks the printer again.
    await this.#put(print, { stage: 'ended', end }).catch(this.parts.report);
    if (this.#active === print) this.#active = null;
    const printer = sign ?? signOf(await this.parts.printer.look());
    const isOut = end === 'printed' && (await this.#isInOutput());
    print.tell({ is: 'ended', printer, end, page: isOut ? 'in-output' : pageOf(end) });
    while (print.news.page === 'in-output' && !this.#stopping.signal.aborted) {
      await this.parts.pause(this.#stopping.signal);
      if (!(await this.#isInOutput())) print.tell({ page: 'taken' });
    }
  }

  async #isInOutput(): Promise<boolean> {
    const { printer, limits } = this.parts;
    if (limits.outputReason === null) return false;
    const seen = await printer.look();
    return seen.is === 'told' && seen.facts.reasons.includes(limits.outputReason);
  }

  async #put(print: Print, change: Partial<PrintRecord>): Promise<void> {
    print.record = { ...print.record, ...change };
    await this.parts.journal.put(print.record);
  }
}

const pageOf = (end: PrintEnd | null) => (end === 'printed' ? ('asked' as const) : null);

const awaySign = ({ why }: PrinterAway): PrinterSign => (why === 'silent' ? 'unknown' : why);

/** Anything else than the printer's own trouble is a fault of the program. */
function ofPrinter(error: unknown): void {
  if (!(error instanceof PrinterAway || error instanceof PrinterRefused)) throw error;
}
