export * from './certificate.decider.js';
export * from './certificate.errors.js';
export * from './certificate.events.js';
export * from './identifier.js';
export * from './ports.js';
export * from './reasons.js';
export {
  certificateIdOf,
  disclosureDigest,
  readDisclosure,
  sdJwtAlgorithms,
  sdJwtType,
  signedDigest,
  type Supersedes,
} from './sd-jwt.js';
export * from './signing.js';
export { standingOf } from './standing.js';
export { defaultValidUntil, isDay } from './validity.js';
