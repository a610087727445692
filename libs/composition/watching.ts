import type pg from 'pg';
import type { DataSource } from 'typeorm';
import type { EventStore, Position } from '#libs/event-store';
import type { Clock } from '#libs/kernel';
import { findCosignature, parseCheckpoint } from '#libs/log';
import { clockSkewSeconds, type Metrics, type ProcessMetrics } from '#libs/platform';
import { type Leaves, type LogStorage, nodeVerify, refusalCodes } from '#libs/sealing';
import type { RefusalWatch, Sealer, SealerState } from '#libs/sealing/sealing.module';
import type { Policy } from '#libs/verify';

const sealerStates: Readonly<Record<SealerState, true>> = {
  stopped: true,
  waiting: true,
  asking: true,
  sealing: true,
  refused: true,
};
const keysOf = <Key extends string>(of: Readonly<Record<Key, true>>) => Object.keys(of) as Key[];

/** Which release runs. */
export function watchBuild(metrics: ProcessMetrics, version: string): void {
  metrics.watch('mianzheng_build_info', 'The release that runs; always 1', ['version'], () => [
    { labels: { version }, value: 1 },
  ]);
}

/** Whether the process's clock is the database's. */
export function watchClock(
  metrics: Metrics,
  on: { readonly pool: pg.Pool; readonly clock: Clock },
): void {
  metrics.watch(
    'mianzheng_clock_skew_seconds',
    'Seconds by which this clock is ahead of the database’s; at 2 or more the process is not ready',
    [],
    async () => [{ labels: {}, value: await clockSkewSeconds(on.pool, on.clock) }],
  );
}

/**
 * Connections of the process to its database: those of writing and hot paths, and those of
 * TypeORM's queries.
 */
export function watchPools(metrics: Metrics, main: pg.Pool, dataSource?: DataSource): void {
  const pools: [string, pg.Pool][] = [['main', main]];
  const driver = dataSource?.driver as { readonly master?: pg.Pool } | undefined;
  if (driver?.master !== undefined) pools.push(['queries', driver.master]);
  metrics.watch(
    'mianzheng_pool_connections',
    'Database connections: open, idle, and requests waiting for one',
    ['pool', 'state'],
    () =>
      pools.flatMap(([pool, { totalCount, idleCount, waitingCount }]) => [
        { labels: { pool, state: 'open' }, value: totalCount },
        { labels: { pool, state: 'idle' }, value: idleCount },
        { labels: { pool, state: 'waited_for' }, value: waitingCount },
      ]),
  );
  metrics.watch(
    'mianzheng_pool_limit_connections',
    'Connections that a pool may open',
    ['pool'],
    () => pools.map(([pool, { options }]) => ({ labels: { pool }, value: options.max })),
  );
}

export interface WatchedLog {
  readonly store: EventStore;
  readonly storage: LogStorage;
  readonly sealer: Sealer;
  readonly refusals: RefusalWatch;
  readonly policy: Policy;
  readonly clock: Clock;
  readonly leaves: Leaves;
  /** Whether positions count records. */
  readonly dense: boolean;
  /** When this process saw a witness cosign, in milliseconds since 1970. */
  readonly cosigned: ReadonlyMap<string, number>;
}

