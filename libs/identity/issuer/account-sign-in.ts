import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { type Clock, isObject } from '#libs/kernel';
import type { AccountOwners } from '../operators/accounts/account-owners.js';
import { accountOfSubject } from '../operators/accounts/account-of-subject.js';
import { signAccountStatement } from '../operators/accounts/account-statement.js';
import { AccountInvalid, AccountRefused } from '../operators/accounts/accounts.errors.js';
import type { OperatorsIssuer } from '../operators/accounts/operators-issuer.js';
import { readInvitation } from '../operators/invitations.js';
import type { KnownOperator, OperatorDirectory } from '../operators/operator-directory.js';
import { OperatorConflict } from '../operators/operators.errors.js';
import { AccountRequests } from './account-requests.js';
import type { SigningKeys } from './signing-keys.js';

export interface AccountSignInOptions {
  readonly elsewhere: OperatorsIssuer;
  readonly owners: AccountOwners;
  /** Under which accounts are named, of 32 bytes at least; the same for as long as one is bound. */
  readonly accountKey: Buffer;
}

/** Either who signed in, or what the ledger needs to bind the account to the invitation. */
export type AccountProved = { readonly operator: KnownOperator } | { readonly statement: string };

/**
 * Operators who sign in at an issuer elsewhere, within an interaction of our own issuer: all else
 * (the terminal's key, tokens, roles) is as with a passkey.
 */
export class AccountSignIn {
  readonly #requests: AccountRequests;

  constructor(
    private readonly options: AccountSignInOptions,
    private readonly on: {
      readonly issuer: string;
      readonly audience: string;
      readonly signingKeys: SigningKeys;
      readonly operators: OperatorDirectory;
      readonly pool: pg.Pool;
      readonly clock: Clock;
    },
  ) {
    this.#requests = new AccountRequests(on.pool, on.clock);
  }

  get issuer(): string {
    return this.options.elsewhere.issuer;
  }

  /**
   * Where the browser goes. @param body with the `invitation` that was opened, if one was
   * @throws AccountInvalid, OperatorsIssuerAway
   */
  async begin(uid: string, body: unknown): Promise<string> {
    const said = isObject(body) ? body['invitation'] : undefined;
    const invitation = typeof said === 'string' ? readInvitation(said) : null;
    if (said !== undefined && invitation === null) throw malformed();
    const request = { state: secret(), nonce: secret(), verifier: secret() };
    const { state, ...kept } = request;
    const url = await this.options.elsewhere.authorizationUrl(request);
    await this.#requests.put(uid, state, { ...kept, begun: this.on.clock.now(), invitation });
    return url;
  }

  /**
   * @param body what came to the redirect URI: `state` with `code`, or with `error`
   * @throws AccountRefused, AccountInvalid, OperatorsIssuerAway
   */
  async answer(uid: string, terminal: string, body: unknown): Promise<AccountProved> {
    const { state, code, iss, error } = answerIn(body);
    const request = await this.#requests.take(uid, state);
    if (request === null)
      throw new AccountRefused(
        'account_answer_foreign',
        'this is no answer to what this sign-in asked, or not the first',
        {},
        { hint: 'Begin again.' },
      );
    if (code === null)
      throw new AccountRefused('account_not_confirmed', 'the issuer confirms nobody', {
        said: /^[a-z_]{1,40}$/.test(error) ? error : 'other',
      });
    const { elsewhere, accountKey } = this.options;
    const { begun, invitation, ...rest } = request;
    const now = this.on.clock.now();
    const subject = await elsewhere.subjectOf({ code, iss }, { state, ...rest }, { begun, now });
    const account = accountOfSubject(accountKey, elsewhere.issuer, subject);
    const operator = await this.#operatorOf(account);
    if (operator !== null && (invitation === null || invitation.operator === operator.operator))
      return { operator: mustBeEnabled(operator) };
    if (invitation === null) throw unknown();
    if (operator !== null)
      throw new OperatorConflict('operator_account_taken', 'the account is of another operator', {
        operator: invitation.operator,
      });
    await this.#requests.prove(uid, account);
    const stated = {
      operator: invitation.operator,
      invitation: invitation.hash,
      terminal,
      account: { issuer: elsewhere.issuer, account },
    };
    return { statement: await signAccountStatement(this.on.signingKeys, this.on, stated, now) };
  }

  /** The operator to whom the ledger bound what was proved here. @throws AccountRefused */
  async bound(uid: string): Promise<KnownOperator> {
    const account = await this.#requests.provedAt(uid);
    const operator = account === null ? null : await this.#operatorOf(account);
    if (operator === null) throw unknown();
    return mustBeEnabled(operator);
  }

  /** By the operator's own stream as it is now. */
  async #operatorOf(account: string): Promise<KnownOperator | null> {
    const { owners } = this.options;
    const id = await owners.operatorOf(account);
    if (id === null) return null;
    this.on.operators.forget(id);
    const found = await this.on.operators.find(id);
    return found?.account?.account === account ? found : null;
  }
}

function mustBeEnabled(operator: KnownOperator): KnownOperator {
  if (!operator.enabled) throw unknown();
  return operator;
}

/** One answer: who is disabled here is not told apart from who was never invited. */
const unknown = () =>
  new AccountRefused(
    'account_unknown',
    'no operator who may sign in has this account',
    {},
    { hint: 'Open the invitation of an administrator, or ask for one.' },
  );

const malformed = () =>
  new AccountInvalid('account_answer_malformed', 'the body is not what the sign-in page sends');

const secret = () => randomBytes(32).toString('base64url');

function answerIn(body: unknown) {
  if (!isObject(body)) throw malformed();
  const { state, code, iss, error } = body;
  const texts = [code, iss, error].every((one) => one == null || isShort(one));
  if (!isShort(state) || !texts) throw malformed();
  return {
    state,
    code: isShort(code) ? code : null,
    iss: isShort(iss) ? iss : null,
    error: isShort(error) ? error : '',
  };
}

const isShort = (value: unknown): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= 2048;
