import type pg from 'pg';
import { type EventStore } from '#libs/event-store';
import { type Clock, type Instant } from '#libs/kernel';
import { findCosignature, parseCheckpoint } from '#libs/log';
import { type Readiness } from '#libs/platform';
import { isQuorum } from '#libs/verify';
import type { LogPolicy } from './log-policy.js';
import { nodeVerify } from './node-crypto.js';
import type { Leaves, LogStorage } from './ports.js';

/** How the log stands, without a person and without a name of one. */
export interface LogHealthView {
  readonly state: 'ok' | 'slow' | 'witnesses-missing' | 'damaged';
  readonly records: number;
  /** Null where a witness without a clock, or none, cosigned. */
  readonly sealedAt: Instant | null;
  /** Age of the oldest record that no published checkpoint covers; 0 where all are covered. */
  readonly waitingSeconds: number;
  readonly witnesses: readonly { readonly name: string; readonly cosigned: boolean }[];
  readonly quorum: boolean;
  readonly damage: { readonly code: string; readonly since: Instant } | null;
  readonly store: 'postgres' | 'eventstoredb';
  readonly parts: readonly { readonly part: string; readonly state: string }[];
}

/** Seconds after which a record that waits for its seal is late. */
const late = 10;

/** Reads what the strip on operators' pages shows; each look costs a few short reads. */
export class LogHealth {
  constructor(
    private readonly on: {
      readonly storage: LogStorage;
      readonly leaves: Leaves;
      readonly policy: LogPolicy;
      readonly store: EventStore;
      readonly clock: Clock;
      readonly readiness: Readiness;
      readonly pool: pg.Pool;
    },
  ) {}

  async look(): Promise<LogHealthView> {
    const { storage, policy, readiness } = this.on;
    const [{ size: written, note }, refusal, { parts }, store] = await Promise.all([
      storage.sealed(),
      storage.refusal(),
      readiness.look(),
      this.#kindOfStore(),
    ]);
    const checkpoint = note === null ? null : parseCheckpoint(note);
    const seen = policy.policy.witnesses.map(({ name, key }) => ({
      name,
      at: checkpoint === null ? null : (findCosignature(checkpoint, key, nodeVerify)?.time ?? null),
    }));
    const cosigned = seen.filter(({ at }) => at !== null);
    const records = checkpoint?.size ?? 0;
    const waitingSeconds = await this.#waiting(records);
    // What is written and not published waits for cosignatures.
    const isStuck = policy.needsWitnesses && written > records && waitingSeconds >= late;
    const quorum =
      !isStuck && isQuorum(policy.policy.quorum, new Set(cosigned.map(({ name }) => name)));
    const last = Math.max(0, ...cosigned.map(({ at }) => Number(at)));
    const isDamaged = refusal !== null || parts['log'] === 'sealing_refused';
    return {
      state: isDamaged
        ? 'damaged'
        : !quorum || cosigned.length < seen.length
          ? 'witnesses-missing'
          : waitingSeconds >= late || Object.values(parts).some((state) => state !== 'ok')
            ? 'slow'
            : 'ok',
      records,
      sealedAt: last === 0 ? null : new Date(last * 1000).toISOString(),
      waitingSeconds,
      witnesses: seen.map(({ name, at }) => ({ name, cosigned: at !== null })),
      quorum,
      damage: refusal === null ? null : { code: refusal.code, since: refusal.since },
      store,
      parts: Object.entries(parts).map(([part, state]) => ({ part, state })),
    };
  }

  async #waiting(sealed: number): Promise<number> {
    const { leaves, store, clock } = this.on;
    const position = await leaves.before(sealed);
    if (position === null) return 0;
    const [oldest] = await store.readAll(position, 1);
    if (oldest === undefined) return 0;
    const ms = Date.parse(clock.now()) - Date.parse(oldest.body.time);
    return Math.max(0, Math.round(ms / 100) / 10);
  }

  async #kindOfStore(): Promise<LogHealthView['store']> {
    const { rows } = await this.on.pool.query<{ kind: LogHealthView['store'] }>(
      'SELECT kind FROM event_store_kind',
    );
    return rows[0]?.kind ?? 'postgres';
  }
}
