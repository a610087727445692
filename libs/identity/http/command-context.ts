import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { createHmac, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import pg from 'pg';
import type { CommandContext } from '#libs/event-store';
import { Clock, ConflictError, InvalidError } from '#libs/kernel';
import type { Actor } from '#libs/log';
import type { Caller } from '../caller.js';
import { Door } from '../door/door.js';
import type { Binding } from '../door/statement.js';
import type { Called } from './access.js';

export class IdempotencyKeyInvalid extends InvalidError<
  'idempotency_key_missing' | 'idempotency_key_malformed'
> {}
export class IdempotencyKeyReused extends ConflictError<'idempotency_key_reused'> {}

/**
 * A secret of this city. Bodies hold numbers of people, whose plain hashes could be guessed back;
 * so hashes of requests are keyed.
 */
export class RequestSecret {
  #key: KeyObject | undefined;

  constructor(private readonly bytes: Buffer) {}

  /** Made once: each use of bare bytes would make one. */
  get key(): KeyObject {
    return (this.#key ??= createSecretKey(this.bytes));
  }
}

/**
 * Gives every request that may change something its command context: the first use of an
 * Idempotency-Key binds it to this request and a random seed, the same request again gets the same
 * seed, another is refused. Kept is the HMAC of the key, because a caller may have made it out of
 * anything.
 */
@Injectable()
export class CommandContexts implements CanActivate {
  constructor(
    private readonly door: Door,
    private readonly pool: pg.Pool,
    private readonly clock: Clock,
    private readonly secret: RequestSecret,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest & Called>();
    if (!mayChange(request)) return true;
    const key = keyOf(request.headers['idempotency-key']);
    const { caller } = request;
    request.command =
      caller === undefined
        ? this.ofStranger(key, this.hashOf(request))
        : await this.ofCaller(request, caller, key);
    return true;
  }

  /**
   * What would bind a request to its Idempotency-Key: for the access guard, which asks for it
   * together with the proof's single use. Null where the request carries no command, or a key that
   * is refused later.
   */
  bindingOf(request: FastifyRequest, caller: Caller): Binding | null {
    const header = request.headers['idempotency-key'];
    return mayChange(request) && isKey(header) ? this.binding(request, caller, header) : null;
  }

  private binding(request: FastifyRequest, caller: Caller, key: string): Binding {
    const { client } = actorOf(caller);
    return {
      client,
      key: this.keyed('idempotency', `${client}\0`, key).toString('base64url'),
      requestHash: this.hashOf(request),
      seed: randomBytes(32),
    };
  }

  private hashOf({ method, url, rawBody }: FastifyRequest): Buffer {
    return this.keyed('request', `${method}\0${url}\0`, rawBody ?? '');
  }

  private keyed(purpose: string, ...parts: readonly (string | Buffer)[]): Buffer {
    const mac = createHmac('sha256', this.secret.key).update(`${purpose}\0`);
    for (const part of parts) mac.update(part);
    return mac.digest();
  }

  private async ofCaller(
    request: FastifyRequest & Called,
    caller: Caller,
    header: string,
  ): Promise<CommandContext> {
    const bound = request.bound ?? (await this.door.bind(this.binding(request, caller, header)));
    if (bound === null || !bound.requestHash.equals(this.hashOf(request)))
      throw new IdempotencyKeyReused(
        'idempotency_key_reused',
        'this Idempotency-Key was used for a different request',
        {},
        { hint: 'Take a new random key for each request; keep it for retries of that request.' },
      );
    return {
      actor: actorOf(caller),
      idempotencyKey: bound.key,
      seed: bound.seed.toString('hex'),
      now: this.clock.now(),
      ...(bound.since !== undefined && { since: bound.since }),
    };
  }

  /**
   * Unauthenticated callers share one name: their keys count together with the request, so that
   * none can spoil another's. The seed then derives from both, and nothing is stored, so that
   * unauthenticated callers cannot fill the table.
   */
  private ofStranger(key: string, hash: Buffer): CommandContext {
    const idempotencyKey = this.keyed('idempotency', '\0', key, '\0', hash).toString('base64url');
    return {
      actor: actorOf(undefined),
      idempotencyKey,
      seed: this.keyed('seed', idempotencyKey).toString('hex'),
      now: this.clock.now(),
    };
  }

  /** Deletes keys older than two days, after which no client retries. */
  async forgetOld(): Promise<void> {
    await this.pool.query("DELETE FROM idempotency WHERE created < now() - interval '2 days'");
  }
}

/** The actor of every record of a request: made here alone, from the authenticated caller. */
export function actorOf(caller: Caller | undefined): Actor {
  switch (caller?.is) {
    case 'client':
      return caller.operator === undefined
        ? { client: caller.client }
        : { client: caller.client, operator: caller.operator.operator };
    case 'phone':
      return { client: `phone:${caller.jkt}` };
    case undefined:
      return { client: 'anyone' };
  }
}

const mayChange = ({ method }: FastifyRequest): boolean => method !== 'GET' && method !== 'HEAD';

const isKey = (header: string | string[] | undefined): header is string =>
  typeof header === 'string' && /^[\x21-\x7e]{16,128}$/.test(header);

function keyOf(header: string | string[] | undefined): string {
  if (header === undefined)
    throw new IdempotencyKeyInvalid(
      'idempotency_key_missing',
      'this request needs an Idempotency-Key',
      {},
      {
        hint: 'Send a random value of 16 to 128 visible ASCII characters, the same for every retry.',
      },
    );
  if (!isKey(header))
    throw new IdempotencyKeyInvalid(
      'idempotency_key_malformed',
      'an Idempotency-Key has 16 to 128 visible ASCII characters',
    );
  return header;
}
