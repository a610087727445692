export * from './catalogue.events.js';
export * from './ports.js';
