import { type DynamicModule, Global, Module } from '@nestjs/common';
import type { NoteSigner } from '#libs/log';
import pg from 'pg';
import { EventStore } from '#libs/event-store';
import { Clock } from '#libs/kernel';
import { Readiness } from '#libs/platform';
import { LogHealth } from './log-health.js';
import { LogHealthController } from './log-health.controller.js';
import { LogController, ReceiptsController } from './log.controller.js';
import { LogPolicy } from './log-policy.js';
import { Leaves, LogStorage } from './ports.js';
import { Receipts } from './receipts.js';
import { ProvenStreams } from './proven-streams.js';
import { LogReceipts } from './log-receipts.js';
import { Sealer } from './sealer.js';
import { PublishedStatementKeys } from './statement-keys.js';
import { TileReading } from './tile-reading.js';

export { LogPolicy } from './log-policy.js';
export { ReadOnlyOnAlarm } from './read-only-store.js';
export { LogReceipts } from './log-receipts.js';
export { RefusalWatch } from './refusal-watch.js';
export { Sealer, type SealerState } from './sealer.js';
export {
  createSealing,
  logTables,
  sealingAfterRestore,
  sealingMigrations,
} from './sealing.migrations.js';
export { PolicyReceipts, witnessesOf } from './policy-receipts.js';
export { PostgresLogStorage } from './log-storage.postgres.js';
export { StoreComparison } from './store-comparison.js';
export { PublishedStatementKeys } from './statement-keys.js';
export { TileMemory } from './tile-memory.js';
export { TileReading } from './tile-reading.js';

/** The log's own key, for other statements that it signs. */
export class LogSigner {
  constructor(readonly signer: NoteSigner) {}
}

/** The parts of the log that a program opens before its Nest application. */
export interface LogServices {
  readonly sealer: Sealer;
  readonly receipts: LogReceipts;
  readonly storage: LogStorage;
  readonly reading: TileReading;
  readonly leaves: Leaves;
  readonly policy: LogPolicy;
  readonly statementKeys: PublishedStatementKeys;
  readonly signer: NoteSigner;
  readonly policyReceipts: Receipts;
}

/** The public routes of the log, and receipts for other rooms. */
@Global()
@Module({})
export class SealingModule {
  static with({
    sealer,
    receipts,
    storage,
    reading,
    leaves,
    policy,
    statementKeys,
    signer,
    policyReceipts,
  }: LogServices): DynamicModule {
    const providers = [
      { provide: Sealer, useValue: sealer },
      { provide: LogReceipts, useValue: receipts },
      { provide: LogStorage, useValue: storage },
      { provide: ProvenStreams, useValue: receipts },
      { provide: TileReading, useValue: reading },
      { provide: Leaves, useValue: leaves },
      { provide: LogPolicy, useValue: policy },
      { provide: PublishedStatementKeys, useValue: statementKeys },
      { provide: LogSigner, useValue: new LogSigner(signer) },
      { provide: Receipts, useValue: policyReceipts },
    ];
    return {
      module: SealingModule,
      controllers: [LogController, ReceiptsController, LogHealthController],
      providers: [
        ...providers,
        {
          provide: LogHealth,
          inject: [EventStore, Clock, Readiness, pg.Pool],
          useFactory: (store: EventStore, clock: Clock, readiness: Readiness, pool: pg.Pool) =>
            new LogHealth({ storage, leaves, policy, store, clock, readiness, pool }),
        },
      ],
      exports: providers,
    };
  }
}
