export * from './caller.js';
export * from './identity.events.js';
export * from './jwk.js';
export * from './jws.js';
