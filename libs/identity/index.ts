export * from './caller.js';
export * from './guards/refusals.js';
export * from './identity.decider.js';
export * from './identity.events.js';
export * from './jwk.js';
export * from './jws.js';
export * from './scopes.js';
