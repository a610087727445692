import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { Clock } from '#libs/kernel';
import { ACCESS, type Access, type Called, Settings } from '#libs/platform';
import {
  type ClientCaller,
  ClientDirectory,
  PhoneKeys,
  type PhoneCaller,
  type RegisteredClient,
  ReplayMemory,
} from '../caller.js';
import type { Scope } from '../identity.events.js';
import { RateLimits } from '../rate-limits.js';
import { AccessTokens } from './access-token.js';
import { checkDpopProof, type DpopProof } from './dpop-proof.js';
import { JwksSource } from './jwks-source.js';
import { AccessRefused, CallerNotProved } from './refusals.js';

/**
 * The lock of every route: proves who calls, and that the route is for them. A route without access metadata stays closed.
 *
 * What costs nothing is checked first; the single use of a proof, which writes, comes last, so that what is refused before writes nothing.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  readonly #tokens: AccessTokens;
  readonly #origin: string;

  constructor(
    private readonly reflector: Reflector,
    private readonly clock: Clock,
    private readonly clients: ClientDirectory,
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
    switch (access?.for) {
      case 'anyone':
        return true;
      case 'client':
        request.caller = await this.#client(request, access.scope);
        return true;
      case 'phone':
        request.caller = await this.#phone(request);
        return true;
      case undefined:
        throw new AccessRefused('route_closed', 'nobody said who this route is for');
    }
  }

  async #client(request: FastifyRequest, scope: Scope): Promise<ClientCaller> {
    const accessToken = tokenOf(request);
    const now = this.clock.now();
    const token = await this.#tokens.check(accessToken, now);
    const proof = this.#proofOf(request, accessToken);
    if (proof.jkt !== token.jkt)
      throw new CallerNotProved('proof_key_wrong', 'the access token is bound to another key');
    const registered = usable(await this.clients.find(token.client), proof.jkt);
    const scopes = new Set(registered.scopes.filter((held) => token.scopes.has(held)));
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
    };
  }

  async #phone(request: FastifyRequest): Promise<PhoneCaller> {
    if (request.headers.authorization !== undefined)
      throw new CallerNotProved('token_scheme_wrong', 'a phone proves itself by its proof alone');
    const proof = this.#proofOf(request, null);
    const enrolled = await this.phones.subjectOf(proof.jkt);
    if (enrolled === null)
      throw new CallerNotProved('phone_unknown', 'this key is enrolled for nobody');
    await this.rates.count(`phone:${proof.jkt}`);
    await this.#once(proof);
    return { is: 'phone', subject: enrolled.subject, jkt: proof.jkt };
  }

  #proofOf(request: FastifyRequest, accessToken: string | null): DpopProof {
    // Node joins two headers with a comma, which stands in no proof.
    const header = request.headers['dpop'];
    return checkDpopProof(typeof header === 'string' ? header : undefined, {
      method: request.method,
      // Never from the Host header: whoever calls writes that.
      url: this.#origin + (request.url.split('?', 1)[0] ?? ''),
      now: this.clock.now(),
      accessToken,
      body: request.rawBody,
      bodyMustBeProved: accessToken === null,
    });
  }

  async #once(proof: DpopProof): Promise<void> {
    if (!(await this.replays.firstUse('dpop', proof.use, proof.useEnds)))
      throw new CallerNotProved('proof_replayed', 'the proof was used before');
  }
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
