export * from './release.errors.js';
export type * from './released.js';
