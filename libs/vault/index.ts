export * from './ports.js';
export * from './seal.js';
export * from './vault.errors.js';
