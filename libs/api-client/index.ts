export * from './client.js';
export * from './keys.js';
export * from './signed-fetch.js';
