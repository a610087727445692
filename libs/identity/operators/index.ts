export * from './operator-names.js';
export * from './operators.decider.js';
export * from './operators.errors.js';
export * from './operators.events.js';
export * from './operators.stream.js';
export * from './roles.js';
