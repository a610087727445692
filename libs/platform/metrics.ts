import type pg from 'pg';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

const seconds = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];

/**
 * What a process counts, in the format that Prometheus reads. Labels are route templates, codes and event types, whose number is bounded
 * and which say nothing about anybody.
 */
export class Metrics {
  readonly registry = new Registry();

  readonly requests = new Histogram({
    name: 'mianzheng_http_request_seconds',
    help: 'Requests answered, by route template and status',
    labelNames: ['method', 'route', 'status'],
    buckets: seconds,
    registers: [this.registry],
  });
  readonly problems = new Counter({
    name: 'mianzheng_problems_total',
    help: 'Requests that ended with a problem, by its code',
    labelNames: ['code'],
    registers: [this.registry],
  });
  readonly appends = new Histogram({
    name: 'mianzheng_append_seconds',
    help: 'Time until an append was durable, by how it ended',
    labelNames: ['outcome'],
    buckets: seconds,
    registers: [this.registry],
  });
  readonly events = new Counter({
    name: 'mianzheng_events_total',
    help: 'Events appended by this process, by type',
    labelNames: ['type'],
    registers: [this.registry],
  });
  readonly consents = new Counter({
    name: 'mianzheng_consents_total',
    help: 'Consents, by what became of them',
    labelNames: ['outcome'],
    registers: [this.registry],
  });
  readonly releases = new Counter({
    name: 'mianzheng_releases_total',
    help: 'Releases recorded, by kind',
    labelNames: ['kind'],
    registers: [this.registry],
  });
  readonly projectionRecords = new Counter({
    name: 'mianzheng_projection_records_total',
    help: 'Records that a projection took from the feed',
    labelNames: ['projection'],
    registers: [this.registry],
  });

  /** Shows how far each projection is behind; asked whenever the metrics are. */
  watchProjections(
    lags: () => Promise<readonly { readonly projection: string; readonly records: number }[]>,
  ): void {
    new Gauge({
      name: 'mianzheng_projection_lag_records',
      help: 'Records of the feed that a projection has not seen yet',
      labelNames: ['projection'],
      registers: [this.registry],
      async collect() {
        for (const { projection, records } of await lags()) this.set({ projection }, records);
      },
    });
  }

  /** Shows how many connections of a pool are open, idle and waited for. */
  watchPool(name: string, pool: pg.Pool): void {
    new Gauge({
      name: `mianzheng_pool_${name}_connections`,
      help: `Connections of the ${name} pool`,
      labelNames: ['state'],
      registers: [this.registry],
      collect() {
        this.set({ state: 'open' }, pool.totalCount);
        this.set({ state: 'idle' }, pool.idleCount);
        this.set({ state: 'waited_for' }, pool.waitingCount);
      },
    });
  }
}
