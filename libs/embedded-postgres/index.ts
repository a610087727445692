export * from './disk.js';
export { DatabaseNotStarted } from './embedded-postgres.errors.js';
export { findRunning } from './running.js';
export * from './server.js';
