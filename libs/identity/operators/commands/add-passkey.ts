import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, EventStore } from '#libs/event-store';
import { Settings } from '#libs/platform';
import type { ClientCaller } from '../../caller.js';
import { OperatorDirectory } from '../operator-directory.js';
import { mustBeOpen, type OperatorState, type Passkey } from '../operators.decider.js';
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

/**
 * Where an issuer elsewhere says who the operators are, only administrators. @throws
 * OperatorRefused
 */
export function mustMakePasskey(
  { roles, invited }: Pick<Exclude<OperatorState, { status: 'absent' }>, 'roles' | 'invited'>,
  { signIn }: Settings,
): void {
  if (signIn.operatorsIssuer === null || roles.includes('administrator')) return;
  throw new OperatorRefused(
    'operator_signs_in_at_issuer',
    'operators sign in at their issuer; a passkey is for administrators alone',
    { operator: invited.operator },
    { hint: 'Open the invitation again, and sign in there.' },
  );
}

@CommandHandler(AddPasskey)
export class AddPasskeyHandler implements ICommandHandler<AddPasskey, undefined> {
  constructor(
    readonly store: EventStore,
    readonly directory: OperatorDirectory,
    private readonly passkeys: Passkeys,
    private readonly party: FixedRelyingParty,
    private readonly settings: Settings,
  ) {}

  async execute({ context, terminal, invitation, answer }: AddPasskey): Promise<undefined> {
    const { operator, hash } = invitation;
    const { now } = context;
    const of = creationAt(terminal.client, operator);
    // A second attempt at the append does not use the challenge a second time.
    let made: Promise<Passkey> | null = null;
    await carryOut(this, context, operator, async (state) => {
      const open = mustBeOpen(operator, hash, state, now);
      mustBeTerminalOf(terminal, open.invited.department);
      mustMakePasskey(open, this.settings);
      await this.party.fix();
      made ??= this.passkeys.created(of, operator, answer, now);
      const passkey = await made;
      return { kind: 'add-passkey', operator, invitationHash: hash, passkey, now };
    });
    return undefined;
  }
}
