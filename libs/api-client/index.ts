export * from './client.js';
export * from './consent-qr.js';
export * from './events.js';
export { jwkThumbprint, signCompact } from './jws.js';
export * from './keys.js';
export * from './sign-in.js';
export * from './signed-fetch.js';
