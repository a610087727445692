export * from './check-fetched-ledger.js';
export * from './check-ledger.js';
export type { LedgerReport } from './check-reading.js';
export type { LeftOutAct } from './exclusion-rules.js';
export type { LedgerDoor } from './fetched-log.js';
export * from './finding.js';
export { checkSignature, type SignatureToCheck } from './signatures.js';
export { LedgerUnread } from './worker-pool.js';
