export * from './errors.js';
export * from './identifiers.js';
export * from './ports.js';
export * from './privacy.events.js';
export * from './seal.js';
export * from './subject.decider.js';
