import type { Write } from '#libs/feed';

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

/**
 * Whether no write needs what another one leaves: a stored case is not moved between windows, and
 * what the page closes is of one day.
 */
export const areApart = ({ taken, closing, closed }: BoardChanges): boolean =>
  taken.size === 0 && daysOf({ closing, closed }).size <= 1;

/** Days on which cases of the page were closed. */
export const daysOf = ({ closing, closed }: Pick<BoardChanges, 'closing' | 'closed'>) =>
  new Set([...closing.values(), ...closed.values()].map(({ day }) => day));

/** Every case that the page knows of is there before its answers, and what is over goes last. */
export const writesOf = (changes: BoardChanges): Write[] => [
  ...ofCases(changes),
  ...ofAnswers(changes),
  ...ofConsents(changes),
];

/**
 * What was closed before the last day, where the page itself closed some of that. The first
 * condition is asked once, of the index, and spares the others a day's every case.
 */
export const beforeLastDay: Write = {
  name: 'board_closed_before',
  withs: `board_before AS (
    DELETE FROM board_closed
    WHERE (SELECT min(day) < max(day) FROM board_closed)
      AND day < (SELECT max(day) FROM board_closed) RETURNING case_id)`,
  text: 'DELETE FROM board_answer a USING board_before WHERE a.case_id = board_before.case_id',
  values: [],
};

/** Rows as JSON, which PostgreSQL reads by the columns of the table. */
const insert = (table: string, rows: Iterable<object>): Write => ({
  name: `${table}_new`,
  text: `INSERT INTO ${table} SELECT * FROM json_populate_recordset(NULL::${table}, $1::json)`,
  values: [JSON.stringify([...rows])],
});

const columns =
  'department, matter, matter_name, matter_name_en, matter_department, matter_department_en, opened, materials, needed';
const columnsOfWindow = `${columns}, window_id, origin, queue_number, brought, brought_materials`;

function ofCases(changes: BoardChanges): Write[] {
  const { online, cases, taken, brought, closing, closed } = changes;
  const writes = taken.size > 0 ? moved(taken) : [];
  if (online.size > 0) writes.push(insert('board_online', online.values()));
  if (cases.size > 0) writes.push(insert('board_case', cases.values()));
  const stays = [...brought].filter(([id]) => !closing.has(id));
  if (stays.length > 0)
    writes.push({
      name: 'board_case_brought',
      text: `
        UPDATE board_case b
        SET brought = b.brought + cardinality(m.materials),
            brought_materials = b.brought_materials || m.materials
        FROM (SELECT id, string_to_array(list, ';') AS materials
              FROM unnest($1::text[], $2::text[]) AS n (id, list)) m
        WHERE b.case_id = m.id`,
      values: [stays.map(([id]) => id), stays.map(([, materials]) => materials.join(';'))],
    });
  if (closing.size + closed.size > 0) writes.push(close(changes));
  return writes;
}

/** A case that a window gave back and another took within the page is still at the first. */
const moved = (taken: BoardChanges['taken']): Write[] => [
  {
    name: 'board_case_left',
    withs: `board_left AS (
      DELETE FROM board_case b USING unnest($1::text[]) AS t (id)
      WHERE b.case_id = t.id RETURNING b.*)`,
    text: `INSERT INTO board_online (case_id, ${columns}) SELECT case_id, ${columns} FROM board_left`,
    values: [[...taken.keys()]],
  },
  {
    name: 'board_online_taken',
    withs: `board_taken AS (
      DELETE FROM board_online o USING unnest($1::text[], $2::text[]) AS t (id, window_id)
      WHERE o.case_id = t.id AND t.window_id IS NOT NULL RETURNING o.*, t.window_id)`,
    text: `
      INSERT INTO board_case (case_id, ${columnsOfWindow})
      SELECT case_id, ${columns}, window_id, 'online', NULL, 0, '{}' FROM board_taken`,
    values: [[...taken.keys()], [...taken.values()]],
  },
];

