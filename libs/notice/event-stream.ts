import { Readable } from 'node:stream';
import type { Position } from '#libs/event-store';
import type { Caller } from '#libs/identity';
import type { Standing } from '#libs/identity/http';
import { epochSeconds, type Instant, type JsonObject, type ProductError } from '#libs/kernel';
import type { EventIds } from './event-ids.js';

/**
 * Events of a stream. `open` is the first, `end` the last; an `end` says why by the code of a
 * problem.
 */
export const eventNames = ['open', 'case', 'consent', 'end'] as const;
export type EventName = (typeof eventNames)[number];

/** Bytes that may wait for a reader. More, and the stream is cut: its caller resumes. */
const maxWaitingBytes = 16 * 1024;

/** Why a stream ended: `left` by its caller, `slow`, or the code of a problem. */
export type EndOfStream = string;

/** One open stream of events, as the HTTP reply reads it (WHATWG HTML, server-sent events). */
export class EventStream {
  readonly body = new Readable({ highWaterMark: maxWaitingBytes, read: () => undefined });
  /** What comes after it the follower tells; null until the stream has caught up. */
  position: Position | null = null;
  #over: EndOfStream | null = null;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param name of the caller, by which ids are sealed and streams are counted
   * @param standing how the caller stands while the stream is open
   * @param onEnd told once, of any end
   */
  constructor(
    readonly name: string,
    readonly caller: Caller,
    readonly standing: Standing,
    private readonly ids: EventIds,
    onEnd: (why: EndOfStream) => void,
  ) {
    this.body.once('close', () => {
      clearTimeout(this.#timer);
      onEnd(this.#over ?? 'left');
    });
  }

  get isOver(): boolean {
    return this.#over !== null || this.body.destroyed;
  }

  /** Ends the stream when its access token does, which the caller renews. */
  endsAtExpiry(now: Instant, error: () => ProductError): void {
    const { ends } = this.standing;
    if (ends === null) return;
    const left = Math.max(0, ends - epochSeconds(now)) * 1000;
    this.#timer = setTimeout(() => {
      this.end(error());
    }, left);
    this.#timer.unref();
  }

  /** @param upTo everything up to here is told with this event: its id resumes from there */
  send(event: EventName, data: JsonObject, upTo: Position | null = null): void {
    const id = upTo === null ? '' : `id: ${this.ids.seal(this.name, upTo)}\n`;
    this.#write(`${id}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  /** A comment, by which the other side knows that the connection stands. */
  beat(): void {
    this.#write(':\n\n');
  }

  end(why: ProductError): void {
    if (this.isOver) return;
    this.send('end', { code: why.code });
    this.#finish(why.code);
  }

  #finish(why: EndOfStream): void {
    // The last event may have been too much for a slow reader.
    if (this.isOver) return;
    this.#over = why;
    this.body.push(null);
  }

  #write(text: string): void {
    if (this.isOver) return;
    if (this.body.readableLength + text.length > maxWaitingBytes) {
      this.#over = 'slow';
      this.body.destroy();
      return;
    }
    this.body.push(text);
  }
}
