import type pg from 'pg';
import {
  type EventStore,
  ForeignEventMet,
  type Position,
  type PositionedRecord,
  START,
  StoreDamaged,
} from '#libs/event-store';
import { fromHex } from '#libs/kernel';
import { type RecordBody, sameBytes } from '#libs/log';
import type { LeftOutAct } from './exclusion-rules.js';
import { type Finding, Findings, maxFindings, type FindingCode } from './finding.js';
import { RangeCheck, type RangeReport } from './range-check.js';
import type { LedgerReading } from './reading.js';
import { RowLayout } from './row-layout.js';

/** The log's entry for a leaf where the records are in a store of another kind. */
interface SealedLeaf {
  readonly position: Position;
  readonly stream: string;
  readonly version: number;
  readonly hash: Buffer;
}

/** Records a page of the feed. */
const pageSize = 1000;

/**
 * Reads the records of a store through its port, page by page, and checks them as those of a table
 * are. Positions of such a store have gaps; `log_leaf` maps each to its leaf, so that a missing or
 * inserted record is named and those after it keep their leaves.
 */
export class FeedReading implements LedgerReading {
  readonly findings = new Findings();
  /** Leaves that were sealed with another hash. */
  readonly wrongLeaves: number[] = [];
  /** Leaves in the feed so far, including the missing ones. */
  leaves = 0;

  constructor(
    private readonly store: EventStore,
    private readonly pool: pg.Pool,
    /** Leaves a range: a multiple of a tile. */
    private readonly rangeSize: number,
  ) {}

  /** One report a range. @param onProgress called with the records since the last call */
  async *ranges(onProgress: (records: number) => void): AsyncGenerator<RangeReport, void> {
    const head = await this.store.head();
    let after: Position = START;
    let page: readonly PositionedRecord[] = [];
    let at = 0;
    const next = async () => {
      while (at === page.length) {
        const read = await this.#page(after);
        if (read.upTo === after) return undefined;
        [page, at, after] = [read.records, 0, read.upTo];
        onProgress(page.length);
      }
      const record = page[at];
      return record === undefined || record.position > head ? undefined : record;
    };
    for (let first = 0; ; first += this.rangeSize) {
      const sealed = await this.#sealed(first);
      const check = new RangeCheck(this.store.city, first, first + this.rangeSize);
      const rows = new RowLayout(check);
      let leaf = first;
      let record = await next();
      while (leaf < first + this.rangeSize) {
        const was = sealed[leaf - first];
        if (record === undefined && was === undefined) break;
        if (was !== undefined && (record === undefined || record.position > was.position)) {
          this.#found(leaf, was, 'missing');
          leaf++;
          continue;
        }
        if (record === undefined) break;
        const body = bodyOf(record);
        if (was !== undefined && record.position < was.position)
          this.#found(leaf, body ?? unnamed, 'position');
        else {
          if (
            was !== undefined &&
            !sameBytes(was.hash, fromHex(record.hash) ?? nothing) &&
            this.wrongLeaves.length < maxFindings
          )
            this.wrongLeaves.push(leaf);
          if (body === null) this.#found(leaf, was ?? unnamed, 'bytes');
          else rows.take(leaf, record.bytes, record.hash, body);
          leaf++;
        }
        at++;
        record = await next();
      }
      this.leaves = leaf;
      if (leaf > first) yield check.report(leaf);
      if (leaf < first + this.rangeSize) return;
    }
  }

  /** The names of leaves. */
  async named(leaves: readonly number[]): Promise<Finding[]> {
    const { rows } = await this.pool.query<{ leaf: number; stream: string; version: number }>(
      'SELECT index::float8 AS leaf, stream, version FROM log_leaf WHERE index = ANY($1) ORDER BY index',
      [leaves],
    );
    return rows.map(({ leaf, stream, version }) => ({ leaf, stream, version, what: 'leaf' }));
  }

  /** Exclusions name events of the store, and the log tells the positions of what was sealed. */
  async against(acts: readonly LeftOutAct[]): Promise<readonly Finding[]> {
    const found: Finding[] = [];
    for (const { leaf, stream, version, leftOut, sealed } of acts) {
      const { rows } = await this.pool.query<{ wrong: boolean }>(
        `SELECT EXISTS (SELECT FROM log_leaf WHERE position = ANY($1::bigint[]))
             OR ($2::bigint > 0 AND NOT EXISTS (SELECT FROM log_leaf WHERE index = $2::bigint - 1 AND position = $3::bigint)) AS wrong`,
        [leftOut.events.map(({ position }) => position), sealed.size, sealed.position],
      );
      if (rows[0]?.wrong === true)
        found.push({ leaf, stream, version, what: 'exclusion_of_sealed' });
      if (leftOut.events.some(({ part }) => part === 'metadata'))
        found.push(...(await this.#cut(leftOut.stream)));
    }
    return found;
  }

  /**
   * The first sealed record missing in its stream, where metadata of that stream were set and
   * excluded. @param named as exclusions have it
   */
  async #cut(named: string): Promise<Finding[]> {
    const { rows } = await this.pool.query<{ stream: string; count: number }>(
      `SELECT stream, count(*)::float8 AS count FROM log_leaf
       WHERE stream = $1 OR 'sha256:' || encode(sha256(convert_to(stream, 'UTF8')), 'hex') = $1 GROUP BY stream`,
      [named],
    );
    const [sealed] = rows;
    if (sealed === undefined) return [];
    const readable = await this.#readable(sealed.stream);
    if (readable >= sealed.count) return [];
    const { rows: leaves } = await this.pool.query<{ leaf: number }>(
      'SELECT index::float8 AS leaf FROM log_leaf WHERE stream = $1 AND version = $2',
      [sealed.stream, readable],
    );
    return leaves.map(({ leaf }) => ({
      leaf,
      stream: sealed.stream,
      version: readable,
      what: 'stream_cut',
    }));
  }

  async #readable(stream: string): Promise<number> {
    try {
      return (await this.store.readStream(stream)).length;
    } catch (error) {
      if (error instanceof ForeignEventMet) return error.before.length;
      if (error instanceof StoreDamaged) return 0;
      throw error;
    }
  }

