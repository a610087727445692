import { upcasting } from '#libs/event-store';
import { caseDecider } from './case.decider.js';
import { type CaseEvent, caseSchemas } from './case.events.js';

export const caseRules = { ...caseDecider, codec: upcasting<CaseEvent>(caseSchemas) };

/**
 * Ids are made by the ledger: 22 letters of base64url. Anything else names no stream, and is not
 * read.
 */
export const caseStream = (id: string): string | null =>
  /^[A-Za-z0-9_-]{22}$/.test(id) ? `case-${id}` : null;
