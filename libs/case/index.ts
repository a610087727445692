export * from './application.js';
export * from './case.decider.js';
export * from './case.errors.js';
export * from './case.events.js';
export * from './case.stream.js';
export * from './ports.js';
