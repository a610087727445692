export {
  createEventStore,
  fenceWriters,
  nextEpochOf,
  recordTables,
} from '../event-store.migrations.js';
export * from './store.js';
export * from './chain-check.js';
export * from './copied-rows.js';
export * from '../kind.postgres.js';
