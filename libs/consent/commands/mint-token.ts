import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { CaseReader, mustBeOpen } from '#libs/case';
import { type CommandContext, EventStore } from '#libs/event-store';
import type { ClientCaller } from '#libs/identity';
import type { Instant } from '#libs/kernel';
import { readSubject } from '#libs/subject';
import { Pairwise } from '#libs/vault';
import { foundIn } from '../book.js';
import { holderOfConsent } from '../consent.stream.js';
import { Books, LedgerKeys } from '../ports.js';
import { checkStillMeant } from '../still-meant.js';
import { mintConsentToken } from '../token.js';
import { checkRedeemable } from '../usable.js';

export interface MintedToken {
  readonly token: string;
  readonly expires: Instant;
}

/**
 * The token by which the requesting terminal redeems a granted consent. It changes nothing, and can
 * be requested again.
 */
export class MintToken extends Command<MintedToken> {
  constructor(
    readonly context: CommandContext,
    readonly caller: ClientCaller,
    readonly atCase: string,
    readonly consent: string,
  ) {
    super();
  }
}

@CommandHandler(MintToken)
export class MintTokenHandler implements ICommandHandler<MintToken> {
  constructor(
    private readonly store: EventStore,
    private readonly cases: CaseReader,
    private readonly books: Books,
    private readonly keys: LedgerKeys,
    private readonly pairwise: Pairwise,
  ) {}

  async execute({ context, caller, atCase, consent: id }: MintToken): Promise<MintedToken> {
    const { opened } = await this.cases.own(atCase, caller);
    const { subject, likely } = await holderOfConsent(this.books, opened, id);
    const [found, { book }, holder] = await Promise.all([
      this.cases.read(atCase),
      this.books.read(subject, { ofCase: opened }),
      // Before a yes nothing is read of the holder: the time taken tells nothing.
      likely.status === 'granted' ? readSubject(this.store, subject) : null,
    ]);
    const { brought } = mustBeOpen(found, caller);
    const consent = foundIn(book, id);
    checkRedeemable(consent, { by: caller, case: atCase, now: context.now });
    checkStillMeant(consent, {
      holder: holder ?? (await readSubject(this.store, subject)),
      brought,
    });
    return mintConsentToken(this.keys, consent, {
      subject: this.pairwise.of(caller.department, subject),
      grantRecord: consent.grantRecord,
      now: context.now,
    });
  }
}
