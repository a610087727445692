import { expect } from '@jest/globals';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { settled } from '../../libs/subject/after-the-answer.js';
import type { Answer } from './client.js';
import { holderName, type Town } from './town.js';

/** What a refused request must leave unchanged: the records, and all state outside of them. */
async function standing(town: Town): Promise<{ readonly records: number; readonly rest: string }> {
  await settled();
  const { pool } = town.city.city.house.services;
  const digests = (await keptApart(town)).map(
    (name) => `(SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM ${name} AS t)`,
  );
  const { rows } = await pool.query<{ records: number; rest: string }>(
    `SELECT (SELECT count(*) FROM log_record)::int AS records, concat_ws(' ', (SELECT position FROM log_head) - (SELECT count(*) FROM log_record), ${digests.join(', ')}) AS rest`,
  );
  return rows[0] ?? { records: 0, rest: '' };
}

const tables = new WeakMap<Town, Promise<string[]>>();

/** Tables that no replay of the records would bring back. */
function keptApart(town: Town): Promise<string[]> {
  const known = tables.get(town);
  if (known !== undefined) return known;
  const found = town.city.city.house.services.pool
    .query<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
       WHERE schemaname = 'vault' OR tablename = 'qr_code' ORDER BY 1`,
    )
    .then(({ rows }) => rows.map(({ name }) => name));
  tables.set(town, found);
  return found;
}

/**
 * The log since a mark, when the request's own line is in it: it is written as the answer goes out.
 */
async function logOf(town: Town, request: string, from: number): Promise<string> {
  for (let turn = 0; ; turn++) {
    const lines = await town.logSince(from);
    if (lines.includes(`"request":"${request}"`) || turn === 100) return lines;
    await nextTurn();
  }
}

/** Numbers of people, tokens and keys in any form; and what the program is made of. */
const neverTold: readonly RegExp[] = [
  /(?<![\dA-Za-z])\d{17}[\dXx](?![\dA-Za-z])/, // a resident id number
  /eyJ[\w-]{8,}/, // the beginning of any token or proof
  /"d":/, // the private part of a key
  new RegExp(holderName),
  /node_modules|\.[jt]s:\d+|\bSELECT\b|\bINSERT\b|violates|syntax error/,
];

const members = ['type', 'title', 'status', 'code', 'detail', 'hint', 'facts', 'request'];

export interface Refusal {
  readonly status: number;
  readonly code: string;
  /**
   * Records that it adds all the same: what a window was told of a holder stands in the holder's
   * book. None, where it is not said.
   */
  readonly recorded?: number;
}

/**
 * Does what must be refused, and checks everything that a refusal promises: a problem (RFC 9457)
 * with its code, nothing changed, nothing told in the answer or in the log; the log line can be
 * found by the request's id.
 * @param secrets more strings that must not come back
 */
export async function expectRefused(
  town: Town,
  { status, code, recorded = 0 }: Refusal,
  act: () => Promise<Answer>,
  secrets: readonly string[] = [],
): Promise<Answer> {
  const before = await standing(town);
  const logged = await town.logged();
  const answer = await act();
  expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code });
  expectProblem(answer);
  expect(await standing(town)).toEqual({ ...before, records: before.records + recorded });
  const lines = await logOf(town, answer.body.request, logged);
  expect(lines).toContain(`"request":"${answer.body.request as string}"`);
  const headers = JSON.stringify([...answer.headers]);
  const told = `${JSON.stringify(answer.body)}${headers}${lines}`;
  for (const pattern of neverTold) expect(told).not.toMatch(pattern);
  for (const secret of secrets) expect(told).not.toContain(secret);
  return answer;
}

/** The form of every problem: RFC 9457, from one vocabulary, never cached. */
export function expectProblem({ status, headers, body }: Answer): void {
  expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(Object.keys(body).filter((member) => !members.includes(member))).toEqual([]);
  expect(body).toMatchObject({
    type: `/problems/${body.code as string}`,
    status,
    request: headers.get('x-request-id'),
  });
  expect(body.code).toMatch(/^[a-z0-9_]+$/);
  for (const text of [body.title, body.detail]) expect(text).toMatch(/^[\x20-\x7e]{5,200}$/);
  expect(headers.get('www-authenticate') !== null).toBe(status === 401);
}
