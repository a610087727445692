export * from './facts.js';
export * from './paper.errors.js';
export * from './ports.js';
export * from './renderer-process.js';
export * from './sheet.js';
export * from './templates.js';
export * from './wire.js';
