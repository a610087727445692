export * from './exclusion.decider.js';
export * from './exclusion.errors.js';
export * from './exclusion.events.js';
