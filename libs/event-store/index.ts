export * from './exclusions.js';
export * from './execute.js';
export * from './folded-states.js';
export type { Folded, Look, Part, RecordPlace, Rules } from './folding.js';
export * from './forwarding.js';
export * from './gathered.js';
export * from './port.js';
export * from './upcasting.js';
