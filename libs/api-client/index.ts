export * from './keys.js';
export * from './signed-fetch.js';
