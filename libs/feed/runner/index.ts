export { checkpointOf } from './checkpoint.js';
export * from './fold-again.js';
export * from './projection.migrations.js';
export * from './rebuild.js';
export * from './runner.js';
