import { Injectable } from '@nestjs/common';
import { type CommandContext, EventStore, execute } from '#libs/event-store';
import { bookOf, GrantsOfKeys } from '#libs/subject';
import { bookAttempts, bookRules } from './consent.stream.js';

@Injectable()
export class BookGrantsOfKeys extends GrantsOfKeys {
  constructor(private readonly store: EventStore) {
    super();
  }

  async end(context: CommandContext, subject: string, jkts: readonly string[]): Promise<void> {
    await execute(
      this.store,
      bookOf(subject),
      context,
      bookRules,
      (book) => bookRules.decide({ kind: 'end-key', jkts, now: context.now }, book),
      bookAttempts,
    );
  }
}
