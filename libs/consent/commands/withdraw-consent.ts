import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, EventStore, execute } from '#libs/event-store';
import type { PhoneCaller, Principal } from '#libs/identity';
import { bookOf } from '#libs/subject';
import { bookAttempts, bookRules } from '../consent.stream.js';

/** The holder withdraws a grant: nothing is released or read again by it from then on. */
export class WithdrawConsent extends Command<undefined> {
  constructor(
    readonly context: CommandContext,
    readonly caller: PhoneCaller,
    readonly principal: Principal,
    readonly consent: string,
  ) {
    super();
  }
}

@CommandHandler(WithdrawConsent)
export class WithdrawConsentHandler implements ICommandHandler<WithdrawConsent> {
  constructor(private readonly store: EventStore) {}

  async execute({ context, caller, principal, consent }: WithdrawConsent): Promise<undefined> {
    await execute(
      this.store,
      bookOf(principal.subject),
      context,
      bookRules,
      (book) =>
        bookRules.decide(
          { kind: 'withdraw', by: { caller: caller.subject, principal }, consent },
          book,
        ),
      bookAttempts,
    );
    return undefined;
  }
}
