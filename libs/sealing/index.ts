export * from './node-crypto.js';
export * from './ports.js';
export * from './proven-streams.js';
export * from './receipts.js';
export * from './sealing.errors.js';
