export * from './ports.js';
export * from './privacy.events.js';
