export * from './bytes.js';
export * from './check-digits.js';
export * from './clock.js';
export * from './decider.js';
export * from './errors.js';
export * from './json.js';
