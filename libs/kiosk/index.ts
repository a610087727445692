export * from './document-reader.js';
export * from './print-journal.js';
export * from './printer.decider.js';
export * from './printer.js';
export * from './printing.errors.js';
export * from './printing.js';
