export * from './lease.migrations.js';
export * from './leases.js';
export * from './own-connection.js';
