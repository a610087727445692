import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, EventStore, execute } from '#libs/event-store';
import type { PhoneCaller, Principal } from '#libs/identity';
import { bookOf } from '#libs/subject';
import { bookAttempts, bookRules } from '../consent.stream.js';

/** The holder refuses. */
export class RefuseConsent extends Command<undefined> {
  constructor(
    readonly context: CommandContext,
    readonly caller: PhoneCaller,
    readonly principal: Principal,
    readonly consent: string,
  ) {
    super();
  }
}

@CommandHandler(RefuseConsent)
export class RefuseConsentHandler implements ICommandHandler<RefuseConsent> {
  constructor(private readonly store: EventStore) {}

  async execute({ context, caller, principal, consent }: RefuseConsent): Promise<undefined> {
    await execute(
      this.store,
      bookOf(principal.subject),
      context,
      bookRules,
      (book) =>
        bookRules.decide(
          { kind: 'refuse', by: { caller: caller.subject, principal }, consent, now: context.now },
          book,
        ),
      bookAttempts,
    );
    return undefined;
  }
}
