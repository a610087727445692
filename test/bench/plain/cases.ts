import type { FastifyInstance } from 'fastify';
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { type Door, type Idempotency, onceOnly } from './door.js';
import { Refusal } from './refusal.js';

const openBody = {
  type: 'object',
  required: ['matter', 'participants'],
  additionalProperties: false,
  properties: {
    matter: { type: 'string', maxLength: 64 },
    participants: {
      type: 'array',
      minItems: 1,
      maxItems: 1,
      items: {
        type: 'object',
        required: ['role', 'identifier'],
        additionalProperties: false,
        properties: {
          role: { const: 'applicant' },
          identifier: {
            type: 'object',
            required: ['kind', 'number'],
            additionalProperties: false,
            properties: {
              kind: { const: '111' },
              number: { type: 'string', pattern: '^\\d{17}[\\dX]$' },
            },
          },
        },
      },
    },
  },
} as const;

const closeBody = {
  type: 'object',
  required: ['outcome'],
  additionalProperties: false,
  properties: { outcome: { enum: ['accepted', 'rejected'] } },
} as const;

const insert = onceOnly(
  'open',
  `INSERT INTO application
     (application, matter, matter_name, materials, department, window_name, subject)
   VALUES ($5, $6, $7, $8, $9, $10, $11)`,
);
const update = onceOnly(
  'close',
  `UPDATE application SET outcome = $5, closed = now()
   WHERE application = $6 AND window_name = $7 AND closed IS NULL`,
);

/** A case from its opening to its end. */
export function caseRoutes(
  app: FastifyInstance,
  pool: pg.Pool,
  door: Door,
  idempotency: Idempotency,
): void {
  app.post<{
    Body: { matter: string; participants: [{ identifier: { number: string } }] };
  }>('/v1/cases', { schema: { body: openBody } }, async (request, reply) => {
    const caller = await door.client(request, 'cases:open');
    const command = idempotency.commandOf(request, caller.client);
    const { matter, participants } = request.body;
    const { rows } = await pool.query<{ name: string; materials: unknown; subject: string }>({
      name: 'matter-and-subject',
      text: `SELECT name, materials, subject FROM matter, subject
             WHERE matter = $1 AND number = $2`,
      values: [matter, participants[0].identifier.number],
    });
    const [found] = rows;
    if (found === undefined) throw new Refusal(404, 'matter_or_subject_absent');
    const application = randomUUID();
    const response = {
      case: application,
      matter,
      matterName: found.name,
      window: caller.window,
      department: caller.department,
      status: 'open',
      materials: found.materials,
    };
    reply.status(201);
    return idempotency.write(
      insert,
      command,
      response,
      [
        application,
        matter,
        found.name,
        JSON.stringify(found.materials),
        caller.department,
        caller.window,
        found.subject,
      ],
      'case_not_opened',
    );
  });

  app.post<{ Params: { id: string }; Body: { outcome: string } }>(
    '/v1/cases/:id/close',
    { schema: { body: closeBody } },
    async (request) => {
      const caller = await door.client(request, 'cases:open');
      const command = idempotency.commandOf(request, caller.client);
      const { id } = request.params;
      const { outcome } = request.body;
      return idempotency.write(
        update,
        command,
        { case: id, status: 'closed', outcome },
        [outcome, id, caller.window],
        'case_not_open',
      );
    },
  );
}
