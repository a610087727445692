export * from './facts.js';
export * from './paper.errors.js';
export * from './ports.js';
export * from './renderer-process.js';
export * from './sheet.js';
export { sampleCertificate } from './signing/certificates.js';
export * from './signing/page-signer.js';
export * from './templates.js';
export * from './wire.js';
