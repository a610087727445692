export * from './book.js';
export * from './policy.js';
export * from './receipt.js';
