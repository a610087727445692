export { isAsOf, isOfLaterDay } from './as-of.js';
export * from './certificate.decider.js';
export * from './certificate.errors.js';
export * from './certificate.events.js';
export type { HandInFlag } from './hand-in-flags.js';
export { maxFileBytes, looksLike } from './files.js';
export * from './identifier.js';
export { judgeContent } from './judging.js';
export type { LineCode } from './line-hints.js';
export { normalPaperNumber } from './paper-names.js';
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
export * from './forming.js';
export { certificateStandingOf } from './standing.js';
export { defaultValidUntil } from './validity.js';
