import { hash } from 'node:crypto';
import type pg from 'pg';
import type { Codec } from '#libs/event-store';
import { readRecord } from '#libs/log';
import { caseSchemas } from '../../libs/case/case.events.js';
import { caseRules } from '../../libs/case/case.stream.js';
import { matterSchemas, typeSchemas } from '../../libs/catalogue/catalogue.events.js';
import { matterRules, typeRules } from '../../libs/catalogue/catalogue.stream.js';
import { certificateSchemas } from '../../libs/certificate/certificate.events.js';
import { certificateRules } from '../../libs/certificate/certificate.stream.js';
import { type Book, consentsIn } from '../../libs/consent/book.js';
import { consentSchemas } from '../../libs/consent/consent.events.js';
import { bookRules } from '../../libs/consent/consent.stream.js';
import { upcasting } from '../../libs/event-store/upcasting.js';
import { exclusionDecider, type Exclusions } from '../../libs/exclusion/exclusion.decider.js';
import { exclusionSchemas } from '../../libs/exclusion/exclusion.events.js';
import { identityDecider } from '../../libs/identity/identity.decider.js';
import { identitySchemas } from '../../libs/identity/identity.events.js';
import { operatorSchemas } from '../../libs/identity/operators/operators.events.js';
import { operatorDecider } from '../../libs/identity/operators/operators.decider.js';
import { pagesSchemas } from '../../libs/pages/pages.events.js';
import { pagesRules } from '../../libs/pages/pages.stream.js';
import { subjectSchemas } from '../../libs/subject/subject.events.js';
import { subjectDecider } from '../../libs/subject/subject.decider.js';

/** What a ledger says, in words that outlive the shape of any table or state. */
export interface Summary {
  readonly records: number;
  /** SHA-256 over the leaf hashes of all records, in their order: hexadecimal. */
  readonly leaves: string;
  /** Root of the sealed tree, hexadecimal, and its size. */
  readonly sealed: { readonly size: number; readonly root: string };
  /** How many records there are of each type. */
  readonly events: Readonly<Record<string, number>>;
  /** How many streams of each kind there are in each status, as the rules of today see them. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Rows of the read models, as far as they are told apart by nothing but codes. */
  readonly exemptions: number;
  readonly holdings: number;
}

export interface Rules {
  readonly initialState: unknown;
  readonly evolve: (state: never, event: never) => unknown;
  readonly codec: Codec<never>;
}
/** By the kind of a stream, which its name begins with. */
export const rules: Readonly<Record<string, unknown>> = {
  case: caseRules,
  matter: matterRules,
  type: typeRules,
  book: bookRules,
  certificate: certificateRules,
  ledger: { ...exclusionDecider, codec: upcasting(exclusionSchemas) },
  client: { ...identityDecider, codec: upcasting(identitySchemas) },
  pages: pagesRules,
  operator: { ...operatorDecider, codec: upcasting(operatorSchemas) },
  subject: { ...subjectDecider, codec: upcasting(subjectSchemas) },
};

/** Every type of event that a release knows. */
export const eventTypes: readonly string[] = [
  caseSchemas,
  certificateSchemas,
  consentSchemas,
  exclusionSchemas,
  identitySchemas,
  matterSchemas,
  operatorSchemas,
  pagesSchemas,
  subjectSchemas,
  typeSchemas,
].flatMap((schemas) => Object.keys(schemas));

/**
 * Reads every record, and folds every stream by the rules of today. @throws where a stream or a
 * record is of no kind that they know
 */
export async function summaryOf(pool: pg.Pool): Promise<Summary> {
  const { rows } = await pool.query<{ stream: string; bytes: Buffer; hash: Buffer }>(
    'SELECT stream, bytes, hash FROM log_record ORDER BY position',
  );
  const states = new Map<string, unknown>();
  const events: Record<string, number> = {};
  for (const { stream, bytes } of rows) {
    const { type, schema, data } = readRecord(bytes);
    events[type] = (events[type] ?? 0) + 1;
    const { initialState, evolve, codec } = rules[kindOf(stream)] as Rules;
    const state = states.has(stream) ? states.get(stream) : initialState;
    states.set(stream, evolve(state as never, codec.upcast(type, schema, data)));
  }
  const statuses: Record<string, number> = {};
  for (const [stream, state] of states)
    for (const status of statusesIn(kindOf(stream), state)) {
      const key = `${kindOf(stream)} ${status}`;
      statuses[key] = (statuses[key] ?? 0) + 1;
    }
  const one = async (statement: string) =>
    (await pool.query<{ n: string; root: string }>(statement)).rows[0]!;
  const sealed = await one(`SELECT size AS n, encode(root, 'hex') AS root FROM log_sealed`);
  return {
    records: rows.length,
    leaves: hash('sha256', Buffer.concat(rows.map((row) => row.hash)), 'hex'),
    sealed: { size: Number(sealed.n), root: sealed.root },
    events: sorted(events),
    statuses: sorted(statuses),
    exemptions: Number((await one('SELECT coalesce(sum(exemptions), 0) AS n FROM statistic')).n),
    holdings: Number((await one('SELECT count(*) AS n FROM wallet_holding')).n),
  };
}

export const kindOf = (stream: string): string => stream.slice(0, stream.indexOf('-'));

/**
 * Of a book, those of its consents, of the acts of the ledger each of them; of everything else, its
 * own.
 */
function statusesIn(kind: string, state: unknown): readonly string[] {
  if (kind === 'book')
    return [...consentsIn(state as Book).values()].map((consent) => consent.status);
  if (kind === 'ledger') return [...(state as Exclusions).values()].map(({ status }) => status);
  return [(state as { readonly status: string }).status];
}

const sorted = (counts: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
