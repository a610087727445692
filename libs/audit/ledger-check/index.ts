export * from './check-ledger.js';
export { LedgerUnread } from './crew.js';
export * from './finding.js';
