import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { CaseReader } from '#libs/case';
import type { CommandContext } from '#libs/event-store';
import type { ClientCaller } from '#libs/identity';
import { bookRules, holderOfConsent } from '../consent.stream.js';
import { Books } from '../ports.js';

/** The requesting terminal withdraws its request: it ends, and the holder's phone shows that. */
export class WithdrawRequest extends Command<undefined> {
  constructor(
    readonly context: CommandContext,
    readonly caller: ClientCaller,
    readonly atCase: string,
    readonly consent: string,
  ) {
    super();
  }
}

@CommandHandler(WithdrawRequest)
export class WithdrawRequestHandler implements ICommandHandler<WithdrawRequest> {
  constructor(
    private readonly cases: CaseReader,
    private readonly books: Books,
  ) {}

  async execute({ context, caller, atCase, consent }: WithdrawRequest): Promise<undefined> {
    const { opened } = await this.cases.ownOpen(atCase, caller);
    const { subject } = await holderOfConsent(this.books, opened, consent);
    await this.books.decide(context, subject, { ofCase: opened }, (book) =>
      bookRules.decide(
        { kind: 'withdraw-request', by: caller, case: atCase, consent, now: context.now },
        book,
      ),
    );
    return undefined;
  }
}