/** How far the log lags behind the records, which process seals, and what prevents it. */
export function watchLog(metrics: Metrics, log: WatchedLog): void {
  const { sealer, refusals, storage, policy, clock } = log;
  const published = async () => {
    const note = await storage.published();
    return note === null ? null : parseCheckpoint(note);
  };
  metrics.watch(
    'mianzheng_checkpoint_records',
    'Records covered by the checkpoint published last',
    [],
    async () => [{ labels: {}, value: (await published())?.size ?? 0 }],
  );
  metrics.watch(
    'mianzheng_seal_lag_seconds',
    'Age of the oldest record not covered by a published checkpoint; 0 if all are',
    [],
    async () => {
      const position = await log.leaves.before((await published())?.size ?? 0);
      if (position === null) return [];
      return [{ labels: {}, value: await oldestAfter(log.store, position, clock) }];
    },
  );
  if (log.dense)
    metrics.watch(
      'mianzheng_seal_lag_records',
      'Records not covered by a published checkpoint; absent if positions of the store do not count records',
      [],
      async () => {
        const [head, checkpoint] = await Promise.all([log.store.head(), published()]);
        return [{ labels: {}, value: Math.max(0, Number(head) - (checkpoint?.size ?? 0)) }];
      },
    );
  metrics.watch(
    'mianzheng_sealer_state',
    'State of this process’s sealer: 1 for its state, 0 for the others',
    ['state'],
    () =>
      keysOf(sealerStates).map((state) => ({
        labels: { state },
        value: Number(sealer.state === state),
      })),
  );
  metrics.watch(
    'mianzheng_sealer_leader',
    'Whether this process holds the sealer lease',
    [],
    () => [{ labels: {}, value: Number(sealer.state === 'asking' || sealer.state === 'sealing') }],
  );
  metrics.watch(
    'mianzheng_ledger_read_only',
    'Whether this process is read-only because the ledger contradicts its log, or has not been compared with it since a restore; by code',
    ['code'],
    () => {
      const refusal = sealer.alarm?.code ?? refusals.refusal?.code;
      return refusalCodes.map((code) => ({
        labels: { code },
        value: Number(refusal === code),
      }));
    },
  );
  metrics.watch(
    'mianzheng_witness_age_seconds',
    'Seconds since the last known cosignature of a witness; grows also while nothing is written',
    ['witness'],
    async () => {
      const checkpoint = await published();
      const now = Date.parse(clock.now());
      return policy.witnesses.flatMap(({ name, key }) => {
        const inNote =
          checkpoint === null ? 0n : (findCosignature(checkpoint, key, nodeVerify)?.time ?? 0n);
        const at = Math.max(Number(inNote) * 1000, log.cosigned.get(name) ?? 0);
        return at === 0 ? [] : [{ labels: { witness: name }, value: Math.max(0, now - at) / 1000 }];
      });
    },
  );
}

export interface WatchedReadModels {
  readonly store: EventStore;
  readonly pool: pg.Pool;
  readonly clock: Clock;
  readonly projections: readonly string[];
  readonly dense: boolean;
  /** Whether this process folds. */
  readonly folding: () => boolean;
}

/**
 * How far each projection is behind, by the checkpoints that are stored: the same in every process,
 * whichever folds.
 */
export function watchReadModels(metrics: Metrics, models: WatchedReadModels): void {
  const { store, pool, clock, projections, dense, folding } = models;
  metrics.watch(
    'mianzheng_projection_leader',
    'Whether this process holds the lease of the projections',
    [],
    () => [{ labels: {}, value: Number(folding()) }],
  );
  const cursors = async () => {
    const { rows } = await pool.query<{ name: string; position: string }>(
      'SELECT name, position FROM projection_checkpoint WHERE name = ANY($1)',
      [projections],
    );
    const stored = new Map(rows.map(({ name, position }) => [name, BigInt(position)]));
    return projections.map((projection) => ({
      projection,
      position: stored.get(projection) ?? 0n,
    }));
  };
  metrics.watch(
    'mianzheng_projection_lag_seconds',
    'Age of the oldest record that a projection has not processed; 0 if none',
    ['projection'],
    async () => {
      const ages = new Map<Position, Promise<number>>();
      return Promise.all(
        (await cursors()).map(async ({ projection, position }) => {
          const age = ages.get(position) ?? oldestAfter(store, position, clock);
          ages.set(position, age);
          return { labels: { projection }, value: await age };
        }),
      );
    },
  );
  if (dense)
    metrics.watch(
      'mianzheng_projection_lag_records',
      'Records of the feed that a projection has not processed; absent if positions of the store do not count records',
      ['projection'],
      async () => {
        const head = await store.head();
        return (await cursors()).map(({ projection, position }) => ({
          labels: { projection },
          value: Math.max(0, Number(head - position)),
        }));
      },
    );
}

/** Seconds since the first record after `position` was made; 0 where there is none. */
async function oldestAfter(store: EventStore, position: Position, clock: Clock): Promise<number> {
  const [oldest] = await store.readAll(position, 1);
  if (oldest === undefined) return 0;
  return Math.max(0, Date.parse(clock.now()) - Date.parse(oldest.body.time)) / 1000;
}
