import { hash } from 'node:crypto';
import type pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import type { RecordBody } from '#libs/log';
import { rowEnd } from './copied-rows.js';

/**
 * Faults of a stored record; `missing` means records that the head row counts and that do not
 * exist.
 */
export type Wrong =
  | 'position' // not the position after the previous one
  | 'bytes' // no record of the format
  | 'hash' // the stored hash is not that of the bytes
  | 'place' // the bytes name another stream, version or city than the row or the ledger
  | 'version' // not the version after the stream's previous one
  | 'prev' // not the hash of the stream's previous record
  | 'missing';

export interface ChainReport {
  readonly records: number;
  readonly streams: number;
  /**
   * The first thousand, in the order of the ledger; empty where every byte is intact and in its
   * place.
   */
  readonly wrong: readonly {
    readonly stream: string;
    readonly version: number;
    readonly what: Wrong;
  }[];
}

const maxReported = 1000;
const progressEvery = 10_000;

/**
 * Reads the whole ledger once, in commit order and one snapshot, and checks each record: the hash
 * of its bytes, the place that it names, the hash of its stream's previous record, versions and
 * positions without a gap. Writers may continue meanwhile, and memory holds one entry a stream
 * (about 200 bytes).
 * @param onProgress is called with the number of records read, every ten thousand
 */
export async function checkChains(
  pool: pg.Pool,
  onProgress?: (records: number) => void,
): Promise<ChainReport> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const head = await client.query<{ position: string }>('SELECT position FROM log_head');
    const check = new ChainCheck(onProgress);
    const rows = client.query(
      copyTo(
        'COPY (SELECT position, version, stream, hash, bytes FROM log_record ORDER BY position) TO STDOUT (FORMAT binary)',
        { highWaterMark: 1024 * 1024 },
      ),
    );
    for await (const chunk of rows as AsyncIterable<Buffer>) check.take(chunk);
    await client.query('COMMIT');
    return check.report(Number(head.rows[0]?.position ?? 0));
  } catch (error) {
    broken = error instanceof Error ? error : undefined;
    throw error;
  } finally {
    client.release(broken);
  }
}

/**
 * COPY BINARY's header: an 11-byte signature, flags, and the length of an extension that no version
 * has.
 */
const copyHeader = 19;
const columns = 5;

class ChainCheck {
  #rest: Buffer = Buffer.alloc(0);
  #begun = false;
  #position = 0;
  #records = 0;
  #city: string | undefined;
  readonly #ends = new Map<string, { version: number; hash: string }>();
  readonly #wrong: { stream: string; version: number; what: Wrong }[] = [];

  constructor(private readonly onProgress: ((records: number) => void) | undefined) {}

  take(chunk: Buffer): void {
    const data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    if (!this.#begun) {
      if (data.length < copyHeader) {
        this.#rest = data;
        return;
      }
      at = copyHeader;
      this.#begun = true;
    }
    for (;;) {
      const end = rowEnd(data, at, columns);
      if (end === undefined) break;
      this.#row(data, at);
      at = end;
    }
    this.#rest = data.subarray(at);
  }

  /**
   * The row's columns follow one another from `at` on: each its length in four bytes, then its
   * bytes.
   */
  #row(data: Buffer, at: number): void {
    const position = Number(data.readBigInt64BE(at + 6));
    const version = data.readInt32BE(at + 18);
    const streamStart = at + 26;
    const streamEnd = streamStart + data.readInt32BE(at + 22);
    const stream = data.toString('utf8', streamStart, streamEnd);
    const hashStart = streamEnd + 4;
    const hashEnd = hashStart + data.readInt32BE(streamEnd);
    const stored = data.toString('hex', hashStart, hashEnd);
    const bytesStart = hashEnd + 4;
    const bytesEnd = bytesStart + data.readInt32BE(hashEnd);

    this.#records++;
    if (position !== this.#position + 1) this.#found(stream, version, 'position');
    this.#position = position;

    // The leaf's prefix 0x00 (RFC 6962) overwrites the length just read, so that nothing is copied
    // for hashing.
    data[bytesStart - 1] = 0;
    const leaf = hash('sha256', data.subarray(bytesStart - 1, bytesEnd), 'hex');
    if (leaf !== stored) this.#found(stream, version, 'hash');

    const body = parse(data.toString('utf8', bytesStart, bytesEnd));
    const end = this.#ends.get(stream);
    if (body === undefined) this.#found(stream, version, 'bytes');
    else {
      this.#city ??= body.city;
      if (body.stream !== stream || body.version !== version || body.city !== this.#city)
        this.#found(stream, version, 'place');
      if (body.prev !== (end?.hash ?? null)) this.#found(stream, version, 'prev');
    }
    if (version !== (end?.version ?? -1) + 1) this.#found(stream, version, 'version');
    if (end === undefined) this.#ends.set(stream, { version, hash: leaf });
    else {
      end.version = version;
      end.hash = leaf;
    }
    if (this.#records % progressEvery === 0) this.onProgress?.(this.#records);
  }

  #found(stream: string, version: number, what: Wrong): void {
    if (this.#wrong.length < maxReported) this.#wrong.push({ stream, version, what });
  }

  report(head: number): ChainReport {
    if (this.#position !== head) this.#found('', -1, 'missing');
    this.onProgress?.(this.#records);
    return { records: this.#records, streams: this.#ends.size, wrong: this.#wrong };
  }
}

function parse(text: string): RecordBody | undefined {
  try {
    const body = JSON.parse(text) as { v?: unknown } | null;
    return body?.v === 1 ? (body as RecordBody) : undefined;
  } catch {
    return undefined;
  }
}
