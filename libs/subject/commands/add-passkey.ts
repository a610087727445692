import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, EventStore } from '#libs/event-store';
import {
  type AuthenticatorAnswer,
  type HolderPasskey,
  HolderPasskeys,
  type PhoneCaller,
} from '#libs/identity';
import { checkPasskeyStatement } from '../enrolment.statements.js';
import { PostgresPhoneKeys } from '../phone-keys.postgres.js';
import { speaksFor } from '../subject.decider.js';
import { PhoneKeyAbsent } from '../subject.errors.js';
import { onSubject, readSubject } from '../subject.stream.js';

/**
 * A phone adds the passkey that its browser made, and signs for it with its own key: it is the
 * holder's as long as the phone is.
 */
export class AddHolderPasskey extends Command<{ readonly jkt: string }> {
  constructor(
    readonly context: CommandContext,
    readonly caller: PhoneCaller,
    readonly answer: AuthenticatorAnswer,
    readonly statement: string,
  ) {
    super();
  }
}

@CommandHandler(AddHolderPasskey)
export class AddHolderPasskeyHandler implements ICommandHandler<AddHolderPasskey> {
  constructor(
    private readonly store: EventStore,
    private readonly passkeys: HolderPasskeys,
    private readonly phoneKeys: PostgresPhoneKeys,
  ) {}

  async execute({ context, caller, answer, statement }: AddHolderPasskey) {
    const { subject, jkt: phone } = caller;
    const state = await readSubject(this.store, subject);
    if (state.status === 'absent' || !speaksFor(state, phone)) throw phoneAbsent();
    // A retry after a lost response: the challenge was used then.
    for (const [jkt, known] of state.passkeys) if (known.statement === statement) return { jkt };
    const passkey: HolderPasskey = await this.passkeys.created(phone, answer, context.now);
    const { jkt, credential, rpId } = passkey;
    const jwk = state.keys.get(phone)?.jwk ?? {};
    checkPasskeyStatement(statement, { credential, jkt, rpId }, { jkt: phone, jwk }, context.now);
    await onSubject(
      this.store,
      subject,
      context,
      { kind: 'enrol-passkey', phone, passkey, statement },
      () => this.phoneKeys.claim(jkt, subject),
    );
    return { jkt };
  }
}

const phoneAbsent = () =>
  new PhoneKeyAbsent('phone_key_absent', 'no such phone is enrolled for the subject');
