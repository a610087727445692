export * from './ed25519-form.js';
export { verifyEd25519 } from './portable/index.js';
