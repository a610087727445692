export * from './certificate.events.js';
export * from './ports.js';
