export * from './access.js';
export * from './command-context.js';
export * from './idempotency.migrations.js';
