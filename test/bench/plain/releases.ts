import type { FastifyInstance } from 'fastify';
import type pg from 'pg';
import { type Door, type Idempotency, onceOnly } from './door.js';
import { Refusal } from './refusal.js';
import type { Tokens } from './tokens.js';

const pullBody = {
  type: 'object',
  required: ['token'],
  additionalProperties: false,
  properties: { token: { type: 'string', maxLength: 8192 } },
} as const;

interface Answer {
  readonly certificate: string;
  readonly matter_name: string;
  readonly material: { readonly material: string; readonly fields: readonly string[] };
  readonly fields: Readonly<Record<string, unknown>>;
}

const redeem = onceOnly(
  'redeem',
  `UPDATE consent SET redeemed = now(), certificate = $5
   WHERE consent = $6 AND redeemed IS NULL AND redeem_by > now()`,
);

/** The release of what was granted, once. */
export function releaseRoutes(
  app: FastifyInstance,
  pool: pg.Pool,
  door: Door,
  idempotency: Idempotency,
  tokens: Tokens,
): void {
  app.post<{ Body: { token: string } }>(
    '/v1/releases',
    { schema: { body: pullBody } },
    async (request) => {
      const caller = await door.client(request, 'releases:pull');
      const command = idempotency.commandOf(request, caller.client);
      const { consent, application } = await tokens.readConsentToken(request.body.token, caller);
      const { rows } = await pool.query<Answer>({
        name: 'answer',
        text: `SELECT c.certificate, matter_name, ask AS material, c.fields
               FROM consent JOIN application a USING (application)
                 CROSS JOIN jsonb_array_elements(asks) AS ask
                 JOIN certificate c ON c.subject = consent.subject AND c.type = ask->>'type'
               WHERE consent = $1 AND a.application = $2 AND terminal = $3 AND terminal_jkt = $4
                 AND a.window_name = $5 AND closed IS NULL
                 AND redeemed IS NULL AND redeem_by > now()
                 AND status = 'valid' AND valid_until >= current_date`,
        values: [consent, application, caller.client, caller.jkt, caller.window],
      });
      const [first] = rows;
      if (first === undefined) throw new Refusal(409, 'consent_not_redeemable');
      // Data are not stored: the same request again is refused as any second use is.
      await idempotency.write(redeem, command, null, [first.certificate, consent], 'consent_spent');
      return {
        handedOver: {
          consent,
          case: application,
          purpose: `仅供${caller.department}（窗口：${caller.window}）办理“${first.matter_name}”使用`,
          materials: rows.map(({ material, certificate, fields }) => ({
            material: material.material,
            certificate,
            fields: Object.fromEntries(material.fields.map((name) => [name, fields[name]])),
          })),
        },
      };
    },
  );
}
