export * from './proof-maker.js';
export * from './ports.js';
export * from './source.errors.js';
export * from './wire.js';
