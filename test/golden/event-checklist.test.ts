import { beforeAll, describe, expect, test } from '@jest/globals';
import { readdir } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Codec } from '#libs/event-store';
import { readRecord, type RecordBody } from '#libs/log';
import { told } from '../../libs/audit/ledger-check/rule-shapes.js';
import type { CaseState } from '../../libs/case/case.decider.js';
import { type Book, consentsIn } from '../../libs/consent/book.js';
import { accessesOf, type AccessKind } from '../../libs/consent/queries/accesses.js';
import { requirementsOf } from '../../libs/desk/requirements.js';
import { productVersion } from '../../libs/composition/product-version.js';
import { goldenRecords } from '../support/golden-records.js';
import { checklist, type Row } from './event-checklist.js';
import { eventTypes, kindOf, rules, type Rules } from './summary.js';

/**
 * What has to be decided for every type of event stands in `event-checklist.ts`. Each entry is held
 * against what the program does with the golden ledger, which has an event of each type.
 */
const contracts = await readdir(new URL('../../contracts/events/', import.meta.url));
const entries = Object.entries<Row>(checklist);
const records: RecordBody[] = [];

beforeAll(async () => {
  for await (const bytes of goldenRecords(await productVersion())) records.push(readRecord(bytes));
  records.sort(
    (a, b) => (a.stream < b.stream ? -1 : Number(a.stream > b.stream)) || a.version - b.version,
  );
});

const codecOf = (stream: string) =>
  (rules[stream] as Rules).codec as Codec<{ type: string; data: unknown }>;

/** The state of each stream before and after each of its records. */
function* folded() {
  let [stream, state]: [string, unknown] = ['', undefined];
  for (const record of records) {
    const { initialState, evolve, codec } = rules[kindOf(record.stream)] as Rules;
    if (record.stream !== stream) [stream, state] = [record.stream, initialState];
    const before = state;
    const event = codec.upcast(record.type, record.schema, record.data);
    state = evolve(state as never, event);
    yield { record, before, after: state };
  }
}

/** A book is a list of its events: what they come to are its consents. */
const comesTo = (kind: string, state: unknown): unknown =>
  kind === 'book' ? consentsIn(state as Book) : state;

test('every type of event has an entry, and nothing else has', () => {
  const types = entries.map(([type]) => type).sort();
  expect(types).toEqual(eventTypes.toSorted());
  expect(types).toEqual([...new Set(contracts.map((file) => file.split('.')[0]))].sort());
});

describe.each(entries)('%s', (type, row) => {
  test('has its schema, and a contract of each schema that it has had', () => {
    expect(codecOf(row.stream).schemaOf(type)).toBe(row.schema);
    expect(contracts.filter((file) => file.startsWith(`${type}.`)).sort()).toEqual(
      Array.from({ length: row.schema }, (_, n) => `${type}.${n + 1}.schema.json`).sort(),
    );
  });

  test('stands in its kind of stream, and does to the state what is said', () => {
    const met = [...folded()].filter(({ record }) => record.type === type);
    expect(new Set(met.map(({ record }) => kindOf(record.stream)))).toEqual(new Set([row.stream]));
    const changes = met.some(
      ({ before, after }) =>
        !isDeepStrictEqual(comesTo(row.stream, before), comesTo(row.stream, after)),
    );
    expect(changes).toBe(row.evolve === 'changes');
  });

  test('is shown to the holder as is said', () => {
    const shown = new Set<AccessKind>();
    const books = new Set(
      records
        .filter((each) => each.type === type && kindOf(each.stream) === 'book')
        .map(({ stream }) => stream),
    );
    for (const stream of books) {
      const book = records.filter((each) => each.stream === stream);
      const page = book.map((body) => ({ body, hash: '', bytes: new Uint8Array() }));
      accessesOf({ records: page, consents: [] }).forEach(({ kind }, n) => {
        if (book[n]?.type === type) shown.add(kind);
      });
    }
    expect([...shown]).toEqual(row.holder === null ? [] : [row.holder]);
  });

  test('moves the requirements of its case as is said', () => {
    expect(movesRequirements(type)).toBe(row.requirements);
  });

  test('is judged by verify ledger as is said', () => {
    expect(told.has(type) ? 'rules' : 'form').toBe(row.audit);
  });
});

function movesRequirements(type: string): boolean {
  const steps = [...folded()];
  const cases = new Map<string, Exclude<CaseState, { status: 'absent' }>[]>();
  const books = new Map<string, Book>();
  for (const { record, after } of steps) {
    if (kindOf(record.stream) === 'book') books.set(record.stream, after as Book);
    const state = after as CaseState;
    if (kindOf(record.stream) === 'case' && state.status !== 'absent')
      cases.set(record.stream, [...(cases.get(record.stream) ?? []), state]);
  }
  return steps.some(({ record, before, after }) => {
    if (record.type !== type) return false;
    const kind = kindOf(record.stream);
    if (kind === 'case') {
      const [was, is] = [before, after] as [CaseState, CaseState];
      if (was.status === 'absent' || is.status === 'absent') return is.status !== was.status;
      const all = [...books.values()];
      return !isDeepStrictEqual(
        requirementsOf(was, all, record.time),
        requirementsOf(is, all, record.time),
      );
    }
    if (kind !== 'book') return false;
    // Each case as it was opened: what came later in it is another event's doing.
    return [...cases.values()].some(([opened]) => {
      if (opened === undefined) return false;
      return !isDeepStrictEqual(
        requirementsOf(opened, [before as Book], record.time),
        requirementsOf(opened, [after as Book], record.time),
      );
    });
  });
}
