export * from './memory.js';
export type * from './own-work.js';
export { type Sighting, sightings } from './sighting.js';
export * from './watch-authority.js';
