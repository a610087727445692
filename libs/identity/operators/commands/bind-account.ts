import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, EventStore } from '#libs/event-store';
import { Settings } from '#libs/platform';
import type { ClientCaller } from '../../caller.js';
import { AccountOwners } from '../accounts/account-owners.js';
import type { AccountStatement } from '../accounts/account-statement.js';
import { AccountInvalid } from '../accounts/accounts.errors.js';
import { OperatorDirectory } from '../operator-directory.js';
import { mustBeOpen } from '../operators.decider.js';
import { OperatorConflict } from '../operators.errors.js';
import { readOperator } from '../operators.stream.js';
import { mustBeTerminalOf } from './add-passkey.js';
import { carryOut } from './carry-out.js';

export class BindAccount {
  constructor(
    readonly context: CommandContext,
    readonly terminal: ClientCaller,
    readonly statement: AccountStatement,
  ) {}
}

@CommandHandler(BindAccount)
export class BindAccountHandler implements ICommandHandler<BindAccount, undefined> {
  constructor(
    readonly store: EventStore,
    readonly directory: OperatorDirectory,
    private readonly owners: AccountOwners,
    private readonly settings: Settings,
  ) {}

  async execute({ context, terminal, statement }: BindAccount): Promise<undefined> {
    const { operator, invitation: invitationHash, account } = statement;
    const { now } = context;
    if (
      statement.terminal !== terminal.client ||
      account.issuer !== this.settings.signIn.operatorsIssuer?.issuer
    )
      throw new AccountInvalid(
        'account_statement_refused',
        'the statement about the account is of another terminal, or of another issuer',
        {},
        { hint: 'Open the invitation again.' },
      );
    await carryOut(this, context, operator, async (state) => {
      const { invited } = mustBeOpen(operator, invitationHash, state, now);
      mustBeTerminalOf(terminal, invited.department);
      const isFree = await this.owners.claim(account.account, operator, (other) =>
        this.#has(other, account.account),
      );
      if (!isFree)
        throw new OperatorConflict(
          'operator_account_taken',
          'another operator signs in with this account',
          { operator },
          { hint: 'Invite that operator again to free it, or sign in with another account.' },
        );
      return { kind: 'bind-account', operator, invitationHash, account, now };
    });
    return undefined;
  }

  async #has(operator: string, account: string): Promise<boolean> {
    const state = await readOperator(this.store, operator);
    return state.status !== 'absent' && state.account?.account === account;
  }
}
