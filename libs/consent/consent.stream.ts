import { upcasting } from '#libs/event-store';
import type { CaseNow } from '#libs/case';
import { bookFromVersion, type Consent, evolveBook, weighBook } from './book.js';
import { bookDecider } from './consent.decider.js';
import { consentAbsent } from './consent.errors.js';
import { type ConsentEvent, consentSchemas } from './consent.events.js';
import type { Books } from './ports.js';

export const bookRules = {
  ...bookDecider,
  evolve: evolveBook,
  codec: upcasting<ConsentEvent>(consentSchemas),
  startAt: bookFromVersion,
  weigh: weighBook,
};

/**
 * How often a command decides again after concurrent writes to the same book. All accesses to one
 * subject are in one stream, and a company's licence may be requested at many windows at once: each
 * round at least one succeeds.
 */
export const bookAttempts = 64;

/**
 * The participant in whose book a consent of a case is, with the consent as this process knows it.
 * @throws ConsentAbsent where no participant's book has it, or has it for another case
 */
export async function holderOfConsent(
  books: Pick<Books, 'known'>,
  opened: CaseNow['opened'],
  id: string,
): Promise<{ readonly subject: string; readonly likely: Consent }> {
  for (const subject of new Set(opened.participants.map((each) => each.subject))) {
    const likely = await books.known(subject, { ofCase: opened }, id);
    if (likely?.request.case === opened.case) return { subject, likely };
  }
  throw consentAbsent();
}
