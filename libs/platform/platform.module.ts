import { type DynamicModule, Global, Module } from '@nestjs/common';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { EventStore } from '#libs/event-store';
import { Clock } from '#libs/kernel';
import { HealthController } from './health.controller.js';
import { LOG, type Log } from './log.js';
import { Metrics } from './metrics.js';
import { clockAgrees, databaseAnswers, databaseWrites, Readiness } from './readiness.js';
import { Settings } from './settings.js';
import { StoreHealth } from './store-health.js';

/** What a program opens before its Nest application, and closes after it. */
export interface Services {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly log: Log;
  readonly pool: pg.Pool;
  readonly dataSource: DataSource;
  readonly store: EventStore;
  readonly storeHealth: StoreHealth;
  readonly metrics: Metrics;
}

/**
 * Provides every context with the process's settings, clock, log, database, event store and
 * metrics.
 */
@Global()
@Module({})
export class PlatformModule {
  static with(services: Services): DynamicModule {
    const { settings, clock, log, pool, dataSource, store, storeHealth, metrics } = services;
    const readiness = new Readiness();
    readiness.add('database', databaseAnswers(pool));
    readiness.add('writes', databaseWrites(pool, log));
    readiness.add('clock', clockAgrees(pool, clock));
    readiness.add('event_store', () => storeHealth.check());
    const providers = [
      { provide: Settings, useValue: settings },
      { provide: Clock, useValue: clock },
      { provide: LOG, useValue: log },
      { provide: pg.Pool, useValue: pool },
      { provide: DataSource, useValue: dataSource },
      { provide: EventStore, useValue: store },
      { provide: Metrics, useValue: metrics },
      { provide: Readiness, useValue: readiness },
      { provide: StoreHealth, useValue: storeHealth },
    ];
    return {
      module: PlatformModule,
      global: true,
      controllers: [HealthController],
      providers,
      exports: providers,
    };
  }
}
