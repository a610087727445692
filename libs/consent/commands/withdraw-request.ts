import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { bookFrom, CaseReader } from '#libs/case';
import { type CommandContext, EventStore, execute } from '#libs/event-store';
import type { ClientCaller } from '#libs/identity';
import { bookOf } from '#libs/subject';
import { bookAttempts, bookRules, consentOfCase } from '../consent.stream.js';
import { BookReader } from '../ports.js';

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
    private readonly store: EventStore,
    private readonly cases: CaseReader,
    private readonly books: BookReader,
  ) {}

  async execute({ context, caller, atCase, consent }: WithdrawRequest): Promise<undefined> {
    const found = await this.cases.ownOpen(atCase, caller);
    const { subject } = await consentOfCase(this.books, found, consent);
    await execute(
      this.store,
      bookOf(subject),
      context,
      bookRules,
      (book) =>
        bookRules.decide(
          { kind: 'withdraw-request', by: caller, case: atCase, consent, now: context.now },
          book,
        ),
      bookAttempts,
      bookFrom(found.opened, subject),
    );
    return undefined;
  }
}
