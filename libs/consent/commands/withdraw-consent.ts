import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { CommandContext } from '#libs/event-store';
import type { PhoneCaller, Principal } from '#libs/identity';
import { bookRules } from '../consent.stream.js';
import { Books } from '../ports.js';

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
  constructor(private readonly books: Books) {}

  async execute({ context, caller, principal, consent }: WithdrawConsent): Promise<undefined> {
    await this.books.decide(context, principal.subject, { consent }, (book) =>
      bookRules.decide(
        { kind: 'withdraw', by: { caller: caller.subject, principal }, consent },
        book,
      ),
    );
    return undefined;
  }
}
