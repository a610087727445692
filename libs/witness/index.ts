export * from './witness-database.js';
export * from './witness.js';
