import type { OnModuleDestroy } from '@nestjs/common';
import type { Readable } from 'node:stream';
import { type Caller, CallerNotProved } from '#libs/identity';
import type { Standing } from '#libs/identity/http';
import type { Clock } from '#libs/kernel';
import { type Log, type Metrics, type StoreHealth, unexpected } from '#libs/platform';
import type { EventIds } from './event-ids.js';
import { EventStream } from './event-stream.js';
import type { Follower } from './follower.js';
import { EventStreamOver, EventStreamsFull } from './notice.errors.js';
import type { OpenStreams } from './open-streams.js';

/**
 * Milliseconds between two comments on a stream. Pages miss them after 4.5 s, and every proxy's
 * timeout is longer.
 */
const beatMs = 2000;

const kinds = ['terminal', 'kiosk', 'department', 'phone', 'other'] as const;
const kindOf = (caller: Caller): (typeof kinds)[number] => {
  if (caller.is === 'phone') return 'phone';
  return kinds.find((kind) => kind === caller.kind) ?? 'other';
};

/** The streams of events that callers have open in this process. */
export class EventStreams implements OnModuleDestroy {
  #beating: NodeJS.Timeout | undefined;
  #closing = false;
  readonly #ended;

  constructor(
    private readonly streams: OpenStreams,
    private readonly follower: Follower,
    private readonly ids: EventIds,
    private readonly on: {
      readonly clock: Clock;
      readonly log: Log;
      readonly metrics: Metrics;
      readonly storeHealth: StoreHealth;
      /** Streams that may be open here. */
      readonly most: number;
    },
  ) {
    on.metrics.watch(
      'mianzheng_event_stream_connections',
      'Streams of events that are open at this process, by kind of caller',
      ['kind'],
      () => {
        const callers = [...streams].map(({ caller }) => kindOf(caller));
        return kinds.map((kind) => ({
          labels: { kind },
          value: callers.filter((each) => each === kind).length,
        }));
      },
    );
    this.#ended = on.metrics.counter(
      'mianzheng_event_streams_ended_total',
      'Streams of events that ended, by why: left by the caller, slow (read too little), or the code of a problem',
      ['why'],
      { why: ['left', 'slow', 'token_expired'] },
    );
  }

  /**
   * @param lastId the caller's last event; what it missed since then is told first
   * @returns the body of the reply, which stays open
   * @throws EventStreamsFull
   */
  open(caller: Caller, standing: Standing, lastId: string | undefined): Readable {
    if (this.#closing || this.streams.size >= this.on.most) {
      this.on.metrics.limits.inc({ limit: 'event_streams' });
      throw new EventStreamsFull(
        'event_streams_full',
        'as many streams of events are open as may be',
        { limit: this.on.most },
        { retryAfterSeconds: 5 },
      );
    }
    const name = caller.is === 'phone' ? `phone:${caller.jkt}` : caller.client;
    const stream = new EventStream(name, caller, standing, this.ids, (why) => {
      this.#ended.inc({ why });
      this.streams.remove(stream);
      if (this.streams.size === 0) this.#rest();
    });
    const oldest = this.streams.add(stream);
    oldest?.end(new EventStreamOver('event_stream_replaced', 'the caller opened a newer stream'));
    stream.endsAtExpiry(
      this.on.clock.now(),
      () => new CallerNotProved('token_expired', 'the access token is expired'),
    );
    this.#beating ??= setInterval(() => {
      this.#beat();
    }, beatMs);
    const from = lastId === undefined ? null : this.ids.open(name, lastId);
    this.follower.join(stream, from).catch((error: unknown) => {
      this.on.log.warn(unexpected(error), 'event_stream_not_opened');
      stream.end(closed());
    });
    return stream.body;
  }

  onModuleDestroy(): void {
    this.#closing = true;
    for (const stream of this.streams) stream.end(closed());
    this.#rest();
  }

  /** A stream is a promise that news comes: without the store there is none. */
  #beat(): void {
    const isFollowing = this.on.storeHealth.check() === null;
    for (const stream of this.streams)
      if (isFollowing) stream.beat();
      else stream.end(closed());
  }

  #rest(): void {
    clearInterval(this.#beating);
    this.#beating = undefined;
    this.follower.stop();
  }
}

const closed = () =>
  new EventStreamOver(
    'event_stream_closed',
    'this process follows the ledger no more, for now or for good',
    {},
    { retryAfterSeconds: 1 },
  );
