export * from './print-files.js';
export * from './sample-reader.js';
