export * from './execute.js';
export * from './port.js';
