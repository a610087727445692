import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { caseAbsent, caseRules, caseStream } from '#libs/case';
import { bookRules, Books } from '#libs/consent';
import { type CommandContext, EventStore, execute, subContext } from '#libs/event-store';
import type { PhoneCaller, Principal } from '#libs/identity';

/** The applicant withdraws an online case: it is closed, and nothing more is released for it. */
export class WithdrawApplication extends Command<undefined> {
  constructor(
    readonly context: CommandContext,
    readonly caller: PhoneCaller,
    readonly principal: Principal,
    readonly id: string,
  ) {
    super();
  }
}

@CommandHandler(WithdrawApplication)
export class WithdrawApplicationHandler implements ICommandHandler<WithdrawApplication> {
  constructor(
    private readonly store: EventStore,
    private readonly books: Books,
  ) {}

  async execute({ context, caller, principal, id }: WithdrawApplication): Promise<undefined> {
    const stream = caseStream(id);
    if (stream === null) throw caseAbsent();
    const by = { caller: caller.subject, principal };
    const { state } = await execute(this.store, stream, context, caseRules, (found) =>
      caseRules.decide({ kind: 'withdraw', by }, found),
    );
    if (state.status === 'absent') return undefined;
    await this.books.decide(
      subContext(context, 'book'),
      principal.subject,
      { ofCase: state.opened },
      (book) => bookRules.decide({ kind: 'withdraw-case', by, case: id, now: context.now }, book),
    );
    return undefined;
  }
}
