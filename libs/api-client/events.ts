import { createParser } from 'eventsource-parser';
import { isObject, ProductError } from '#libs/kernel';
import type { LedgerClient } from './client.js';

/** What happened to something of the caller's: ids and states, which are read by their routes. */
export interface LedgerEvent {
  readonly name: 'case' | 'consent';
  readonly data: Readonly<Record<string, unknown>>;
}

interface Answer {
  readonly data?: unknown;
  readonly error?: unknown;
  readonly response: Response;
}
/** Asks for a stream of events, from the event of this id on. */
export type OpenEvents = (lastId: string | null, signal: AbortSignal) => Promise<Answer>;

const fromId = (lastId: string | null) => ({
  header: lastId === null ? {} : { 'Last-Event-ID': lastId },
});

/** Events of a client's cases. */
export const eventsOf =
  (api: LedgerClient): OpenEvents =>
  (lastId, signal) =>
    api.GET('/v1/events', { params: fromId(lastId), parseAs: 'stream', signal });

/** Events of a holder's book. */
export const phoneEventsOf =
  (api: LedgerClient): OpenEvents =>
  (lastId, signal) =>
    api.GET('/v1/phone/events', { params: fromId(lastId), parseAs: 'stream', signal });

export interface EventHandlers {
  /** @param resumed whether all that was missed is told; otherwise everything is read anew */
  readonly onOpen: (resumed: boolean) => void;
  readonly onEvent: (event: LedgerEvent) => void;
  /** Nothing comes any more; another try is made by itself. */
  readonly onLost: () => void;
  /**
   * The stream was refused, or ended, by the code of a problem.
   * @returns whether that is final, and no other try is made
   */
  readonly onProblem: (code: string) => boolean;
}

/** The city says something every two seconds: a connection that is silent for so long is lost. */
const silenceMs = 4500;
/** Until a stream begins, on a slow network. */
const openingMs = 10_000;
const firstPauseMs = 500;
const maxPauseMs = 15_000;
/** Ends that are no trouble: the next stream is asked for at once. */
const expected = new Set(['token_expired', 'event_stream_closed']);

/** Follows a stream of events, and opens it again wherever it breaks, from where it was. */
export class EventFollower {
  #lastId: string | null = null;
  #tries = 0;
  #pause: ReturnType<typeof setTimeout> | undefined;
  #connection = new AbortController();
  #closed = false;

  constructor(
    private readonly open: OpenEvents,
    private readonly handlers: EventHandlers,
  ) {
    void this.#connect();
  }

  /** Tries at once, where another try would be made later. */
  retry(): void {
    if (this.#pause === undefined) return;
    clearTimeout(this.#pause);
    this.#pause = undefined;
    void this.#connect();
  }

  /** The network is known to be away: nothing is waited for. */
  drop(): void {
    this.#connection.abort();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#pause);
    this.#connection.abort();
  }

  async #connect(): Promise<void> {
    this.#connection = new AbortController();
    const code = await this.#read(this.#connection).catch(codeOfRefusal);
    if (this.#closed) return;
    if (code !== null && expected.has(code) && this.#tries === 0) {
      this.#tries++;
      void this.#connect();
      return;
    }
    this.handlers.onLost();
    if (code !== null && this.handlers.onProblem(code)) {
      this.close();
      return;
    }
    const pause = Math.min(maxPauseMs, firstPauseMs * 2 ** this.#tries++);
    // So that all who lost it together do not come back together.
    this.#pause = setTimeout(
      () => {
        this.#pause = undefined;
        void this.#connect();
      },
      pause * (0.5 + Math.random() / 2),
    );
  }

  /** @returns the code by which it ended or was refused; null where it broke */
  async #read(connection: AbortController): Promise<string | null> {
    let timer = setTimeout(() => {
      connection.abort();
    }, openingMs);
    try {
      const { data, error, response } = await this.open(this.#lastId, connection.signal);
      if (error !== undefined || !(data instanceof ReadableStream))
        return response.status < 500 && response.status !== 429 ? codeOf(error) : null;
      let ended: string | null = null;
      const parser = createParser({
        onId: (id) => {
          this.#lastId = id;
        },
        onComment: () => {
          this.#tries = 0;
        },
        onEvent: ({ event, data: text }) => {
          ended = this.#told(event ?? '', text) ?? ended;
        },
      });
      const reader = (data as ReadableStream<Uint8Array>).getReader();
      const decoder = new TextDecoder();
      for (;;) {
        clearTimeout(timer);
        timer = setTimeout(() => {
          connection.abort();
        }, silenceMs);
        const { done, value } = await reader.read();
        if (done) return ended;
        if (!this.#closed) parser.feed(decoder.decode(value, { stream: true }));
      }
    } finally {
      clearTimeout(timer);
      // Ends the request where it was given up before its end.
      connection.abort();
    }
  }

  /** @returns the code of an event that ends the stream */
  #told(name: string, text: string): string | null {
    const data: unknown = JSON.parse(text);
    if (!isObject(data)) return null;
    switch (name) {
      case 'open':
        this.handlers.onOpen(data['resumed'] === true);
        return null;
      case 'case':
      case 'consent':
        this.handlers.onEvent({ name, data });
        return null;
      case 'end':
        return codeOf(data);
      default:
        // Of a later release.
        return null;
    }
  }
}

const codeOf = (problem: unknown): string | null =>
  isObject(problem) && typeof problem['code'] === 'string' ? problem['code'] : null;

/** Of what was thrown: that no token is given any more. Anything else may pass. */
const codeOfRefusal = (error: unknown): string | null =>
  error instanceof ProductError && error.family === 'refused' ? (error.code as string) : null;
