import type { FastifyInstance } from 'fastify';
import { compactVerify, errors, importJWK } from 'jose';
import { randomInt, randomUUID } from 'node:crypto';
import type pg from 'pg';
import { type Door, type Idempotency, onceOnly } from './door.js';
import { Refusal } from './refusal.js';
import { sha256, type Tokens } from './tokens.js';

const askBody = {
  type: 'object',
  required: ['role', 'materials'],
  additionalProperties: false,
  properties: {
    role: { const: 'applicant' },
    materials: { type: 'array', minItems: 1, maxItems: 20, items: { type: 'string' } },
  },
} as const;

const grantBody = {
  type: 'object',
  required: ['jws'],
  additionalProperties: false,
  properties: { jws: { type: 'string', maxLength: 8192 } },
} as const;

const tenMinutes = 600_000;

interface Material {
  readonly material: string;
  readonly nameZh: string;
  readonly type: string;
  readonly fields: readonly string[];
}

interface Asked {
  readonly application: string;
  readonly digits: string;
  readonly notice: string;
  readonly notice_hash: string;
  readonly asks: unknown;
  readonly answer_by: Date;
  readonly grant_jws: string | null;
  readonly redeemed: Date | null;
}

const ask = onceOnly(
  'ask',
  `INSERT INTO consent (consent, application, subject, terminal, terminal_jkt, asks, digits,
     notice, notice_hash, answer_by)
   VALUES ($5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
);
const grant = onceOnly(
  'grant',
  `UPDATE consent SET grant_jws = $5, redeem_by = $6
   WHERE consent = $7 AND subject = $8 AND grant_jws IS NULL AND answer_by > now()`,
);
const mint = {
  name: 'mint',
  text: `INSERT INTO idempotency (client, key, request_hash, response) VALUES ($1, $2, $3, $4)`,
};

/** What a window asks, and what the holder's phone answers. */
export function consentRoutes(
  app: FastifyInstance,
  pool: pg.Pool,
  door: Door,
  idempotency: Idempotency,
  tokens: Tokens,
): void {
  app.post<{ Params: { id: string }; Body: { materials: string[] } }>(
    '/v1/cases/:id/consents',
    { schema: { body: askBody } },
    async (request, reply) => {
      const caller = await door.client(request, 'consents:request');
      const command = idempotency.commandOf(request, caller.client);
      const { rows } = await pool.query<{
        materials: readonly Material[];
        matter_name: string;
        subject: string;
      }>({
        name: 'case-open',
        text: `SELECT materials, matter_name, subject FROM application
               WHERE application = $1 AND window_name = $2 AND closed IS NULL`,
        values: [request.params.id, caller.window],
      });
      const [found] = rows;
      if (found === undefined) throw new Refusal(404, 'case_absent');
      const asks = found.materials.filter(({ material }) =>
        request.body.materials.includes(material),
      );
      if (asks.length !== request.body.materials.length)
        throw new Refusal(400, 'material_not_of_rule');
      const consent = randomUUID();
      const digits = String(randomInt(100)).padStart(2, '0');
      const answerBy = new Date(Date.now() + tenMinutes);
      const notice = noticeOf(found.matter_name, caller, asks, answerBy);
      const response = { consent, state: 'waiting', answerBy: answerBy.toISOString() };
      reply.status(201);
      return idempotency.write(
        ask,
        command,
        { ...response, number: digits },
        [
          consent,
          request.params.id,
          found.subject,
          caller.client,
          caller.jkt,
          JSON.stringify(asks),
          digits,
          notice,
          sha256(notice),
          answerBy,
        ],
        'consent_not_asked',
      );
    },
  );

  const find = async (consent: string, subject: string): Promise<Asked> => {
    const { rows } = await pool.query<Asked>({
      name: 'consent-of-subject',
      text: `SELECT application, digits, notice, notice_hash, asks, answer_by, grant_jws, redeemed
             FROM consent WHERE consent = $1 AND subject = $2`,
      values: [consent, subject],
    });
    const [found] = rows;
    if (found === undefined) throw new Refusal(404, 'consent_absent');
    return found;
  };

  app.get<{ Params: { consent: string } }>('/v1/phone/consents/:consent', async (request) => {
    const caller = await door.phone(request);
    const found = await find(request.params.consent, caller.subject);
    return {
      consent: request.params.consent,
      case: found.application,
      state:
        found.redeemed !== null ? 'redeemed' : found.grant_jws !== null ? 'granted' : 'waiting',
      answerBy: found.answer_by.toISOString(),
      asks: found.asks,
      notice: { zh: found.notice, hash: found.notice_hash },
    };
  });

  app.post<{ Params: { consent: string }; Body: { jws: string } }>(
    '/v1/phone/consents/:consent/grant',
    { schema: { body: grantBody } },
    async (request) => {
      const caller = await door.phone(request);
      const command = idempotency.commandOf(request, caller.client);
      const { consent } = request.params;
      const found = await find(consent, caller.subject);
      await checkGrant(request.body.jws, caller, consent, found);
      const redeemBy = new Date(Date.now() + tenMinutes);
      return idempotency.write(
        grant,
        command,
        { consent, state: 'granted', redeemBy: redeemBy.toISOString() },
        [request.body.jws, redeemBy, consent, caller.subject],
        'consent_not_waiting',
      );
    },
  );

  app.post<{ Params: { id: string; consent: string } }>(
    '/v1/cases/:id/consents/:consent/token',
    async (request, reply) => {
      const caller = await door.client(request, 'releases:pull');
      const command = idempotency.commandOf(request, caller.client);
      const { id, consent } = request.params;
      const { rows } = await pool.query<{ notice_hash: string }>({
        name: 'consent-granted',
        text: `SELECT notice_hash FROM consent JOIN application USING (application)
               WHERE consent = $1 AND application = $2 AND terminal = $3 AND terminal_jkt = $4
                 AND closed IS NULL AND redeemed IS NULL AND redeem_by > now()`,
        values: [consent, id, caller.client, caller.jkt],
      });
      const [found] = rows;
      if (found === undefined) throw new Refusal(409, 'consent_not_granted');
      const token = await tokens.consentToken({
        consent,
        application: id,
        client: caller.client,
        jkt: caller.jkt,
        noticeHash: found.notice_hash,
      });
      const expires = new Date(Date.now() + 60_000).toISOString();
      reply.status(201);
      return idempotency.write(mint, command, { token, expires }, [], 'token_not_made');
    },
  );
}

async function checkGrant(
  jws: string,
  { jkt, jwk }: { readonly jkt: string; readonly jwk: Record<string, unknown> },
  consent: string,
  found: Asked,
): Promise<void> {
  const { payload, protectedHeader } = await compactVerify(jws, await importJWK(jwk), {
    algorithms: ['ES256', 'EdDSA'],
  }).catch((error: unknown) => {
    if (error instanceof errors.JOSEError) throw new Refusal(403, 'grant_signature_refused');
    throw error;
  });
  const said = JSON.parse(new TextDecoder().decode(payload)) as Record<string, unknown>;
  if (
    protectedHeader.typ !== 'consent-grant+jws' ||
    protectedHeader.kid !== jkt ||
    said['answer'] !== 'grant' ||
    said['consent'] !== consent ||
    said['case'] !== found.application ||
    said['noticeHash'] !== found.notice_hash ||
    typeof said['iat'] !== 'number' ||
    Math.abs(Date.now() / 1000 - said['iat']) > 60
  )
    throw new Refusal(403, 'grant_for_another_consent');
  if (said['digits'] !== found.digits) throw new Refusal(403, 'number_mismatched');
}

const noticeOf = (
  matter: string,
  { department, window }: { readonly department: string; readonly window: string },
  asks: readonly Material[],
  answerBy: Date,
): string =>
  `${department}（窗口：${window}）办理“${matter}”，请求使用：${asks
    .map(({ nameZh, fields }) => `${nameZh}（${fields.join('、')}）`)
    .join('；')}。请在${answerBy.toISOString()}前答复。`;
