import { hkdfSync } from 'node:crypto';
import {
  type Configuration,
  errors,
  interactionPolicy,
  type KoaContextWithOIDC,
} from 'oidc-provider';
import { InternalError } from '#libs/kernel';
import type { ClientDirectory } from '../caller.js';
import {
  accountOf,
  type KnownOperator,
  type OperatorDirectory,
  operatorOfAccount,
} from '../operators/operator-directory.js';
import { maySignIn } from '../operators/standing.js';
import type { SigningKeys } from './signing-keys.js';

/** What the authorization code flow needs beside the issuer itself. */
export interface SignInStores {
  readonly operators: OperatorDirectory;
  readonly clients: ClientDirectory;
  /** Seconds after which an operator signs in anew. */
  readonly longest: number;
  /** The operators' issuer; null where each signs in with a passkey. */
  readonly operatorsIssuer: string | null;
}

/** The issuer lacks what its own configuration makes sure of. */
export class SignInIncomplete extends InternalError<'sign_in_incomplete'> {}

/** Characters of `state` and of `nonce`, which are kept until the sign-in is over. */
const maxKeptLength = 512;

/** Seconds in which an operator signs in, once the page is open. */
export const interactionHolds = 600;

/** `amr` (RFC 8176) and `acr` of a verified passkey: a key, a person who was there, two factors. */
export const passkeyMethods = ['pop', 'user', 'mfa'] as const;
export const passkeyContext = 'phr';

/**
 * An operator's sign-in at a terminal: the code flow with PKCE, bound to the terminal's key. There
 * is no session beside it, so that nobody is signed in where no passkey was proved.
 */
export function signInConfiguration(
  { operators, clients, operatorsIssuer }: SignInStores,
  {
    issuer,
    audience,
    signingKeys,
  }: Record<'issuer' | 'audience', string> & {
    readonly signingKeys: SigningKeys;
  },
) {
  const cookie = { httpOnly: true, sameSite: 'strict', overwrite: true } as const;
  return {
    responseTypes: ['code'],
    cookies: { keys: [cookieKey(signingKeys)], long: cookie, short: cookie },
    pkce: { required: () => true },
    interactions: {
      policy: [
        new interactionPolicy.Prompt(
          { name: 'login', requestable: true },
          new interactionPolicy.Check(
            'passkey_missing',
            'an operator proves a passkey',
            'login_required',
            (ctx) => {
              checkRequest(ctx);
              return ctx.oidc.result?.login === undefined;
            },
          ),
        ),
      ],
      url: (_ctx, { uid }) => `${issuer}/interaction/${uid}`,
    },
    findAccount: async (_ctx, account) => {
      const operator = await current(operators, account, operatorsIssuer);
      if (operator === null) return undefined;
      return { accountId: account, claims: () => Promise.resolve({ sub: account }) };
    },
    loadExistingGrant: async (ctx) => {
      const { client, account, provider, requestParamScopes } = ctx.oidc;
      if (client === undefined || account === undefined) throw incomplete();
      const registered = await clients.find(client.clientId);
      const grant = new provider.Grant({
        clientId: client.clientId,
        accountId: account.accountId,
      });
      const held = registered?.scopes.filter((scope) => requestParamScopes.has(scope)) ?? [];
      grant.addOIDCScope('openid');
      grant.addResourceScope(audience, held.join(' '));
      await grant.save();
      return grant;
    },
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: true,
    expiresWithSession: () => false,
    extraTokenClaims: async (ctx, token) => {
      if (token.kind !== 'AccessToken') return undefined;
      const operator = await current(operators, token.accountId, operatorsIssuer);
      if (operator === null) throw new errors.InvalidGrant('the operator is signed out');
      const { AuthorizationCode, RefreshToken } = ctx.oidc.entities;
      return {
        operator: operator.operator,
        roles: [...operator.roles],
        ...(operator.passkey !== null && { amr: [...passkeyMethods], acr: passkeyContext }),
        auth_time: (AuthorizationCode ?? RefreshToken)?.authTime,
      };
    },
  } satisfies Partial<Configuration>;
}

/** A refresh token lives as long as the first one of its sign-in. */
export const signInTtl = (longest: number) => ({
  Grant: longest,
  Interaction: interactionHolds,
  RefreshToken: (ctx: KoaContextWithOIDC) =>
    ctx.oidc.entities.RotatedRefreshToken?.remainingTTL ?? longest,
  Session: interactionHolds,
});

/** An operator who is enabled, and whose passkey or account elsewhere is still that one. */
async function current(
  operators: OperatorDirectory,
  account: string,
  issuer: string | null,
): Promise<KnownOperator | null> {
  const operator = operatorOfAccount(account);
  const found = operator === null ? null : await operators.find(operator);
  if (found?.enabled !== true || accountOf(found) !== account) return null;
  return maySignIn(found, issuer) ? found : null;
}

/**
 * What RFC 9449, section 10, and OpenID Connect leave to the client, and a terminal's page always
 * sends. A code that is bound to no key of the terminal is not issued.
 * @throws InvalidRequest
 */
function checkRequest(ctx: KoaContextWithOIDC): void {
  const { params = {}, client } = ctx.oidc;
  for (const name of ['dpop_jkt', 'state', 'nonce'])
    if (typeof params[name] !== 'string') throw new errors.InvalidRequest(`${name} is missing`);
  for (const name of ['state', 'nonce'])
    if (String(params[name]).length > maxKeptLength)
      throw new errors.InvalidRequest(`${name} is longer than ${maxKeptLength} characters`);
  if (params['response_mode'] !== undefined && params['response_mode'] !== 'query')
    throw new errors.InvalidRequest('response_mode must be query');
  const jkts = client?.jwks?.keys.map(({ kid }) => kid) ?? [];
  if (!jkts.includes(String(params['dpop_jkt'])))
    throw new errors.InvalidRequest('dpop_jkt is of no key of the client');
}

/** Signs cookies; the same in every process that has the issuer's keys. */
function cookieKey({ keys: [first] }: SigningKeys): string {
  if (first?.['d'] === undefined) throw incomplete();
  const secret = Buffer.from(first['d'], 'base64url');
  return Buffer.from(hkdfSync('sha256', secret, '', 'sign-in cookies', 32)).toString('base64url');
}

const incomplete = () =>
  new SignInIncomplete('sign_in_incomplete', 'the issuer lacks a key, a client or an account');
