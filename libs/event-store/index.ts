export * from './exclusions.js';
export * from './execute.js';
export * from './forwarding.js';
export * from './port.js';
export * from './upcasting.js';
