import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, EventStore } from '#libs/event-store';
import type { ClientCaller } from '../../caller.js';
import { OperatorDirectory } from '../operator-directory.js';
import { mustBeOpen, type Passkey } from '../operators.decider.js';
import { OperatorRefused } from '../operators.errors.js';
import type { AuthenticatorAnswer } from '../../holder-passkeys.js';
import { Passkeys } from '../passkeys/passkeys.js';
import { FixedRelyingParty } from '../passkeys/relying-party.js';
import { carryOut } from './carry-out.js';

export class AddPasskey {
  constructor(
    readonly context: CommandContext,
    readonly terminal: ClientCaller,
    readonly invitation: { readonly operator: string; readonly hash: string },
    readonly answer: AuthenticatorAnswer,
  ) {}
}

/** What the answer to a creation is for: one operator's invitation, at one terminal. */
export const creationAt = (terminal: string, operator: string): string =>
  `create/${terminal}/${operator}`;

/** @throws OperatorRefused */
export function mustBeTerminalOf(
  { kind, client, department }: ClientCaller,
  ofOperator: string,
): void {
  if (kind !== 'terminal')
    throw new OperatorRefused(
      'passkey_needs_terminal',
      'passkeys are made and used at enrolled terminals',
      { client },
    );
  if (department !== ofOperator)
    throw new OperatorRefused(
      'operator_of_other_department',
      'the operator is of another department than this terminal',
      { client },
      { hint: 'Use a terminal of your department.' },
    );
}

@CommandHandler(AddPasskey)
export class AddPasskeyHandler implements ICommandHandler<AddPasskey, undefined> {
  constructor(
    readonly store: EventStore,
    readonly directory: OperatorDirectory,
    private readonly passkeys: Passkeys,
    private readonly party: FixedRelyingParty,
  ) {}

  async execute({ context, terminal, invitation, answer }: AddPasskey): Promise<undefined> {
    const { operator, hash } = invitation;
    const { now } = context;
    const of = creationAt(terminal.client, operator);
    // A second attempt at the append does not use the challenge a second time.
    let made: Promise<Passkey> | null = null;
    await carryOut(this, context, operator, async (state) => {
      const { invited } = mustBeOpen(operator, hash, state, now);
      mustBeTerminalOf(terminal, invited.department);
      await this.party.fix();
      made ??= this.passkeys.created(of, operator, answer, now);
      const passkey = await made;
      return { kind: 'add-passkey', operator, invitationHash: hash, passkey, now };
    });
    return undefined;
  }
}
