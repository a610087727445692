export * from './caller.js';
export * from './identity.events.js';
