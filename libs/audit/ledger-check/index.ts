export * from './check-ledger.js';
export * from './finding.js';
