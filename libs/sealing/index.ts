export * from './node-keys.js';
export * from './ports.js';
export * from './sealing.errors.js';
