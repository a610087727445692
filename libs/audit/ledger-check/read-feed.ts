import type pg from 'pg';
import {
  type EventStore,
  type Position,
  type PositionedRecord,
  START,
  StoreDamaged,
} from '#libs/event-store';
import { fromHex } from '#libs/kernel';
import { type RecordBody, sameBytes } from '#libs/log';
import { type Finding, Findings, mostFindings, type What } from './finding.js';
import { RangeCheck, type RangeReport, type Row } from './range-check.js';

/** What the log says of a leaf where the records are in a store of another kind. */
interface SealedLeaf {
  readonly position: Position;
  readonly stream: string;
  readonly version: number;
  readonly hash: Buffer;
}

/** Records a page of the feed. */
const pageSize = 1000;

/**
 * Reads the records of a store through its port, page by page, and checks them as those of a table are. Positions of such a store have gaps
 * and say no more than which record comes first; `log_leaf` says which leaf each of them was sealed as, so that one that is gone, or came
 * between, is named and those behind it stay the leaves that they were.
 */
export class FeedReading {
  readonly findings = new Findings();
  /** Leaves that were sealed with another hash. */
  readonly wrongLeaves: number[] = [];
  /** How many leaves the feed has by now, with those of them that are gone. */
  leaves = 0;

  constructor(
    private readonly store: EventStore,
    private readonly pool: pg.Pool,
    /** Leaves a range: a multiple of a tile. */
    private readonly rangeSize: number,
  ) {}

  /** One report a range. @param onProgress records since it was told last */
  async *ranges(onProgress: (records: number) => void): AsyncGenerator<RangeReport, void> {
    const head = await this.store.head();
    let after: Position = START;
    let page: readonly PositionedRecord[] = [];
    let at = 0;
    const next = async () => {
      if (at === page.length) {
        [page, at] = [await this.#page(after), 0];
        onProgress(page.length);
        after = page.at(-1)?.position ?? after;
      }
      const record = page[at];
      return record === undefined || record.position > head ? undefined : record;
    };
    for (let first = 0; ; first += this.rangeSize) {
      const sealed = await this.#sealed(first);
      const check = new RangeCheck(this.store.city, first, first + this.rangeSize);
      const rows = new Rows(check);
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
            this.wrongLeaves.length < mostFindings
          )
            this.wrongLeaves.push(leaf);
          if (body === null) this.#found(leaf, was ?? unnamed, 'bytes');
          else rows.take(leaf, record, body);
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

  #found(leaf: number, { stream, version }: { stream: string; version: number }, what: What) {
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

  /** A page of the feed; up to the record that cannot be read, where there is one, and that one. */
  async #page(after: Position): Promise<readonly PositionedRecord[]> {
    try {
      return await this.store.readAll(after, pageSize);
    } catch (error) {
      if (!(error instanceof StoreDamaged)) throw error;
      return this.#pageWithDamage(after, error);
    }
  }

  async #pageWithDamage(
    after: Position,
    damage: StoreDamaged,
  ): Promise<readonly PositionedRecord[]> {
    const whole = await this.#untilDamage(after);
    const last = whole.at(-1)?.position ?? after;
    // Where it stands is not known from the feed, but from the log, if it was sealed.
    const { rows } = await this.pool.query<{ position: string }>(
      'SELECT position FROM log_leaf WHERE position > $1 ORDER BY index LIMIT 1',
      [last],
    );
    const [row] = rows;
    if (row === undefined) throw damage;
    return [...whole, new Unreadable(BigInt(row.position), damage)];
  }

  /** The records before the first that cannot be read. */
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

const nothing = new Uint8Array();

const unnamed = { stream: '', version: -1 };

/** Stands for a record that the store cannot hand out. */
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

/** Stores may read a record only when somebody looks into it. */
function bodyOf(record: PositionedRecord): RecordBody | null {
  try {
    return record.body;
  } catch (error) {
    if (error instanceof StoreDamaged) return null;
    throw error;
  }
}

/** Lays a record out as the check wants it. */
class Rows {
  #data = Buffer.alloc(128 * 1024);

  constructor(private readonly check: RangeCheck) {}

  take(leaf: number, { bytes, hash }: PositionedRecord, { stream, version }: RecordBody): void {
    const needed = 4 * stream.length + 33 + bytes.length;
    if (needed > this.#data.length) this.#data = Buffer.alloc(needed);
    const streamEnd = this.#data.write(stream, 0, 'utf8');
    const hashEnd = streamEnd + this.#data.write(hash, streamEnd, 'hex');
    const start = hashEnd + 1;
    this.#data[hashEnd] = 0;
    this.#data.set(bytes, start);
    const row: Row = {
      leaf,
      version,
      stream: 0,
      streamEnd,
      hash: streamEnd,
      hashEnd,
      bytes: start,
      bytesEnd: start + bytes.length,
    };
    this.check.take(this.#data, row);
  }
}
