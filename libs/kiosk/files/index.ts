export * from './print-files.js';
