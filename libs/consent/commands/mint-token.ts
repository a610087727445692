import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { CaseReader } from '#libs/case';
import { type CommandContext, EventStore, StoreDamaged } from '#libs/event-store';
import type { ClientCaller } from '#libs/identity';
import type { Instant } from '#libs/kernel';
import { Pairwise } from '#libs/vault';
import { bookRules, consentOfCase } from '../consent.stream.js';
import { BookReader, LedgerKeys } from '../ports.js';
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
    private readonly books: BookReader,
    private readonly keys: LedgerKeys,
    private readonly pairwise: Pairwise,
  ) {}

  async execute({ context, caller, atCase, consent: id }: MintToken): Promise<MintedToken> {
    const found = await this.cases.ownOpen(atCase, caller);
    const { consent, subject, now } = await consentOfCase(this.books, found, id);
    checkRedeemable(consent, { by: caller, case: atCase, now: context.now });
    await checkStillMeant(this.store, consent, { subject, brought: found.brought });
    const record = now.records.find(({ body }) => {
      const event = bookRules.codec.upcast(body.type, body.schema, body.data);
      return event.type === 'ConsentGranted' && event.data.consent === id;
    });
    if (record === undefined)
      throw new StoreDamaged('store_damaged', 'the record of a grant is not in its book', {
        stream: now.stream,
      });
    return mintConsentToken(this.keys, consent, {
      subject: this.pairwise.of(caller.department, subject),
      grantRecord: record.hash,
      now: context.now,
    });
  }
}
