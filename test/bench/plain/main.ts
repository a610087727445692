import Fastify, { type FastifyRequest } from 'fastify';
import type { JWK } from 'jose';
import pg from 'pg';
import { caseRoutes } from './cases.js';
import { consentRoutes } from './consents.js';
import { Door, Idempotency } from './door.js';
import { Refusal } from './refusal.js';
import { releaseRoutes } from './releases.js';
import { Tokens } from './tokens.js';

/**
 * `plain`: the same seven requests with the same checks, as a team would write them on Fastify, pg
 * and jose; a row a command, without log, sealing, encryption and read models. It is a peer to
 * measure against, which no optimisation of the product changes.
 */

const env = (name: string): string => {
  const value = process.env[name];
  if (value === undefined) throw new TypeError(`${name} is not set`);
  return value;
};

const pool = new pg.Pool({ connectionString: env('DATABASE_URL'), max: 20 });
const tokens = await Tokens.of(env('PUBLIC_URL'));
const door = new Door(pool, tokens, Number(env('REQUESTS_PER_SECOND')));
const idempotency = new Idempotency(pool);

declare module 'fastify' {
  interface FastifyRequest {
    rawBody?: Buffer;
  }
}

const app = Fastify({ bodyLimit: 1024 * 1024, keepAliveTimeout: 72_000 });
// Proofs are made over the bytes.
app.addContentTypeParser(
  'application/json',
  { parseAs: 'buffer' },
  (request: FastifyRequest, body: Buffer, done) => {
    request.rawBody = body;
    try {
      done(null, JSON.parse(body.toString('utf8')));
    } catch {
      done(new Refusal(400, 'body_malformed'));
    }
  },
);
app.addContentTypeParser(
  'application/x-www-form-urlencoded',
  { parseAs: 'string' },
  (_request, body, done) => {
    done(null, Object.fromEntries(new URLSearchParams(body as string)));
  },
);
app.setErrorHandler((error: Error & { statusCode?: number; code?: string }, _request, reply) => {
  const status = error.statusCode ?? 500;
  if (status === 500) process.stderr.write(`${error.stack ?? error.message}\n`);
  void reply
    .status(status)
    .type('application/problem+json')
    .send({ status, code: error.code ?? 'unexpected', title: error.message });
});

app.post<{ Body: { client_assertion?: string; scope?: string } }>(
  '/identity/token',
  async (request) => {
    const { client_assertion: assertion = '', scope = '' } = request.body;
    const { dpop } = request.headers;
    const proof = await tokens.proof(typeof dpop === 'string' ? dpop : undefined, {
      method: 'POST',
      path: '/identity/token',
      accessToken: null,
      body: null,
    });
    const { rows } = await pool.query<{ client: string; jwk: JWK; scopes: string[] }>(
      'SELECT client, jwk, scopes FROM client WHERE jkt = $1 AND enabled',
      [proof.jkt],
    );
    const [row] = rows;
    if (row === undefined) throw new Refusal(401, 'client_unknown');
    const { jti } = await tokens.assertion(assertion, row.jwk);
    const asked = scope.split(' ').filter((one) => row.scopes.includes(one));
    await door.once(proof.once, proof.expires);
    await door.once(`${row.client}\0${jti}`, proof.expires);
    return tokens.accessToken(row.client, proof.jkt, asked);
  },
);
app.get('/health/ready', () => ({ status: 'ok' }));
caseRoutes(app, pool, door, idempotency);
consentRoutes(app, pool, door, idempotency, tokens);
releaseRoutes(app, pool, door, idempotency, tokens);

const sweeping = setInterval(() => {
  void Promise.all([
    pool.query('DELETE FROM replay WHERE expires < now()'),
    pool.query("DELETE FROM idempotency WHERE created < now() - interval '2 days'"),
  ]).catch(() => undefined);
}, 60_000);

await app.listen({ host: '127.0.0.1', port: Number(env('PORT')) });
process.on('SIGTERM', () => {
  clearInterval(sweeping);
  void app.close().then(() => pool.end());
});
