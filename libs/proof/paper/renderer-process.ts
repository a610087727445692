import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { isObject } from '#libs/kernel';
import {
  PaperPartWrong,
  PaperTooLong,
  PaperUndrawable,
  RendererAway,
  RendererBusy,
} from './paper.errors.js';
import { type DrawnPaper, type Paper, ProofRenderer } from './ports.js';
import { type DrawOrder, drawOrderOf } from './sheet.js';
import { type DrawFault, type DrawRequest, maxPages } from './wire.js';

export interface RendererLimits {
  /** Papers that wait, the one being drawn included. */
  readonly waiting: number;
  readonly startMs: number;
  /** A paper that takes longer is given up, and its process killed. */
  readonly paperMs: number;
  /** A process that holds more after a paper is replaced: 260 MB are usual, fonts included. */
  readonly residentBytes: number;
  readonly pdfBytes: number;
}

/** Events without a text of any paper. */
export interface RendererLog {
  warn(facts: object, event: string): void;
  debug(facts: object, event: string): void;
}

export interface RendererOptions {
  /** The program: `main.js` of apps/renderer. */
  readonly program: URL;
  /** Folders and files that it may read: its own, its packages, fonts. It may write none. */
  readonly readable: readonly string[];
  /** All that it is told of its environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly log: RendererLog;
  readonly limits?: Partial<RendererLimits>;
}

const usual: RendererLimits = {
  waiting: 64,
  startMs: 30_000,
  paperMs: 10_000,
  residentBytes: 768 * 1024 * 1024,
  pdfBytes: 24 * 1024 * 1024,
};

interface Job {
  readonly id: number;
  readonly order: DrawOrder;
  readonly done: PromiseWithResolvers<DrawnPaper>;
}

/**
 * Draws in a process of its own, one paper at a time. The process is started with the first paper,
 * and again after it ended, exceeded a limit or answered wrongly; the paper that it had is refused
 * then, and those that wait go to the next process.
 */
export class RendererProcess extends ProofRenderer {
  readonly #limits: RendererLimits;
  readonly #jobs: Job[] = [];
  #nextId = 1;
  #child: ChildProcess | null = null;
  #drawing: Job | null = null;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(private readonly options: RendererOptions) {
    super();
    this.#limits = { ...usual, ...options.limits };
  }

