import { upcasting } from '#libs/event-store';
import { identityDecider } from './identity.decider.js';
import { type IdentityEvent, identitySchemas } from './identity.events.js';

/** How a client's stream is folded. */
export const clientRules = { ...identityDecider, codec: upcasting<IdentityEvent>(identitySchemas) };
