import { type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { Clock, ProductError } from '#libs/kernel';
import { ACCESS, type HttpGuard, readJson, Settings } from '#libs/platform';
import { type Access, BEFORE_SIGN_IN, type Called } from '../http/access.js';
import type { CommandContexts } from '../http/command-context.js';
import {
  type Caller,
  type ClientCaller,
  ClientDirectory,
  type KnownBy,
  type PhoneCaller,
  PhoneKeys,
  type RegisteredClient,
  type SignedInOperator,
} from '../caller.js';
import { Door } from '../door/door.js';
import type { Binding } from '../door/statement.js';
import type { Scope } from '../identity.events.js';
import {
  accountOf,
  type KnownOperator,
  OperatorDirectory,
  operatorOfAccount,
} from '../operators/operator-directory.js';
import { scopesOfRoles } from '../operators/roles.js';
import { principalOf } from '../principal.js';
import { type AccessToken, AccessTokens } from './access-token.js';
import { checkDpopProof, type DpopProof } from './dpop-proof.js';
import { JwksSource } from './jwks-source.js';
import { AccessRefused, CallerNotProved } from './refusals.js';

/** Longer bodies are parsed only when their proof was found unused. */
const smallBody = 16 * 1024;

/**
 * Guards every route: authenticates the caller, and checks that the route is for it; a route
 * without access metadata stays closed. Free checks come first, and the door's question to the
 * database, which writes, last, so that a refused request writes nothing, but where only that
 * question tells that the streams by which the caller was found have moved.
 */
@Injectable()
export class AccessGuard implements HttpGuard {
  readonly #tokens: AccessTokens;
  readonly #origin: string;
  #commands: CommandContexts | null = null;

  constructor(
    private readonly reflector: Reflector,
    private readonly clock: Clock,
    private readonly clients: ClientDirectory,
    private readonly operators: OperatorDirectory,
    private readonly phones: PhoneKeys,
    private readonly door: Door,
    settings: Settings,
    keys: JwksSource,
  ) {
    this.#origin = settings.publicUrl;
    this.#tokens = new AccessTokens(
      { issuer: settings.issuerUrl, audience: settings.publicUrl },
      keys,
    );
  }

  /** Asks for the keys of commands, too, for a program whose requests may change something. */
  takingCommands(commands: CommandContexts): this {
    this.#commands = commands;
    return this;
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
        request.caller = await this.#client(request, {
          scope: access.scope,
          beforeSignIn: beforeSignIn === true,
        });
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

  async #client(request: FastifyRequest & Called, needed: Needed): Promise<ClientCaller> {
    const accessToken = tokenOf(request);
    const now = this.clock.now();
    const token = await this.#tokens.check(accessToken, now);
    const proof = this.#proofOf(request, accessToken);
    mustBeBoundTo(token, proof);
    const likely = await this.#clientKnown(token, proof.jkt, needed);
    let caller = likely?.caller ?? (await this.#clientNow(token, proof.jkt, needed));
    const forget = () => {
      this.clients.forget(token.client);
      if (caller.operator !== undefined) this.operators.forget(caller.operator.operator);
    };
    const { stands } = await this.#admit(request, token.client, proof, caller, likely?.by);
    if (!stands) {
      forget();
      caller = await this.#clientNow(token, proof.jkt, needed);
    }
    request.standing = {
      ends: token.expires,
      again: () => this.#clientNow(token, proof.jkt, needed),
      forget,
    };
    return caller;
  }

  /**
   * By the streams as this process knows them, however old that is: for the door, which asks for
   * their heads. Null where it does not ask, or where what is known refuses the caller.
   */
  async #clientKnown(token: AccessToken, jkt: string, needed: Needed) {
    if (!this.door.tellsHeads || this.clients.lastKnown === undefined) return null;
    const by: KnownBy<unknown>[] = [];
    const noted = async <Value>(known: Promise<KnownBy<Value | null> | null> | undefined) => {
      const found = (await known) ?? null;
      if (found !== null) by.push(found);
      return found?.value ?? null;
    };
    try {
      const caller = await this.#clientBy(token, jkt, needed, {
        client: (id) => noted(this.clients.lastKnown?.(id)),
        operator: (id) => noted(this.operators.lastKnown(id)),
      });
      return { caller, by };
    } catch (error) {
      if (error instanceof CallerNotProved || error instanceof AccessRefused) return null;
      throw error;
    }
  }

  /** By the streams of the client and of who is signed in there, at most a second old. */
  #clientNow(token: AccessToken, jkt: string, needed: Needed): Promise<ClientCaller> {
    return this.#clientBy(token, jkt, needed, {
      client: (id) => this.clients.find(id),
      operator: (id) => this.operators.find(id),
    });
  }

  async #clientBy(
    token: AccessToken,
    jkt: string,
    { scope, beforeSignIn }: Needed,
    register: Register,
  ): Promise<ClientCaller> {
    const registered = usable(await register.client(token.client), jkt);
    const operator = await this.#operator(token, registered, register);
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
      jkt,
      ...(operator !== null && { operator }),
    };
  }

  /** As the operator's own stream has it now, whatever the token says. */
  async #operator(
    { account }: AccessToken,
    { department }: RegisteredClient,
    register: Register,
  ): Promise<SignedInOperator | null> {
    if (account === null) return null;
    const operator = operatorOfAccount(account);
    const known = operator === null ? null : await register.operator(operator);
    if (known?.enabled !== true || accountOf(known) !== account || known.department !== department)
      throw new CallerNotProved(
        'operator_signed_out',
        'this sign-in has ended: the operator is disabled, or has another passkey or account',
      );
    return {
      operator: known.operator,
      roles: known.roles,
      passkey: known.passkey?.credential ?? null,
    };
  }

  async #phone(request: FastifyRequest & Called): Promise<PhoneCaller> {
    if (request.headers.authorization !== undefined)
      throw new CallerNotProved('token_scheme_wrong', 'a phone proves itself by its proof alone');
    const proof = this.#proofOf(request, null);
    const likely = this.door.tellsHeads
      ? ((await this.phones.lastKnown?.(proof.jkt)) ?? null)
      : null;
    let caller: PhoneCaller =
      likely === null
        ? await this.#phoneNow(proof.jkt)
        : { is: 'phone', subject: likely.value, jkt: proof.jkt };
    const by = likely === null ? [] : [likely];
    const { stands } = await this.#admit(request, `phone:${proof.jkt}`, proof, caller, by);
    if (!stands) caller = await this.#phoneNow(proof.jkt);
    request.standing = {
      ends: null,
      again: () => this.#phoneNow(proof.jkt),
      forget: () => undefined,
    };
    return caller;
  }

  async #phoneNow(jkt: string): Promise<PhoneCaller> {
    const enrolled = await this.phones.subjectOf(jkt);
    if (enrolled === null) throw new CallerNotProved('phone_unknown', 'this key is not enrolled');
    return { is: 'phone', subject: enrolled.subject, jkt };
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

  /**
   * @param by what the caller was found by
   * @returns whether that is all that its streams have
   * @throws RateExceeded; CallerNotProved where the proof was used before
   */
  async #admit(
    request: FastifyRequest & Called,
    client: string,
    proof: DpopProof,
    caller: Caller,
    by: readonly KnownBy<unknown>[] = [],
  ): Promise<{ readonly stands: boolean }> {
    const use = { purpose: 'dpop', value: proof.use, expires: proof.useEnds };
    const binding = this.#bindingOf(request, caller);
    const streams = by.map(({ stream }) => stream);
    const admitted = await this.door.admit(client, use, binding, streams);
    if (admitted === null) throw new CallerNotProved('proof_replayed', 'the proof was used before');
    if (admitted.bound !== null) request.bound = admitted.bound;
    return {
      stands: by.every(({ records }, n) => admitted.heads[n]?.version === records - 1),
    };
  }

  /**
   * Null where the request is no command, or is refused after its proof was used: a body that does
   * not parse binds no key.
   */
  #bindingOf(request: FastifyRequest, caller: Caller): Binding | null {
    if (this.#commands === null || (request.rawBody?.length ?? 0) > smallBody) return null;
    const binding = this.#commands.bindingOf(request, caller);
    if (binding === null) return null;
    try {
      readJson(request);
      return binding;
    } catch (error) {
      if (error instanceof ProductError) return null;
      throw error;
    }
  }
}

/** Where clients and operators are found. */
interface Register {
  client(id: string): Promise<RegisteredClient | null>;
  operator(id: string): Promise<KnownOperator | null>;
}

/** What a route needs of a client. */
interface Needed {
  readonly scope: Scope;
  readonly beforeSignIn: boolean;
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