/** With what was brought to them in the page; of days before the one that they begin, all go. */
function close({ closing, closed, brought }: BoardChanges): Write {
  const all = [...closing.values()];
  return {
    name: 'board_case_over',
    withs: `
      board_over AS (
        SELECT id, closed, day, outcome, string_to_array(list, ';') AS more
        FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
          AS c (id, closed, day, outcome, list)),
      board_untaken AS (DELETE FROM board_online o USING board_over WHERE o.case_id = board_over.id),
      board_gone AS (
        DELETE FROM board_case b USING board_over o WHERE b.case_id = o.id
        RETURNING b.*, o.closed, o.day, o.outcome, o.more),
      board_put AS (
        INSERT INTO board_closed (case_id, ${columnsOfWindow}, closed, day, outcome)
        SELECT case_id, ${columns}, window_id, origin, queue_number, brought + cardinality(more),
               brought_materials || more, closed, day, outcome FROM board_gone
        UNION ALL
        SELECT case_id, ${columnsOfWindow}, closed, day, outcome
        FROM json_populate_recordset(NULL::board_closed, $6::json)
        RETURNING day),
      board_past AS (
        DELETE FROM board_closed
        WHERE (SELECT min(day) FROM board_closed) < (SELECT max(day) FROM board_put)
          AND day < (SELECT max(day) FROM board_put) RETURNING case_id)`,
    text: 'DELETE FROM board_answer a USING board_past WHERE a.case_id = board_past.case_id',
    values: [
      [...closing.keys()],
      all.map((one) => one.closed),
      all.map((one) => one.day),
      all.map((one) => one.outcome),
      [...closing.keys()].map((id) => (brought.get(id) ?? []).join(';')),
      JSON.stringify([...closed.values()]),
    ],
  };
}

/** An answer counts where its case is on a board, or was closed on the last day. */
const known = (answer: string): string =>
  `(EXISTS (SELECT FROM board_case c WHERE c.case_id = ${answer}.case_id)
    OR EXISTS (SELECT FROM board_closed c WHERE c.case_id = ${answer}.case_id))`;

function ofAnswers({ answers, redeemed, withheld, cases, closed }: BoardChanges): Write[] {
  const writes: Write[] = [];
  if (redeemed.size > 0)
    writes.push({
      name: 'board_answer_given',
      text: `
        INSERT INTO board_answer (consent, case_id, given)
        SELECT b.consent, b.case_id,
               ARRAY(SELECT material || '/' || b.role FROM unnest(string_to_array(r.list, ';')) AS material)
        FROM unnest($1::text[], $2::text[]) AS r (consent, list)
        JOIN board_consent b ON b.consent = r.consent WHERE ${known('b')}`,
      values: [
        [...redeemed.keys()],
        [...redeemed.values()].map((materials) => materials.join(';')),
      ],
    });
  if (answers.size > 0)
    writes.push({
      name: 'board_answer_new',
      text: `
        INSERT INTO board_answer
        SELECT a.* FROM json_populate_recordset(NULL::board_answer, $1::json) a
        WHERE a.case_id = ANY($2::text[]) OR ${known('a')}`,
      values: [JSON.stringify([...answers.values()]), [...cases.keys(), ...closed.keys()]],
    });
  if (withheld.size > 0)
    writes.push({
      name: 'board_answer_withheld',
      text: 'DELETE FROM board_answer WHERE consent = ANY($1::text[])',
      values: [[...withheld]],
    });
  return writes;
}

function ofConsents({ closing, closed, ended, granted, consents }: BoardChanges): Write[] {
  const writes: Write[] = [];
  const over = [...closing.keys(), ...closed.keys()];
  if (over.length + ended.size > 0)
    writes.push({
      name: 'board_consent_over',
      text: 'DELETE FROM board_consent WHERE case_id = ANY($1::text[]) OR consent = ANY($2::text[])',
      values: [over, [...ended]],
    });
  if (granted.size > 0)
    writes.push({
      name: 'board_consent_granted',
      text: `
        UPDATE board_consent b SET state = 'granted', until = g.until
        FROM unnest($1::text[], $2::text[]) AS g (consent, until)
        WHERE b.consent = g.consent AND b.case_id <> ALL($3::text[])`,
      values: [[...granted.keys()], [...granted.values()], over],
    });
  if (consents.size > 0) writes.push(insert('board_consent', consents.values()));
  return writes;
}
