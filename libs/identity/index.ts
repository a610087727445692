export * from './caller.js';
export * from './departments.js';
export * from './guards/refusals.js';
export {
  type AuthenticatorAnswer,
  type HolderPasskey,
  HolderPasskeyInvalid,
  HolderPasskeys,
} from './holder-passkeys.js';
export * from './identity.decider.js';
export * from './identity.errors.js';
export * from './identity.events.js';
export * from './identity.stream.js';
export { IssuableTypes } from './issuable-types.js';
export * from './jwk.js';
export * from './jws.js';
export * from './key-proof.js';
export { type ClientChange, handOf, OperatorHistory, type OperatorSaid } from './operator-hands.js';
export * from './operators/index.js';
export * from './principal.js';
export * from './scopes.js';
export * from './separation-of-duties.js';
export { handleOfInvitation, handleOfTerminal } from './terminal-offers/handle.js';