  #found(
    leaf: number,
    { stream, version }: { stream: string; version: number },
    what: FindingCode,
  ) {
    this.findings.add({ leaf, stream, version, what });
  }

  async #sealed(first: number): Promise<SealedLeaf[]> {
    const { rows } = await this.pool.query<{
      index: string;
      position: string;
      stream: string;
      version: number;
      hash: Buffer;
    }>(
      'SELECT index, position, stream, version, hash FROM log_leaf WHERE index >= $1 AND index < $2 ORDER BY index',
      [first, first + this.rangeSize],
    );
    const sealed: SealedLeaf[] = [];
    for (const { index, position, ...rest } of rows)
      sealed[Number(index) - first] = { ...rest, position: BigInt(position) };
    return sealed;
  }

  /** A page of the feed, up to and with the first unreadable event, if there is one. */
  async #page(after: Position): Promise<Page> {
    try {
      const records = await this.store.readAll(after, pageSize);
      return { records, upTo: records.at(-1)?.position ?? after };
    } catch (error) {
      if (!(error instanceof StoreDamaged)) throw error;
      return this.#pageWithDamage(after, error);
    }
  }

  async #pageWithDamage(after: Position, damage: StoreDamaged): Promise<Page> {
    const records = await this.#untilDamage(after);
    const last = records.at(-1)?.position ?? after;
    const at = placeOf(damage);
    // Where the store does not tell the place, the log does for a sealed record.
    const { rows } = await this.pool.query<{ position: string }>(
      'SELECT position FROM log_leaf WHERE position > $1 AND position = coalesce($2, position) ORDER BY index LIMIT 1',
      [last, at],
    );
    const [row] = rows;
    if (row !== undefined) {
      const upTo = BigInt(row.position);
      return { records: [...records, new Unreadable(upTo, damage)], upTo };
    }
    const finding = notSealed(damage);
    if (at === null || at <= last || finding === null) throw damage;
    this.findings.add(finding);
    return { records, upTo: at };
  }

  /** The records before the first unreadable one. */
  async #untilDamage(after: Position): Promise<readonly PositionedRecord[]> {
    let [readable, damaged] = [0, pageSize];
    let records: readonly PositionedRecord[] = [];
    while (damaged - readable > 1) {
      const middle = (readable + damaged) >> 1;
      try {
        records = await this.store.readAll(after, middle);
        readable = middle;
      } catch (error) {
        if (!(error instanceof StoreDamaged)) throw error;
        damaged = middle;
      }
    }
    return records;
  }
}

/** Records, and how far the feed was read for them. */
interface Page {
  readonly records: readonly PositionedRecord[];
  readonly upTo: Position;
}

const placeOf = ({ facts: { position } }: StoreDamaged): Position | null =>
  typeof position === 'string' ? BigInt(position) : null;

/**
 * An event of the store that is no record and was never sealed as one; null where no reader could
 * resume after it.
 */
function notSealed({ facts }: StoreDamaged): Finding | null {
  const { stream, version, position, kind, hash } = facts;
  if (typeof stream !== 'string' || typeof version !== 'number' || typeof position !== 'string')
    return null;
  const whats: Readonly<Record<string, FindingCode>> = {
    foreign: 'foreign_event',
    metadata: 'stream_metadata',
    record: 'hash',
  };
  const what = typeof kind === 'string' ? whats[kind] : undefined;
  return what === undefined
    ? null
    : {
        leaf: -1,
        stream,
        version,
        what,
        position,
        ...(typeof hash === 'string' && { hash }),
      };
}

const nothing = new Uint8Array();

const unnamed = { stream: '', version: -1 };

/** Stands for a record that the store cannot return. */
class Unreadable implements PositionedRecord {
  readonly bytes = nothing;
  readonly hash = '';
  constructor(
    readonly position: Position,
    private readonly damage: StoreDamaged,
  ) {}

  get body(): RecordBody {
    throw this.damage;
  }
}

/** Stores may parse a record only on access. */
function bodyOf(record: PositionedRecord): RecordBody | null {
  try {
    return record.body;
  } catch (error) {
    if (error instanceof StoreDamaged) return null;
    throw error;
  }
}
