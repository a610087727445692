import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { RefusedError } from '#libs/kernel';
import { EventFollower, type LedgerEvent } from './events.js';

class TokenNotGiven extends RefusedError<'token_not_given'> {}

/** A city whose streams the test speaks on. */
class Streams {
  readonly asked: (string | null)[] = [];
  readonly told: string[] = [];
  readonly events: LedgerEvent[] = [];
  refusal: unknown = null;
  isFinal = false;
  #speak: ReadableStreamDefaultController<Uint8Array> | null = null;

  follow(): EventFollower {
    return new EventFollower(
      (lastId, signal) => {
        this.asked.push(lastId);
        if (this.refusal instanceof Error) return Promise.reject(this.refusal);
        if (this.refusal !== null)
          return Promise.resolve({
            error: this.refusal,
            response: new Response(null, { status: 401 }),
          });
        const data = new ReadableStream<Uint8Array>({
          start: (controller) => {
            this.#speak = controller;
            signal.addEventListener('abort', () => {
              controller.error(new Error('aborted'));
            });
          },
        });
        return Promise.resolve({ data, response: new Response() });
      },
      {
        onOpen: (resumed) => this.told.push(resumed ? 'resumed' : 'open'),
        onEvent: (event) => this.events.push(event),
        onLost: () => this.told.push('lost'),
        onProblem: (code) => {
          this.told.push(code);
          return this.isFinal;
        },
      },
    );
  }

  async says(...lines: readonly string[]): Promise<void> {
    this.#speak?.enqueue(new TextEncoder().encode(`${lines.join('\n')}\n\n`));
    await passes(0);
  }

  /** The city's last words, and the end of the stream. */
  async ends(code: string): Promise<void> {
    await this.says('event: end', `data: {"code":"${code}"}`);
    this.#speak?.close();
    await passes(0);
  }
}

const passes = (ms: number) => jest.advanceTimersByTimeAsync(ms);

let streams: Streams;
let follower: EventFollower;

beforeEach(() => {
  jest.useFakeTimers();
  streams = new Streams();
});
afterEach(() => {
  follower.close();
  jest.useRealTimers();
});

async function opened(): Promise<void> {
  follower = streams.follow();
  await passes(0);
  await streams.says('event: open', 'id: 7', 'data: {"resumed":false}');
}

describe('who follows the events of the ledger', () => {
  test('hears of a silent connection within five seconds, and asks again from where it was', async () => {
    await opened();
    await streams.says('event: consent', 'id: 8', 'data: {"consent":"c"}');
    await passes(4000);
    await streams.says(': still here');
    await passes(4000);
    expect(streams.told).toEqual(['open']);
    await passes(1000);
    expect(streams.told).toEqual(['open', 'lost']);
    await passes(500);
    expect(streams.asked).toEqual([null, '8']);
    await streams.says('event: open', 'id: 9', 'data: {"resumed":true}');
    expect(streams.told).toEqual(['open', 'lost', 'resumed']);
    expect(streams.events).toEqual([{ name: 'consent', data: { consent: 'c' } }]);
  });

  test('goes on at once where the stream ended with its token: nothing was lost', async () => {
    await opened();
    await streams.says(': still here');
    await streams.ends('token_expired');
    expect(streams.asked).toEqual([null, '7']);
    expect(streams.told).toEqual(['open']);
  });

  test.each(['operator_signed_out', 'client_disabled', 'phone_unknown'])(
    'asks no more where it ended by %s, and tells why',
    async (code) => {
      streams.isFinal = true;
      await opened();
      await streams.ends(code);
      await passes(60_000);
      expect(streams.told).toEqual(['open', 'lost', code]);
      expect(streams.asked).toHaveLength(1);
    },
  );

  test('asks no more where no token is given', async () => {
    streams.isFinal = true;
    streams.refusal = new TokenNotGiven('token_not_given', 'no token');
    follower = streams.follow();
    await passes(60_000);
    expect(streams.told).toEqual(['lost', 'token_not_given']);
    expect(streams.asked).toHaveLength(1);
  });

  test('asks less and less often while nothing answers', async () => {
    streams.refusal = new TypeError('fetch failed');
    follower = streams.follow();
    await passes(60_000);
    expect(streams.asked.length).toBeGreaterThanOrEqual(6);
    expect(streams.asked.length).toBeLessThanOrEqual(14);
  });
});
