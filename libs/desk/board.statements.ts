import type { PoolClient } from 'pg';

/** Rows as the tables have them; see `board.entity.ts`. */
export interface OnlineRow {
  readonly case_id: string;
  readonly department: string;
  readonly matter: string;
  readonly matter_name: string;
  readonly matter_name_en: string;
  readonly matter_department: string | null;
  readonly matter_department_en: string | null;
  readonly opened: string;
  readonly materials: number;
  readonly needed: readonly string[];
}
export interface CaseRow extends OnlineRow {
  readonly window_id: string;
  readonly origin: 'window' | 'online';
  readonly queue_number: string | null;
  readonly brought: number;
  readonly brought_materials: readonly string[];
}
export interface Closing {
  readonly closed: string;
  readonly day: string;
  readonly outcome: string;
}
export interface ConsentRow {
  readonly consent: string;
  readonly case_id: string;
  readonly role: string;
  readonly materials: readonly string[];
  readonly state: 'waiting' | 'granted';
  readonly until: string;
}
export interface AnswerRow {
  readonly consent: string;
  readonly case_id: string;
  readonly given: readonly string[];
}

/**
 * What a page changes. Rows that the page itself made are changed in memory; stored ones, by
 * statement.
 */
export class BoardChanges {
  readonly online = new Map<string, OnlineRow>();
  readonly cases = new Map<string, CaseRow>();
  readonly closed = new Map<string, CaseRow & Closing>();
  readonly consents = new Map<string, ConsentRow>();
  readonly answers = new Map<string, AnswerRow>();
  /** Of stored rows: by case, the window that took it last; null where it was given back. */
  readonly taken = new Map<string, string | null>();
  /** By case, the materials that were brought. */
  readonly brought = new Map<string, string[]>();
  readonly closing = new Map<string, Closing>();
  /** By consent, until when it can be redeemed. */
  readonly granted = new Map<string, string>();
  /** By consent, the materials that were read. */
  readonly redeemed = new Map<string, readonly string[]>();
  readonly ended = new Set<string>();
  readonly withheld = new Set<string>();
}

/** Every case that the page knows of is there before its answers, and what is over goes last. */
export async function write(changes: BoardChanges, client: PoolClient): Promise<void> {
  await writeCases(changes, client);
  await writeAnswers(changes, client);
  await writeConsents(changes, client);
  if (changes.closing.size + changes.closed.size === 0) return;
  // The first condition is asked once, of the index, and spares the others a day's every case.
  await client.query(
    `WITH over AS (
       DELETE FROM board_closed
       WHERE (SELECT min(day) < max(day) FROM board_closed)
         AND day < (SELECT max(day) FROM board_closed) RETURNING case_id)
     DELETE FROM board_answer a USING over WHERE a.case_id = over.case_id`,
  );
}

/** Rows as JSON, which PostgreSQL reads by the columns of the table. */
const insert = (client: PoolClient, table: string, rows: Iterable<object>): Promise<unknown> =>
  client.query(
    `INSERT INTO ${table} SELECT * FROM json_populate_recordset(NULL::${table}, $1::json)`,
    [JSON.stringify([...rows])],
  );

const columns =
  'department, matter, matter_name, matter_name_en, matter_department, matter_department_en, opened, materials, needed';
const columnsOfWindow = `${columns}, window_id, origin, queue_number, brought, brought_materials`;

