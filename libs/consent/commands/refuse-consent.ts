import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, EventStore, execute } from '#libs/event-store';
import type { PhoneCaller } from '#libs/identity';
import { bookOf } from '../consent.decider.js';
import { bookAttempts, bookRules } from '../consent.stream.js';

/** The holder's no. */
export class RefuseConsent extends Command<undefined> {
  constructor(
    readonly context: CommandContext,
    readonly caller: PhoneCaller,
    readonly consent: string,
  ) {
    super();
  }
}

@CommandHandler(RefuseConsent)
export class RefuseConsentHandler implements ICommandHandler<RefuseConsent> {
  constructor(private readonly store: EventStore) {}

  async execute({ context, caller, consent }: RefuseConsent): Promise<undefined> {
    await execute(
      this.store,
      bookOf(caller.subject),
      context,
      bookRules,
      (book) => bookRules.decide({ kind: 'refuse', consent, now: context.now }, book),
      bookAttempts,
    );
    return undefined;
  }
}
