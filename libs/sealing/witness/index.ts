export { WitnessFolderTaken } from './folder-lock.js';
export * from './witness-files.js';
export * from './witness-server.js';
export * from './witness.js';
