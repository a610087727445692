export * from './close-case.js';
export * from './open-case.js';
export * from './open-case-online.js';
export * from './take-case.js';
