export * from './execute.js';
export * from './port.js';
export * from './upcasting.js';
