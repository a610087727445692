export * from './catalogue.errors.js';
export * from './catalogue.events.js';
export * from './field-kinds.js';
export * from './matter.decider.js';
export * from './places.js';
export * from './ports.js';
export * from './roles.js';
export * from './type.decider.js';
