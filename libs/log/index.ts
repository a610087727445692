export * from './base64.js';
export * from './checkpoint.js';
export * from './merkle.js';
export * from './note.js';
export * from './proof.js';
export * from './record.js';
export * from './tiles.js';
export * from './tree.js';
