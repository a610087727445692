export * from './check-ledger.js';
export { LedgerUnread } from './crew.js';
export * from './finding.js';
export { checkSignature, type SignatureToCheck } from './signatures.js';
