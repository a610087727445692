import { type DynamicModule, Global, Module } from '@nestjs/common';
import { LogController, ReceiptsController } from './log.controller.js';
import { LogPolicy } from './log-policy.js';
import { Leaves } from './ports.js';
import { ReceiptOffice } from './receipt-office.js';
import { Receipts } from './receipts.js';
import { Sealer } from './sealer.js';
import { PublishedStatementKeys } from './statement-keys.js';
import { TileReading } from './tile-reading.js';

export { LogPolicy } from './log-policy.js';
export { ReadOnlyOnAlarm } from './read-only-store.js';
export { Receipts } from './receipts.js';
export { RefusalWatch } from './refusal-watch.js';
export { Sealer, type SealerState } from './sealer.js';
export { createSealing, sealingMigrations } from './sealing.migrations.js';
export { SealingOffice, witnessesOf } from './sealing-office.js';
export { PostgresLogShelf } from './shelf.postgres.js';
export { PublishedStatementKeys } from './statement-keys.js';
export { TileMemory } from './tile-memory.js';
export { TileReading } from './tile-reading.js';

/** What a program opened of the log before it makes its Nest application. */
export interface LogServices {
  readonly sealer: Sealer;
  readonly receipts: Receipts;
  readonly reading: TileReading;
  readonly leaves: Leaves;
  readonly policy: LogPolicy;
  readonly statementKeys: PublishedStatementKeys;
  readonly office: ReceiptOffice;
}

/** The public face of the log, and the receipts that other rooms owe. */
@Global()
@Module({})
export class SealingModule {
  static with({
    sealer,
    receipts,
    reading,
    leaves,
    policy,
    statementKeys,
    office,
  }: LogServices): DynamicModule {
    const providers = [
      { provide: Sealer, useValue: sealer },
      { provide: Receipts, useValue: receipts },
      { provide: TileReading, useValue: reading },
      { provide: Leaves, useValue: leaves },
      { provide: LogPolicy, useValue: policy },
      { provide: PublishedStatementKeys, useValue: statementKeys },
      { provide: ReceiptOffice, useValue: office },
    ];
    return {
      module: SealingModule,
      controllers: [LogController, ReceiptsController],
      providers,
      exports: providers,
    };
  }
}
