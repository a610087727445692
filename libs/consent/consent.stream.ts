import { upcasting } from '#libs/event-store';
import { bookFrom, type CaseNow } from '#libs/case';
import { type Consent, consentIn } from './book.js';
import { bookDecider } from './consent.decider.js';
import { consentAbsent } from './consent.errors.js';
import { type ConsentEvent, consentSchemas } from './consent.events.js';
import type { BookNow, BookReader } from './ports.js';

export const bookRules = { ...bookDecider, codec: upcasting<ConsentEvent>(consentSchemas) };

/**
 * How often a command decides again after concurrent writes to the same book. All accesses to one
 * subject are in one stream, and a company's licence may be requested at many windows at once: each
 * round at least one succeeds.
 */
export const bookAttempts = 64;

/**
 * The consent of a case, with the participant in whose book it is.
 * @throws ConsentAbsent where no participant's book has it, or has it for another case
 */
export async function consentOfCase(
  books: BookReader,
  found: Pick<CaseNow, 'opened'>,
  id: string,
): Promise<{ readonly consent: Consent; readonly subject: string; readonly now: BookNow }> {
  for (const subject of new Set(found.opened.participants.map((each) => each.subject))) {
    const now = await books.read(subject, bookFrom(found.opened, subject));
    const consent = consentIn(now.book, id);
    if (consent?.request.case === found.opened.case) return { consent, subject, now };
  }
  throw consentAbsent();
}
