import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import pg from 'pg';
import { Refusal } from './refusal.js';
import { type Proof, sha256, type Tokens } from './tokens.js';

export interface ClientCaller {
  readonly client: string;
  readonly jkt: string;
  readonly department: string;
  readonly window: string;
}

export interface PhoneCaller {
  readonly client: string;
  readonly jkt: string;
  readonly subject: string;
  readonly jwk: Record<string, unknown>;
}

/** Checks of every request: token, proof, its single use, and the rate of its caller. */
export class Door {
  constructor(
    private readonly pool: pg.Pool,
    private readonly tokens: Tokens,
    private readonly perSecond: number,
  ) {}

  async client(request: FastifyRequest, scope: string): Promise<ClientCaller> {
    const [scheme, accessToken] = (request.headers.authorization ?? '').split(' ');
    if (scheme !== 'DPoP' || accessToken === undefined) throw new Refusal(401, 'token_missing');
    const token = await this.tokens.readAccessToken(accessToken);
    const proof = await this.#proof(request, accessToken);
    if (token.jkt !== proof.jkt) throw new Refusal(401, 'proof_key_wrong');
    const { rows } = await this.pool.query<{ department: string; window_name: string }>({
      name: 'client',
      text: `SELECT department, window_name FROM client
             WHERE client = $1 AND jkt = $2 AND enabled AND $3 = ANY (scopes)`,
      values: [token.client, proof.jkt, scope],
    });
    const [row] = rows;
    if (row === undefined || !token.scopes.includes(scope)) throw new Refusal(403, 'scope_missing');
    await this.#countAndUse(token.client, proof);
    return {
      client: token.client,
      jkt: proof.jkt,
      department: row.department,
      window: row.window_name,
    };
  }

  async phone(request: FastifyRequest): Promise<PhoneCaller> {
    const proof = await this.#proof(request, null);
    const { rows } = await this.pool.query<{ subject: string; jwk: Record<string, unknown> }>({
      name: 'phone',
      text: 'SELECT subject, jwk FROM phone WHERE jkt = $1 AND revoked IS NULL',
      values: [proof.jkt],
    });
    const [row] = rows;
    if (row === undefined) throw new Refusal(401, 'phone_unknown');
    const client = `phone:${proof.jkt}`;
    await this.#countAndUse(client, proof);
    return { client, jkt: proof.jkt, ...row };
  }

  /** Of a token request, which has no client yet that could be counted. */
  async once(value: string, expires: Date): Promise<void> {
    const { rowCount } = await this.pool.query({
      name: 'once',
      text: 'INSERT INTO replay (value_hash, expires) VALUES ($1, $2) ON CONFLICT DO NOTHING',
      values: [createHash('sha256').update(value).digest(), expires],
    });
    if (rowCount !== 1) throw new Refusal(401, 'proof_replayed');
  }

  /** Rate and single use in one statement. */
  async #countAndUse(client: string, { once, expires }: Proof): Promise<void> {
    const { rows } = await this.pool.query<{ taken: number; used: boolean }>({
      name: 'count-and-use',
      text: `WITH counted AS (
               INSERT INTO rate AS r (client, second, taken) VALUES ($1, $2, 1)
               ON CONFLICT (client) DO UPDATE SET
                 second = excluded.second,
                 taken = CASE WHEN r.second = excluded.second THEN r.taken + 1 ELSE 1 END
               RETURNING taken),
             used AS (
               INSERT INTO replay (value_hash, expires) VALUES ($3, $4)
               ON CONFLICT DO NOTHING RETURNING true)
             SELECT taken, EXISTS (SELECT FROM used) AS used FROM counted`,
      values: [
        client,
        Math.floor(Date.now() / 1000),
        createHash('sha256').update(once).digest(),
        expires,
      ],
    });
    const [row] = rows;
    if ((row?.taken ?? 0) > this.perSecond) throw new Refusal(429, 'rate_exceeded');
    if (row?.used !== true) throw new Refusal(401, 'proof_replayed');
  }

  #proof(request: FastifyRequest, accessToken: string | null): Promise<Proof> {
    const { dpop } = request.headers;
    return this.tokens.proof(typeof dpop === 'string' ? dpop : undefined, {
      method: request.method,
      path: request.url.split('?', 1)[0] ?? '',
      accessToken,
      body: request.rawBody ?? null,
    });
  }
}

/** What binds a command to its Idempotency-Key. */
export interface Command {
  readonly client: string;
  readonly key: string;
  readonly hash: Buffer;
}

/**
 * A statement that writes what a command changes, together with the use of its Idempotency-Key
 * ($1 to $4); nothing is written where `change` changes nothing, or the key was used before.
 */
export const onceOnly = (name: string, change: string) => ({
  name,
  text: `WITH done AS (${change} RETURNING true)
         INSERT INTO idempotency (client, key, request_hash, response)
         SELECT $1, $2, $3::bytea, $4::jsonb FROM done`,
});

/** Commands that are sent again get their first response. */
export class Idempotency {
  constructor(private readonly pool: pg.Pool) {}

  commandOf(request: FastifyRequest, client: string): Command {
    const key = request.headers['idempotency-key'];
    if (typeof key !== 'string' || !/^[\x21-\x7e]{16,128}$/.test(key))
      throw new Refusal(400, 'idempotency_key_malformed');
    const hash = createHash('sha256')
      .update(`${request.method}\0${request.url}\0`)
      .update(request.rawBody ?? '')
      .digest();
    return { client, key: sha256(key), hash };
  }

  /**
   * Runs a statement of `onceOnly`, and answers `response`; the stored one where the command was
   * sent before. `otherwise` is the refusal where it could change nothing.
   */
  async write<Response>(
    statement: { readonly name: string; readonly text: string },
    { client, key, hash }: Command,
    response: Response,
    values: readonly unknown[],
    otherwise: string,
  ): Promise<Response> {
    const stored = response === null ? null : JSON.stringify(response);
    try {
      const { rowCount } = await this.pool.query({
        ...statement,
        values: [client, key, hash, stored, ...values],
      });
      if (rowCount === 1) return response;
    } catch (error) {
      if (!(error instanceof pg.DatabaseError) || error.constraint !== 'idempotency_pkey')
        throw error;
    }
    const { rows } = await this.pool.query<{ request_hash: Buffer; response: Response | null }>({
      name: 'idempotency',
      text: 'SELECT request_hash, response FROM idempotency WHERE client = $1 AND key = $2',
      values: [client, key],
    });
    const [row] = rows;
    if (row !== undefined && !row.request_hash.equals(hash))
      throw new Refusal(409, 'idempotency_key_reused');
    if (row === undefined || row.response === null) throw new Refusal(409, otherwise);
    return row.response;
  }
}
