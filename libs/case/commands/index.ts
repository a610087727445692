export * from './close-case.js';
export * from './open-case.js';