async function writeCases(changes: BoardChanges, client: PoolClient): Promise<void> {
  const { online, cases, closed, taken, brought, closing } = changes;
  if (taken.size > 0) {
    // One that a window gave back and another took within the page is still at the first.
    await client.query(
      `WITH gone AS (
         DELETE FROM board_case b USING unnest($1::text[]) AS t (id)
         WHERE b.case_id = t.id RETURNING b.*)
       INSERT INTO board_online (case_id, ${columns}) SELECT case_id, ${columns} FROM gone`,
      [[...taken.keys()]],
    );
    await client.query(
      `WITH gone AS (
         DELETE FROM board_online o USING unnest($1::text[], $2::text[]) AS t (id, window_id)
         WHERE o.case_id = t.id AND t.window_id IS NOT NULL RETURNING o.*, t.window_id)
       INSERT INTO board_case (case_id, ${columnsOfWindow})
       SELECT case_id, ${columns}, window_id, 'online', NULL, 0, '{}' FROM gone`,
      [[...taken.keys()], [...taken.values()]],
    );
  }
  if (online.size > 0) await insert(client, 'board_online', online.values());
  if (cases.size > 0) await insert(client, 'board_case', cases.values());
  if (brought.size > 0)
    await client.query(
      `UPDATE board_case b
       SET brought = b.brought + cardinality(m.materials),
           brought_materials = b.brought_materials || m.materials
       FROM (SELECT id, string_to_array(list, ';') AS materials
             FROM unnest($1::text[], $2::text[]) AS n (id, list)) m
       WHERE b.case_id = m.id`,
      [[...brought.keys()], [...brought.values()].map((materials) => materials.join(';'))],
    );
  if (closing.size > 0) {
    const all = [...closing.values()];
    await client.query(
      `WITH over AS (
         SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
           AS c (id, closed, day, outcome)),
       untaken AS (DELETE FROM board_online o USING over WHERE o.case_id = over.id),
       gone AS (
         DELETE FROM board_case b USING over WHERE b.case_id = over.id
         RETURNING b.*, over.closed, over.day, over.outcome)
       INSERT INTO board_closed (case_id, ${columnsOfWindow}, closed, day, outcome)
       SELECT case_id, ${columnsOfWindow}, closed, day, outcome FROM gone`,
      [
        [...closing.keys()],
        all.map((one) => one.closed),
        all.map((one) => one.day),
        all.map((one) => one.outcome),
      ],
    );
  }
  if (closed.size > 0) await insert(client, 'board_closed', closed.values());
}

/** An answer counts where its case is on a board, or was closed on the last day. */
const known = (answer: string): string =>
  `(EXISTS (SELECT FROM board_case c WHERE c.case_id = ${answer}.case_id)
    OR EXISTS (SELECT FROM board_closed c WHERE c.case_id = ${answer}.case_id))`;

async function writeAnswers(changes: BoardChanges, client: PoolClient): Promise<void> {
  const { answers, redeemed, withheld } = changes;
  if (redeemed.size > 0)
    await client.query(
      `INSERT INTO board_answer (consent, case_id, given)
       SELECT b.consent, b.case_id,
              ARRAY(SELECT material || '/' || b.role FROM unnest(string_to_array(r.list, ';')) AS material)
       FROM unnest($1::text[], $2::text[]) AS r (consent, list)
       JOIN board_consent b ON b.consent = r.consent WHERE ${known('b')}`,
      [[...redeemed.keys()], [...redeemed.values()].map((materials) => materials.join(';'))],
    );
  if (answers.size > 0)
    await client.query(
      `INSERT INTO board_answer
       SELECT a.* FROM json_populate_recordset(NULL::board_answer, $1::json) a WHERE ${known('a')}`,
      [JSON.stringify([...answers.values()])],
    );
  if (withheld.size > 0)
    await client.query('DELETE FROM board_answer WHERE consent = ANY($1::text[])', [[...withheld]]);
}

async function writeConsents(changes: BoardChanges, client: PoolClient): Promise<void> {
  const { closing, closed, ended, granted, consents } = changes;
  const over = [...closing.keys(), ...closed.keys()];
  if (over.length + ended.size > 0)
    await client.query(
      'DELETE FROM board_consent WHERE case_id = ANY($1::text[]) OR consent = ANY($2::text[])',
      [over, [...ended]],
    );
  if (granted.size > 0)
    await client.query(
      `UPDATE board_consent b SET state = 'granted', until = g.until
       FROM unnest($1::text[], $2::text[]) AS g (consent, until) WHERE b.consent = g.consent`,
      [[...granted.keys()], [...granted.values()]],
    );
  if (consents.size > 0) await insert(client, 'board_consent', consents.values());
}
