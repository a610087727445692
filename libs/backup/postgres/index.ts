export { type CheckedBackup, checkBackup } from './folder.js';
export * from './load.js';
export * from './take.js';
