export * from './book.js';
export * from './policy.js';
export * from './receipt.js';
export * from './release.js';
export * from './statement.js';
export * from './statement-form.js';
export * from './statement-keys.js';
