export { EventStoreDbEventStore, type EventStoreDbOptions } from './store.js';
export { StoreUrlInvalid } from './url.js';
