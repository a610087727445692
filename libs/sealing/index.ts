export * from './node-crypto.js';
export * from './ports.js';
export * from './receipt-office.js';
export * from './sealing.errors.js';
