export * from './backup.errors.js';
export * from './manifest.js';