  /** Of the process that is there now; null while there is none. */
  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  override async draw(paper: Paper): Promise<DrawnPaper> {
    const order = drawOrderOf(paper);
    const { waiting } = this.#limits;
    if (this.#stopped) throw away('the renderer was stopped');
    if (this.#jobs.length >= waiting)
      throw new RendererBusy('renderer_busy', `${waiting} papers wait to be drawn`, { waiting });
    const job: Job = { id: this.#nextId++, order, done: Promise.withResolvers() };
    this.#jobs.push(job);
    this.#next();
    return job.done.promise;
  }

  /** Ends the process. Papers that wait are refused. */
  stop(): void {
    this.#stopped = true;
    this.#discard('stopped');
    for (const { done } of this.#jobs.splice(0)) done.reject(away('the renderer was stopped'));
  }

  #next(): void {
    const job = this.#jobs[0];
    if (job === undefined || this.#drawing !== null) return;
    if (this.#child === null) {
      this.#start();
      return;
    }
    this.#drawing = job;
    this.#limit('paper', this.#limits.paperMs);
    const request: DrawRequest = { id: job.id, order: job.order };
    // Where it cannot be sent the process is gone, which its end tells.
    this.#child.send(request, () => undefined);
  }

  #start(): void {
    const { program, readable, env } = this.options;
    const child = fork(fileURLToPath(program), {
      env: { ...env },
      execArgv: [
        ...['--permission', '--allow-addons', '--no-warnings', '--max-old-space-size=256'],
        ...readable.map((path) => `--allow-fs-read=${path}`),
      ],
      serialization: 'advanced',
      // Ctrl-C reaches the parent alone, which ends it.
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child = child;
    // The paper for which it starts is the one that is lost with it where it does not come up.
    this.#drawing = this.#jobs[0] ?? null;
    this.#limit('start', this.#limits.startMs);
    let words = '';
    let isReady = false;
    child.stderr?.on('data', (chunk: Buffer) => {
      // What it says later could hold a page's texts.
      if (!isReady) words = (words + chunk.toString()).slice(-2000);
    });
    child.on('message', (message) => {
      if (this.#child !== child) return;
      if (isReady) {
        this.#answered(message);
        return;
      }
      isReady = true;
      clearTimeout(this.#timer);
      this.#drawing = null;
      this.#next();
    });
    child.once('error', () => {
      if (this.#child === child) this.#lose('failed', {});
    });
    child.once('exit', (code, signal) => {
      if (this.#child !== child) return;
      this.#lose('ended', { code, signal, words: isReady ? '' : words.trim() });
    });
  }

  #limit(what: 'start' | 'paper', ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#lose('late', { what, ms });
    }, ms);
    this.#timer.unref();
  }

  #answered(message: unknown): void {
    const job = this.#drawing;
    const answer = isObject(message) ? message : {};
    if (job === null || answer['id'] !== job.id) {
      this.#lose('answered-wrongly', {});
      return;
    }
    const { fault, pdf, pages, rss } = answer as Record<string, unknown>;
    if (fault !== undefined) {
      this.#settle(job, rss, () => {
        job.done.reject(refusalOf(fault as DrawFault));
      });
      return;
    }
    if (!isPdf(pdf, this.#limits.pdfBytes) || !isPages(pages)) {
      this.#lose('answered-wrongly', {});
      return;
    }
    this.#settle(job, rss, () => {
      job.done.resolve({ pdf, pages });
    });
  }

  #settle(job: Job, rss: unknown, tell: () => void): void {
    clearTimeout(this.#timer);
    this.#drawing = null;
    this.#jobs.splice(this.#jobs.indexOf(job), 1);
    tell();
    if (typeof rss !== 'number' || rss > this.#limits.residentBytes) this.#discard('too-large');
    this.#next();
  }

  /** The process is given up, and with it the paper that it had; the next one has another. */
  #lose(why: string, facts: Readonly<Record<string, unknown>>): void {
    const job = this.#drawing;
    this.options.log.warn({ why, ...facts }, 'renderer_lost');
    this.#discard(why);
    if (job !== null) {
      this.#jobs.splice(this.#jobs.indexOf(job), 1);
      job.done.reject(away(`the renderer was lost: ${why}`));
    }
    this.#next();
  }

  #discard(why: string): void {
    clearTimeout(this.#timer);
    const child = this.#child;
    this.#child = null;
    this.#drawing = null;
    if (child === null) return;
    child.kill('SIGKILL');
    this.options.log.debug({ why, pid: child.pid }, 'renderer_ended');
  }
}

const away = (message: string) => new RendererAway('renderer_away', message);

function refusalOf(fault: DrawFault): Error {
  switch (fault.kind) {
    case 'undrawable':
      return new PaperUndrawable(fault.codePoints);
    case 'too-many-pages':
      return new PaperTooLong('pages', maxPages);
    case 'failed':
      return new PaperPartWrong('layout', `the layout cannot be set: ${fault.words}`);
  }
}

const isPages = (pages: unknown): pages is number =>
  typeof pages === 'number' && Number.isInteger(pages) && pages >= 1 && pages <= maxPages;

/** A whole PDF that says of itself that it is PDF/A-3b (ISO 19005-3, 6.6.4). */
function isPdf(pdf: unknown, maxBytes: number): pdf is Uint8Array {
  if (!(pdf instanceof Uint8Array) || pdf.length > maxBytes) return false;
  const text = Buffer.from(pdf.buffer, pdf.byteOffset, pdf.byteLength).toString('latin1');
  return (
    text.startsWith('%PDF-1.') &&
    /%%EOF\s*$/.test(text.slice(-16)) &&
    text.includes('<pdfaid:part>3</pdfaid:part>') &&
    text.includes('<pdfaid:conformance>B</pdfaid:conformance>')
  );
}
