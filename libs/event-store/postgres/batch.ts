import {
  answerTaken,
  EMPTY,
  type FormedRecord,
  formRecords,
  type Head,
  ReadRecord,
} from '../forming.js';
import { type Appended, type NewEvent, NONE, VersionConflict } from '../port.js';
import type { Rows } from './append-message.js';
import { int4Array, textArray } from './binary-arrays.js';
import type { WriterConnection } from './connection.js';
import type { HeadHints } from '../heads.js';

/** An append that waits for its answer. */
export interface Waiting {
  readonly stream: string;
  readonly expected: number;
  readonly events: readonly NewEvent[];
  /** A statement that holds it was sent and not answered: it may be written, now or later. */
  sent: boolean;
  readonly answered: boolean;
  resolve(appended: Appended): void;
  reject(error: unknown): void;
}

export interface Placed {
  readonly item: Waiting;
  readonly records: readonly FormedRecord[];
}

/** What happens to the waiting appends in this round. */
export interface Plan {
  /** They are written together, in this order. */
  readonly placed: readonly Placed[];
  /** Their stream's end is unknown, or a hint contradicts them: the database decides. */
  readonly doubtful: readonly Waiting[];
  /** They depend on this batch, or it is full: next round. */
  readonly later: readonly Waiting[];
  /** The ends of the streams once the batch is written. */
  readonly heads: ReadonlyMap<string, Head>;
}

const maxRows = 2048;
const maxBytes = 8 * 1024 * 1024;

/**
 * Chains each append to the end of its stream: as read from the database in this settlement
 * (`known`), as hinted, or as an earlier append of the same batch leaves it.
 */
export function planBatch(
  city: string,
  items: readonly Waiting[],
  known: ReadonlyMap<string, Head>,
  hints: HeadHints,
): Plan {
  const placed: Placed[] = [];
  const doubtful: Waiting[] = [];
  const later: Waiting[] = [];
  const heads = new Map<string, Head>();
  let rows = 0;
  let bytes = 0;
  for (const item of items) {
    if (rows >= maxRows || bytes >= maxBytes) {
      later.push(item);
      continue;
    }
    const inBatch = heads.get(item.stream);
    const head =
      inBatch ??
      known.get(item.stream) ??
      hints.get(item.stream) ??
      // A first append needs no read: where the stream exists, the unique constraint fails.
      (item.expected === NONE ? EMPTY : undefined);
    if (head?.version !== item.expected) {
      (inBatch === undefined ? doubtful : later).push(item);
      continue;
    }
    let records: FormedRecord[];
    try {
      records = formRecords(city, item.stream, head, item.events);
    } catch (error) {
      item.reject(error); // it has no canonical form: only this append fails
      continue;
    }
    const last = records.at(-1);
    if (last === undefined) continue;
    placed.push({ item, records });
    heads.set(item.stream, { version: last.version, hash: last.hash });
    rows += records.length;
    for (const record of records) bytes += record.leaf.length;
  }
  return { placed, doubtful, later, heads };
}

/** The plan's records, in their order. */
export function rowsOf(placed: readonly Placed[]): Rows {
  const streams: string[] = [];
  const all: FormedRecord[] = [];
  for (const { item, records } of placed)
    for (const record of records) {
      streams.push(item.stream);
      all.push(record);
    }
  return { streams, records: all };
}

const selectHeads = `
  SELECT q.stream, head.version, head.hash
  FROM unnest($1::text[]) AS q (stream)
  LEFT JOIN LATERAL (
    SELECT version, hash FROM log_record r WHERE r.stream = q.stream ORDER BY version DESC LIMIT 1
  ) head ON true`;

const selectTaken = `
  SELECT q.place, r.bytes, r.hash
  FROM unnest($1::text[], $2::int4[], $3::int4[]) WITH ORDINALITY AS q (stream, first, count, place)
  JOIN log_record r ON r.stream = q.stream AND r.version >= q.first AND r.version < q.first + q.count
  ORDER BY q.place, r.version`;

/**
 * Reads the ends of streams and answers each append whose place is taken, or which is ahead of its
 * stream: conflicts are decided here only. @returns the appends that can be written, their streams'
 * ends in `known`
 */
export async function judge(
  connection: WriterConnection,
  items: readonly Waiting[],
  known: Map<string, Head>,
): Promise<Waiting[]> {
  const streams = [...new Set(items.map((item) => item.stream))];
  const heads = await connection.query<{
    stream: string;
    version: number | null;
    hash: Buffer | null;
  }>({ name: 'event_store_heads', text: selectHeads, values: [textArray(streams)] });
  for (const { stream, version, hash } of heads.rows)
    known.set(
      stream,
      version === null || hash === null ? EMPTY : { version, hash: hash.toString('hex') },
    );

  const free: Waiting[] = [];
  const taken: Waiting[] = [];
  // The ends of streams once earlier appends of the queue are written: an append that follows them
  // is not ahead of its stream.
  const ends = new Map<string, number>();
  for (const item of items) {
    const stored = known.get(item.stream)?.version ?? NONE;
    const end = ends.get(item.stream) ?? stored;
    if (item.expected < stored) taken.push(item);
    else if (item.expected > end) item.reject(new VersionConflict(item.stream, item.expected));
    else {
      free.push(item);
      if (item.expected === end) ends.set(item.stream, end + item.events.length);
    }
  }
  if (taken.length > 0) await answerFromStore(connection, taken);
  return free;
}

async function answerFromStore(connection: WriterConnection, taken: readonly Waiting[]) {
  const { rows } = await connection.query<{ place: string; bytes: Buffer; hash: Buffer }>({
    name: 'event_store_taken',
    text: selectTaken,
    values: [
      textArray(taken.map((item) => item.stream)),
      int4Array(taken.map((item) => item.expected + 1)),
      int4Array(taken.map((item) => item.events.length)),
    ],
  });
  const found = Map.groupBy(rows, (row) => Number(row.place) - 1);
  for (const [place, item] of taken.entries()) {
    const records = (found.get(place) ?? []).map(
      ({ bytes, hash }) => new ReadRecord(bytes, hash.toString('hex'), 0n),
    );
    try {
      item.resolve(answerTaken(item.stream, item.expected, item.events, records));
    } catch (error) {
      item.reject(error);
    }
  }
}
