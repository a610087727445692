import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { caseAbsent, caseRules, type CaseState, caseStream, type InHand } from '#libs/case';
import { Books, type Consent, consentsIn, consentStatusOf } from '#libs/consent';
import { type CommandContext, EventStore, execute } from '#libs/event-store';
import type { ClientCaller } from '#libs/identity';
import type { Instant } from '#libs/kernel';
import { booksOfCase } from '../queries/case-view.js';

/** Gives an online case back to the board of the department, where any of its windows takes it. */
export class ReturnCase extends Command<undefined> {
  constructor(
    readonly context: CommandContext,
    readonly caller: ClientCaller,
    readonly id: string,
  ) {
    super();
  }
}

@CommandHandler(ReturnCase)
export class ReturnCaseHandler implements ICommandHandler<ReturnCase> {
  constructor(
    private readonly store: EventStore,
    private readonly books: Books,
  ) {}

  async execute({ context, caller, id }: ReturnCase): Promise<undefined> {
    const stream = caseStream(id);
    if (stream === null) throw caseAbsent();
    await execute(this.store, stream, context, caseRules, async (state) => {
      const inHand = await this.#inHand(state, context.now);
      return caseRules.decide({ kind: 'return', by: caller, inHand }, state);
    });
    return undefined;
  }

  /**
   * A request or release that is recorded at the same moment finds the case given back: nothing
   * leaves by it.
   */
  async #inHand(state: CaseState, now: Instant): Promise<InHand> {
    if (state.status === 'absent') return { isAsked: false, isAnswered: false };
    const consents = (await booksOfCase(this.books, state))
      .flatMap((book) => [...consentsIn(book).values()])
      .filter(({ request }) => request.case === state.opened.case);
    return {
      isAsked: consents.some((one) => ['waiting', 'granted'].includes(consentStatusOf(one, now))),
      isAnswered: consents.some(wasReleased),
    };
  }
}

/** What a withdrawal or an end came after is released all the same; what was withheld is not. */
const wasReleased = (consent: Consent): boolean =>
  consent.status !== 'withheld' && 'redemption' in consent && consent.redemption !== null;
