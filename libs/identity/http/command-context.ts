import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { createHmac, randomBytes } from 'node:crypto';
import pg from 'pg';
import type { CommandContext } from '#libs/event-store';
import { Clock, ConflictError, InvalidError } from '#libs/kernel';
import type { Actor } from '#libs/log';
import type { Caller } from '../caller.js';
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
  constructor(readonly bytes: Buffer) {}
}

interface Row {
  readonly request_hash: Buffer;
  readonly seed: Buffer;
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
    private readonly pool: pg.Pool,
    private readonly clock: Clock,
    private readonly secret: RequestSecret,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest & Called>();
    if (request.method === 'GET' || request.method === 'HEAD') return true;
    const key = keyOf(request.headers['idempotency-key']);
    const hash = this.keyed(
      'request',
      `${request.method}\0${request.url}\0`,
      request.rawBody ?? '',
    );
    request.command = await this.command(request.caller, key, hash);
    return true;
  }

  private keyed(purpose: string, ...parts: readonly (string | Buffer)[]): Buffer {
    const mac = createHmac('sha256', this.secret.bytes).update(`${purpose}\0`);
    for (const part of parts) mac.update(part);
    return mac.digest();
  }

  private async command(
    caller: Caller | undefined,
    key: string,
    hash: Buffer,
  ): Promise<CommandContext> {
    if (caller === undefined) return this.ofStranger(key, hash);
    const actor = actorOf(caller);
    const { client } = actor;
    const keyed = this.keyed('idempotency', `${client}\0`, key).toString('base64url');
    const { rows } = await this.pool.query<Row>({
      name: 'idempotency',
      text: `INSERT INTO idempotency (client, key, request_hash, seed) VALUES ($1, $2, $3, $4)
             ON CONFLICT (client, key) DO UPDATE SET client = excluded.client
             RETURNING request_hash, seed`,
      values: [client, keyed, hash, randomBytes(32)],
    });
    const [row] = rows;
    if (row === undefined || !row.request_hash.equals(hash))
      throw new IdempotencyKeyReused(
        'idempotency_key_reused',
        'this Idempotency-Key was used for a different request',
        {},
        { hint: 'Take a new random key for each request; keep it for retries of that request.' },
      );
    return {
      actor,
      idempotencyKey: keyed,
      seed: row.seed.toString('hex'),
      now: this.clock.now(),
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
  if (typeof header !== 'string' || !/^[\x21-\x7e]{16,128}$/.test(header))
    throw new IdempotencyKeyInvalid(
      'idempotency_key_malformed',
      'an Idempotency-Key has 16 to 128 visible ASCII characters',
    );
  return header;
}
