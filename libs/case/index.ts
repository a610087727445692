export * from './case.events.js';
export * from './ports.js';
