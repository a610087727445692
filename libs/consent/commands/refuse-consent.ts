import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { CommandContext } from '#libs/event-store';
import type { PhoneCaller, Principal } from '#libs/identity';
import { bookRules } from '../consent.stream.js';
import { Books } from '../ports.js';

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
  constructor(private readonly books: Books) {}

  async execute({ context, caller, principal, consent }: RefuseConsent): Promise<undefined> {
    await this.books.decide(context, principal.subject, { consent }, (book) =>
      bookRules.decide(
        { kind: 'refuse', by: { caller: caller.subject, principal }, consent, now: context.now },
        book,
      ),
    );
    return undefined;
  }
}
