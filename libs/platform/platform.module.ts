import { type DynamicModule, Global, Module } from '@nestjs/common';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { EventStore } from '#libs/event-store';
import { Clock } from '#libs/kernel';
import { CommandContexts, RequestSecret } from './command-context.js';
import { HealthController } from './health.controller.js';
import { LOG, type Log } from './log.js';
import { Metrics } from './metrics.js';
import { clockAgrees, databaseAnswers, Readiness } from './readiness.js';
import { Settings } from './settings.js';

/** What a program opened before it makes its Nest application, and closes after it. */
export interface Services {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly log: Log;
  readonly pool: pg.Pool;
  readonly dataSource: DataSource;
  readonly store: EventStore;
  readonly metrics: Metrics;
  /** null in a program that takes no commands: it has no command contexts, and nothing that it serves changes anything. */
  readonly requestSecret: Buffer | null;
}

/** Gives every context the things of the process: settings, clock, log, database, event store, metrics. */
@Global()
@Module({})
export class PlatformModule {
  static with(services: Services): DynamicModule {
    const { settings, clock, log, pool, dataSource, store, metrics, requestSecret } = services;
    const readiness = new Readiness();
    readiness.add('database', databaseAnswers(pool));
    readiness.add('clock', clockAgrees(pool, clock));
    const providers = [
      { provide: Settings, useValue: settings },
      { provide: Clock, useValue: clock },
      { provide: LOG, useValue: log },
      { provide: pg.Pool, useValue: pool },
      { provide: DataSource, useValue: dataSource },
      { provide: EventStore, useValue: store },
      { provide: Metrics, useValue: metrics },
      { provide: Readiness, useValue: readiness },
      ...(requestSecret === null
        ? []
        : [
            { provide: RequestSecret, useValue: new RequestSecret(requestSecret) },
            CommandContexts,
          ]),
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
