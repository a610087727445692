import { Agent as PlainAgent, type ClientRequest } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import type { Service } from './settings.js';

const probeEveryMs = 1000;
const probePatienceMs = 2000;
/**
 * After as many unanswered health checks, requests to this process are given up: it is frozen, or
 * its host is gone.
 */
const silencesBeforeGivenUp = 3;

/** One process of a service. */
export class Backend {
  ready = false;
  #silences = 0;
  readonly #waiting = new Set<ClientRequest>();
  readonly agent: PlainAgent | TlsAgent;

  constructor(readonly url: URL) {
    this.agent = new (url.protocol === 'https:' ? TlsAgent : PlainAgent)({ keepAlive: true });
  }

  /**
   * Takes part in a request until it is closed: it is ended where the process turns out to be
   * silent.
   */
  awaits(request: ClientRequest): void {
    this.#waiting.add(request);
    request.once('close', () => this.#waiting.delete(request));
  }

  /** A connection was refused: until it answers again, others are asked first. */
  refused(): void {
    this.ready = false;
  }

  async probe(): Promise<void> {
    try {
      const response = await fetch(new URL('/health/ready', this.url), {
        signal: AbortSignal.timeout(probePatienceMs),
        redirect: 'error',
      });
      await response.body?.cancel();
      this.ready = response.ok;
      this.#silences = 0;
    } catch (error) {
      this.ready = false;
      this.#silences = isTimeout(error) ? this.#silences + 1 : 0;
      if (this.#silences >= silencesBeforeGivenUp)
        for (const request of this.#waiting) request.destroy();
    }
  }

  close(): void {
    this.agent.destroy();
  }
}

const isTimeout = (error: unknown) => error instanceof Error && error.name === 'TimeoutError';

/** The processes of one service, each asked in its turn. */
export class Backends {
  readonly all: readonly Backend[];
  #turn = 0;
  readonly #timers = new Set<NodeJS.Timeout>();
  #closed = false;

  constructor(
    readonly service: Service,
    urls: readonly URL[],
  ) {
    this.all = urls.map((url) => new Backend(url));
  }

  /** Whether requests may be sent here. */
  get ready(): boolean {
    return this.all.some(({ ready }) => ready);
  }

  /**
   * In which order to try them: those that are ready, beginning with the next in turn, then the
   * others, which may answer all the same.
   */
  inTurn(): readonly Backend[] {
    const from = this.#turn++ % this.all.length;
    const turned = [...this.all.slice(from), ...this.all.slice(0, from)];
    return [...turned.filter(({ ready }) => ready), ...turned.filter(({ ready }) => !ready)];
  }

  /** Asks each once, and then again and again. */
  async start(): Promise<void> {
    await Promise.all(this.all.map((backend) => backend.probe()));
    for (const backend of this.all) this.#later(backend);
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    for (const backend of this.all) backend.close();
  }

  #later(backend: Backend): void {
    if (this.#closed) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void backend.probe().then(() => {
        this.#later(backend);
      });
    }, probeEveryMs);
    this.#timers.add(timer);
  }
}
