import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { createHmac, randomBytes } from 'node:crypto';
import pg from 'pg';
import type { CommandContext } from '#libs/event-store';
import type { Caller } from '#libs/identity';
import { Clock, ConflictError, InvalidError } from '#libs/kernel';
import type { Called } from './access.js';

export class IdempotencyKeyInvalid extends InvalidError<
  'idempotency_key_missing' | 'idempotency_key_malformed'
> {}
export class IdempotencyKeyReused extends ConflictError<'idempotency_key_reused'> {}

/** A secret of this city. Bodies hold numbers of people, whose plain hashes could be guessed back; so hashes of requests are keyed. */
export class RequestSecret {
  constructor(readonly bytes: Buffer) {}
}

interface Row {
  readonly request_hash: Buffer;
  readonly seed: Buffer;
}

/**
 * Gives every request that may change something its command context. The first use of an Idempotency-Key binds it to this request and
 * to a random seed; the same request again gets the same seed, so that it derives the same ids; another request is refused.
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
    const client = actorOf(caller);
    const { rows } = await this.pool.query<Row>({
      name: 'idempotency',
      text: `INSERT INTO idempotency (client, key, request_hash, seed) VALUES ($1, $2, $3, $4)
             ON CONFLICT (client, key) DO UPDATE SET client = excluded.client
             RETURNING request_hash, seed`,
      values: [client, key, hash, randomBytes(32)],
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
      actor: { client },
      idempotencyKey: key,
      seed: row.seed.toString('hex'),
      now: this.clock.now(),
    };
  }

  /**
   * Strangers share one name: a key of theirs counts together with its request, so that none can spoil another's. The seed then follows
   * from both, and nothing has to be remembered: whoever has not proved anything yet fills no table here.
   */
  private ofStranger(key: string, hash: Buffer): CommandContext {
    const idempotencyKey = `${key}/${hash.toString('base64url')}`;
    return {
      actor: { client: actorOf(undefined) },
      idempotencyKey,
      seed: this.keyed('seed', idempotencyKey).toString('hex'),
      now: this.clock.now(),
    };
  }

  /** Forgets keys older than two days: nobody retries that long. */
  async forgetOld(): Promise<void> {
    await this.pool.query("DELETE FROM idempotency WHERE created < now() - interval '2 days'");
  }
}

/** Who a record says did it: the client's id, `phone:` and the thumbprint of a phone's key, or `anyone`. */
export function actorOf(caller: Caller | undefined): string {
  switch (caller?.is) {
    case 'client':
      return caller.client;
    case 'phone':
      return `phone:${caller.jkt}`;
    case undefined:
      return 'anyone';
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
