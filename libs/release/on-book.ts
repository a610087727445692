import { bookFrom, type CaseNow } from '#libs/case';
import { bookAttempts, bookRules, type ConsentCommand } from '#libs/consent';
import { type CommandContext, type EventStore, execute } from '#libs/event-store';
import { bookOf } from '#libs/subject';

/** Decides on a holder's book from the opening of the case on, and appends to it. */
export const onBook = (
  store: EventStore,
  context: CommandContext,
  { subject, opened }: { readonly subject: string; readonly opened: CaseNow['opened'] },
  command: ConsentCommand,
) =>
  execute(
    store,
    bookOf(subject),
    context,
    bookRules,
    (book) => bookRules.decide(command, book),
    bookAttempts,
    bookFrom(opened, subject),
  );
