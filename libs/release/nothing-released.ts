import type { CaseNow } from '#libs/case';
import {
  type AtTerminal,
  bookRules,
  type Books,
  type NothingReleased,
  notUsable,
} from '#libs/consent';
import type { CommandContext } from '#libs/event-store';
import { NothingToRelease } from './release.errors.js';

/**
 * Tells a terminal why nothing can be released, or read again, after recording that in the holder's
 * book: the reason is information about the holder, so that it is given a few times at most.
 * @throws NothingToRelease always, unless the book refuses
 */
export async function releaseNothing(
  books: Books,
  context: CommandContext,
  by: AtTerminal,
  about: {
    readonly subject: string;
    readonly opened: CaseNow['opened'];
    readonly again: boolean;
    readonly nothing: Omit<NothingReleased['data'], 'reading' | 'ends'>;
  },
): Promise<never> {
  const { subject, opened, again, nothing } = about;
  const { events } = await books.decide(context, subject, { ofCase: opened }, (book) =>
    bookRules.decide(
      { kind: 'release-nothing', by, case: opened.case, again, nothing, now: context.now },
      book,
    ),
  );
  const [event] = events;
  // Data were released before under this Idempotency-Key, and responses are not kept.
  if (event?.type !== 'NothingReleased') throw notUsable('redeemed');
  throw NothingToRelease.for(event.data.missing);
}
