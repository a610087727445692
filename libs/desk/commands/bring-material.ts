import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type BroughtReason, caseAbsent, caseRules, caseStream } from '#libs/case';
import { bookRules, Books } from '#libs/consent';
import { type CommandContext, EventStore, execute, subContext } from '#libs/event-store';
import type { ClientCaller } from '#libs/identity';

/**
 * Records that the applicant brought a material after all: it is not asked for any more, and
 * pending consents for it end.
 */
export class BringMaterial extends Command<undefined> {
  constructor(
    readonly context: CommandContext,
    readonly caller: ClientCaller,
    readonly id: string,
    readonly material: string,
    readonly reason: BroughtReason,
  ) {
    super();
  }
}

@CommandHandler(BringMaterial)
export class BringMaterialHandler implements ICommandHandler<BringMaterial> {
  constructor(
    private readonly store: EventStore,
    private readonly books: Books,
  ) {}

  async execute({ context, caller, id, material, reason }: BringMaterial): Promise<undefined> {
    const stream = caseStream(id);
    if (stream === null) throw caseAbsent();
    const { state } = await execute(this.store, stream, context, caseRules, (state) =>
      caseRules.decide({ kind: 'bring', by: caller, material, reason }, state),
    );
    if (state.status === 'absent') return undefined;
    const { now } = context;
    const subjects = new Set(state.opened.participants.map(({ subject }) => subject));
    const { opened } = state;
    for (const [n, subject] of [...subjects].entries())
      await this.books.decide(
        subContext(context, `book/${n}`),
        subject,
        { ofCase: opened },
        (book) => bookRules.decide({ kind: 'end-brought', case: id, material, now }, book),
      );
    return undefined;
  }
}
