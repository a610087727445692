import { type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { Clock } from '#libs/kernel';
import { ACCESS, type HttpGuard, Settings } from '#libs/platform';
import { type Access, BEFORE_SIGN_IN, type Called } from '../http/access.js';
import {
  type ClientCaller,
  ClientDirectory,
  type PhoneCaller,
  PhoneKeys,
  type RegisteredClient,
  type SignedInOperator,
  ReplayMemory,
} from '../caller.js';
import type { Scope } from '../identity.events.js';
import {
  accountOf,
  OperatorDirectory,
  operatorOfAccount,
} from '../operators/operator-directory.js';
import { scopesOfRoles } from '../operators/roles.js';
import { principalOf } from '../principal.js';
import { RateLimits } from '../rate-limits.js';
import { type AccessToken, AccessTokens } from './access-token.js';
import { checkDpopProof, type DpopProof } from './dpop-proof.js';
import { JwksSource } from './jwks-source.js';
import { AccessRefused, CallerNotProved } from './refusals.js';

/**
 * Guards every route: authenticates the caller, and checks that the route is for it; a route
 * without access metadata stays closed. Free checks come first, and the single use of a proof,
 * which writes, last, so that a refused request writes nothing.
 */
@Injectable()
export class AccessGuard implements HttpGuard {
  readonly #tokens: AccessTokens;
  readonly #origin: string;

  constructor(
    private readonly reflector: Reflector,
    private readonly clock: Clock,
    private readonly clients: ClientDirectory,
    private readonly operators: OperatorDirectory,
    private readonly phones: PhoneKeys,
    private readonly replays: ReplayMemory,
    private readonly rates: RateLimits,
    settings: Settings,
    keys: JwksSource,
  ) {
    this.#origin = settings.publicUrl;
    this.#tokens = new AccessTokens(
      { issuer: settings.issuerUrl, audience: settings.publicUrl },
      keys,
    );
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest & Called>();
    const access = this.reflector.getAllAndOverride<Access | undefined>(ACCESS, [
      context.getHandler(),
      context.getClass(),
    ]);
    const beforeSignIn = this.reflector.getAllAndOverride<true | undefined>(BEFORE_SIGN_IN, [
      context.getHandler(),
      context.getClass(),
    ]);
    switch (access?.for) {
      case 'anyone':
        return true;
      case 'client':
        request.caller = await this.#client(request, access.scope, beforeSignIn === true);
        return true;
      case 'phone': {
        const caller = await this.#phone(request);
        request.caller = caller;
        request.principal = principalOf(caller);
        return true;
      }
      case undefined:
        throw new AccessRefused(
          'route_closed',
          'the route does not declare which callers it is for',
        );
    }
  }

  /**
   * Before a large body is read: the caller has a token, and a proof made for this request. The
   * body itself, and the proof's single use, are checked when it has arrived.
   * @throws CallerNotProved
   */
  async beforeBody(request: FastifyRequest): Promise<void> {
    const accessToken = tokenOf(request);
    const token = await this.#tokens.check(accessToken, this.clock.now());
    mustBeBoundTo(token, this.#proofOf(request, accessToken, { bodyIsThere: false }));
  }

  async #client(
    request: FastifyRequest,
    scope: Scope,
    beforeSignIn: boolean,
  ): Promise<ClientCaller> {
    const accessToken = tokenOf(request);
    const now = this.clock.now();
    const token = await this.#tokens.check(accessToken, now);
    const proof = this.#proofOf(request, accessToken);
    mustBeBoundTo(token, proof);
    const registered = usable(await this.clients.find(token.client), proof.jkt);
    const operator = await this.#operator(token, registered);
    if (operator === null && registered.signIn === 'operator' && !beforeSignIn)
      throw new AccessRefused(
        'operator_missing',
        'nobody is signed in at this terminal',
        { client: registered.client },
        { hint: 'An operator signs in there, by the authorization code flow.' },
      );
    const ofRoles = operator === null ? null : scopesOfRoles(operator.roles);
    const scopes = new Set(
      registered.scopes.filter((held) => token.scopes.has(held) && ofRoles?.has(held) !== false),
    );
    if (!scopes.has(scope))
      throw new AccessRefused(
        'scope_missing',
        'this client may not do that',
        { scope },
        { hint: 'Ask for a token with this scope, where the client is registered for it.' },
      );
    await this.rates.count(token.client);
    await this.#once(proof);
    const { client, kind, name, department, window, town, authority } = registered;
    return {
      is: 'client',
      client,
      kind,
      name,
      department,
      window,
      town,
      authority,
      scopes,
      jkt: proof.jkt,
      ...(operator !== null && { operator }),
    };
  }

  /** As the operator's own stream has it now, whatever the token says. */
  async #operator(
    { account }: AccessToken,
    { department }: RegisteredClient,
  ): Promise<SignedInOperator | null> {
    if (account === null) return null;
    const operator = operatorOfAccount(account);
    const known = operator === null ? null : await this.operators.find(operator);
    if (
      known?.enabled !== true ||
      known.passkey === null ||
      accountOf(known) !== account ||
      known.department !== department
    )
      throw new CallerNotProved(
        'operator_signed_out',
        'this sign-in has ended: the operator is disabled, or has another passkey',
      );
    return { operator: known.operator, roles: known.roles, passkey: known.passkey.credential };
  }

  async #phone(request: FastifyRequest): Promise<PhoneCaller> {
    if (request.headers.authorization !== undefined)
      throw new CallerNotProved('token_scheme_wrong', 'a phone proves itself by its proof alone');
    const proof = this.#proofOf(request, null);
    const enrolled = await this.phones.subjectOf(proof.jkt);
    if (enrolled === null) throw new CallerNotProved('phone_unknown', 'this key is not enrolled');
    await this.rates.count(`phone:${proof.jkt}`);
    await this.#once(proof);
    return { is: 'phone', subject: enrolled.subject, jkt: proof.jkt };
  }

  #proofOf(
    request: FastifyRequest,
    accessToken: string | null,
    { bodyIsThere } = { bodyIsThere: true },
  ): DpopProof {
    // Node joins two headers with a comma, which no proof contains.
    const header = request.headers['dpop'];
    return checkDpopProof(typeof header === 'string' ? header : undefined, {
      method: request.method,
      // Never from the Host header, which the caller controls.
      url: this.#origin + (request.url.split('?', 1)[0] ?? ''),
      now: this.clock.now(),
      accessToken,
      body: bodyIsThere ? (request.rawBody ?? new Uint8Array(0)) : null,
      bodyMustBeProved: accessToken === null,
    });
  }

  async #once(proof: DpopProof): Promise<void> {
    if (!(await this.replays.firstUse('dpop', proof.use, proof.useEnds)))
      throw new CallerNotProved('proof_replayed', 'the proof was used before');
  }
}

function mustBeBoundTo(token: AccessToken, proof: DpopProof): void {
  if (proof.jkt !== token.jkt)
    throw new CallerNotProved('proof_key_wrong', 'the access token is bound to another key');
}

/** RFC 9449, section 7.1: `Authorization: DPoP <token>`; the scheme's case does not count. */
function tokenOf(request: FastifyRequest): string {
  const { authorization } = request.headers;
  if (authorization === undefined)
    throw new CallerNotProved('token_missing', 'the request carries no access token');
  const [, scheme, token] = /^([A-Za-z]+) +([\w.~+/=-]+)$/.exec(authorization) ?? [];
  if (scheme?.toLowerCase() !== 'dpop' || token === undefined)
    throw new CallerNotProved('token_scheme_wrong', 'access tokens come as `DPoP <token>`');
  return token;
}

function usable(registered: RegisteredClient | null, jkt: string): RegisteredClient {
  if (registered === null)
    throw new CallerNotProved('client_unknown', 'no such client is registered');
  if (!registered.enabled) throw new CallerNotProved('client_disabled', 'the client is disabled');
  if (!registered.keys.some(({ kid }) => kid === jkt))
    throw new CallerNotProved('client_key_unknown', 'the key is not one that the client uses now');
  return registered;
}
