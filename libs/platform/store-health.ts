import { type EventStore, StoreDamaged } from '#libs/event-store';
import type { Metrics } from './metrics.js';

/** States of the event store, as readiness, metric and alarm name them. */
export const storeStates = ['ok', 'unreachable', 'damaged'] as const;
export type StoreState = (typeof storeStates)[number];

export interface StoreHealthOptions {
  /** How often the store is probed, in milliseconds. */
  readonly everyMs?: number;
  /**
   * How long it may stay silent before that is reported, in milliseconds: longer than most
   * elections of a leader.
   */
  readonly silentMs?: number;
  readonly now?: () => number;
}

/**
 * Probes the event store continually for an answer and for everything that it acknowledged, so that
 * readiness does not depend on traffic. The state recovers by itself.
 */
export class StoreHealth {
  readonly #everyMs: number;
  readonly #silentMs: number;
  readonly #now: () => number;
  #answeredAt: number;
  #damaged = false;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(
    private readonly store: Pick<EventStore, 'probe'>,
    { everyMs = 1000, silentMs = 5000, now = () => performance.now() }: StoreHealthOptions = {},
  ) {
    this.#everyMs = everyMs;
    this.#silentMs = silentMs;
    this.#now = now;
    this.#answeredAt = now();
  }

  get state(): StoreState {
    if (this.#damaged) return 'damaged';
    return this.#now() - this.#answeredAt > this.#silentMs ? 'unreachable' : 'ok';
  }

  /** For readiness: null where all is well. */
  check(): string | null {
    const { state } = this;
    return state === 'ok' ? null : state;
  }

  start(): void {
    void this.#ask();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async #ask(): Promise<void> {
    try {
      await this.store.probe();
      this.#answeredAt = this.#now();
      this.#damaged = false;
    } catch (error) {
      // A damaged store did answer; for a silent one the last state stays.
      if (error instanceof StoreDamaged) {
        this.#answeredAt = this.#now();
        this.#damaged = true;
      }
    }
    if (this.#stopped) return;
    this.#timer = setTimeout(() => void this.#ask(), this.#everyMs);
    this.#timer.unref();
  }
}

/** The state as a metric: 1 for the one that is, 0 for the others. */
export function watchStore(metrics: Metrics, health: StoreHealth): void {
  metrics.watch(
    'mianzheng_event_store_state',
    'State of the event store: 1 for its state, 0 for the others',
    ['state'],
    () =>
      storeStates.map((state) => ({ labels: { state }, value: Number(health.state === state) })),
  );
}
