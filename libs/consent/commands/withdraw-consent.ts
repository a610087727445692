import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, EventStore, execute } from '#libs/event-store';
import type { PhoneCaller } from '#libs/identity';
import { bookOf } from '../consent.decider.js';
import { bookAttempts, bookRules } from '../consent.stream.js';

/** The holder takes a yes back: nothing is released by it any more, and nothing read again. */
export class WithdrawConsent extends Command<undefined> {
  constructor(
    readonly context: CommandContext,
    readonly caller: PhoneCaller,
    readonly consent: string,
  ) {
    super();
  }
}

@CommandHandler(WithdrawConsent)
export class WithdrawConsentHandler implements ICommandHandler<WithdrawConsent> {
  constructor(private readonly store: EventStore) {}

  async execute({ context, caller, consent }: WithdrawConsent): Promise<undefined> {
    await execute(
      this.store,
      bookOf(caller.subject),
      context,
      bookRules,
      (book) => bookRules.decide({ kind: 'withdraw', consent }, book),
      bookAttempts,
    );
    return undefined;
  }
}
