export { createEventStore } from '../event-store.migrations.js';
export * from './store.js';
export * from './chain-check.js';
