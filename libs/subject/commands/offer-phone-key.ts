import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, EventStore } from '#libs/event-store';
import { EnrolmentCodes } from '../enrolment-codes.js';
import { checkPhoneKeyProof, enrolmentCodeHash } from '../enrolment.statements.js';
import { EnrolmentRefused } from '../subject.errors.js';
import { PostgresPhoneKeys } from '../phone-keys.postgres.js';
import { onSubject } from '../subject.stream.js';

/**
 * A phone shows a one-time code and proves that it holds a key. The caller has no identity yet:
 * only the code and the proof are checked.
 */
export class OfferPhoneKey extends Command<{ readonly enrolment: string; readonly jkt: string }> {
  constructor(
    readonly context: CommandContext,
    readonly code: string,
    readonly jwk: Readonly<Record<string, unknown>>,
    readonly proof: string,
  ) {
    super();
  }
}

@CommandHandler(OfferPhoneKey)
export class OfferPhoneKeyHandler implements ICommandHandler<OfferPhoneKey> {
  constructor(
    private readonly store: EventStore,
    private readonly codes: EnrolmentCodes,
    private readonly phoneKeys: PostgresPhoneKeys,
  ) {}

  async execute({ context, code, jwk: offered, proof }: OfferPhoneKey) {
    const codeHash = enrolmentCodeHash(code);
    // The proof is checked first: the result depends on the phone alone, so that a bad proof
    // reveals nothing about the code.
    const { jkt, jwk } = checkPhoneKeyProof(proof, { jwk: offered, codeHash }, context.now);
    const place = await this.codes.byCode(codeHash);
    if (place === null) throw codeRefused();
    const { enrolment, subject } = place;
    await onSubject(
      this.store,
      subject,
      { ...context, actor: { client: `phone:${jkt}` } },
      { kind: 'offer-key', enrolment, codeHash, jkt, jwk, proof, now: context.now },
      () => this.phoneKeys.claim(jkt, subject),
    );
    return { enrolment, jkt };
  }
}

/** The same text as the decider's for a code that expired or was used. */
const codeRefused = () =>
  new EnrolmentRefused('enrolment_code_refused', 'the code is wrong, was used, or has expired');
