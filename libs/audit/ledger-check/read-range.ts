import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { rowEnd } from '#libs/event-store/postgres';
import { RangeCheck, type RangeReport } from './range-check.js';

export interface Range {
  readonly city: string;
  /**
   * The first leaf, and behind the last. Of the postgres store, a leaf is its position less one.
   */
  readonly from: number;
  readonly to: number;
}

/**
 * Reads a range of the records' table as COPY BINARY frames and checks it. @param onProgress called
 * with the records since the last call
 */
export async function readRange(
  client: pg.ClientBase,
  { city, from, to }: Range,
  onProgress: (records: number) => void,
): Promise<RangeReport> {
  const check = new RangeCheck(city, from, to);
  // Integers of this program: COPY takes no parameters.
  const statement = `COPY (SELECT position, version, stream, hash, bytes FROM log_record
    WHERE position > ${Math.trunc(from)} AND position <= ${Math.trunc(to)} ORDER BY position) TO STDOUT (FORMAT binary)`;
  const rows = client.query(copyTo(statement, { highWaterMark: 1024 * 1024 }));
  let rest: Buffer = Buffer.alloc(0);
  let begun = false;
  let records = 0;
  const row = {
    leaf: 0,
    version: 0,
    stream: 0,
    streamEnd: 0,
    hash: 0,
    hashEnd: 0,
    bytes: 0,
    bytesEnd: 0,
  };
  for await (const chunk of rows as AsyncIterable<Buffer>) {
    const data: Buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    if (!begun) {
      if (data.length < headerBytes) {
        rest = data;
        continue;
      }
      begun = true;
      at = headerBytes;
    }
    for (let end = rowEnd(data, at, columns); end !== undefined; end = rowEnd(data, at, columns)) {
      // position int8, version int4: their lengths are known, and the rest follows cell by cell.
      row.leaf = data.readInt32BE(at + 6) * 2 ** 32 + data.readUInt32BE(at + 10) - 1;
      row.version = data.readInt32BE(at + 18);
      row.stream = at + 26;
      row.streamEnd = row.stream + data.readInt32BE(at + 22);
      row.hash = row.streamEnd + 4;
      row.hashEnd = row.hash + data.readInt32BE(row.streamEnd);
      row.bytes = row.hashEnd + 4;
      row.bytesEnd = end;
      // The byte before the record is the last of its length, which was read already: the leaf's
      // prefix overwrites it, so that nothing is copied.
      data[row.bytes - 1] = 0;
      check.take(data, row);
      records++;
      at = end;
    }
    if (records >= tellEvery) {
      onProgress(records);
      records = 0;
    }
    rest = data.subarray(at);
  }
  onProgress(records);
  return check.report();
}

/** A thread's own connection. */
export async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: 'mianzheng audit' });
  client.on('error', () => undefined); // the pending read fails with it
  await client.connect();
  // Ranges are read in table order, even where stale statistics make a sort look cheaper.
  await client.query('SET enable_bitmapscan = off; SET enable_sort = off');
  return client;
}

/** The error of a worker without a database. */
export const noDatabase = 'no database was named to read records from';

/** Records between two progress messages, whose cost is that of checking some records. */
const tellEvery = 5000;

/**
 * PostgreSQL's documentation, COPY, binary format: signature, flags, and the length of an extension
 * that no version has.
 */
const headerBytes = 19;
const columns = 5;
