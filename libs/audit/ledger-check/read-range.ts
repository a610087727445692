import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { RangeCheck, type RangeReport } from './range-check.js';

export interface Range {
  readonly city: string;
  /** The position before the first record; the position of the last. */
  readonly from: number;
  readonly to: number;
}

/** Reads a range of the records' table as COPY BINARY frames and checks it. @param onProgress records since it was told last */
export async function readRange(
  client: pg.ClientBase,
  { city, from, to }: Range,
  onProgress: (records: number) => void,
): Promise<RangeReport> {
  const check = new RangeCheck(city, from, to);
  // Whole numbers of ours: COPY takes no parameters.
  const statement = `COPY (SELECT position, version, stream, hash, bytes FROM log_record
    WHERE position > ${Math.trunc(from)} AND position <= ${Math.trunc(to)} ORDER BY position) TO STDOUT (FORMAT binary)`;
  const rows = client.query(copyTo(statement, { highWaterMark: 1024 * 1024 }));
  let rest: Buffer = Buffer.alloc(0);
  let begun = false;
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
    let records = 0;
    for (let end = rowEnd(data, at); end !== undefined; end = rowEnd(data, at)) {
      // position int8, version int4: their lengths are known, and the rest follows cell by cell.
      const stream = at + 22;
      const hash = stream + 4 + data.readInt32BE(stream);
      const bytes = hash + 4 + data.readInt32BE(hash);
      // The byte before the bytes ends their length, which was read by then: the leaf's prefix takes its place, so that nothing is copied.
      data[bytes + 3] = 0;
      check.take({
        position: data.readInt32BE(at + 6) * 2 ** 32 + data.readUInt32BE(at + 10),
        version: data.readInt32BE(at + 18),
        stream: data.toString('utf8', stream + 4, hash),
        hash: data.subarray(hash + 4, bytes),
        prefixed: data.subarray(bytes + 3, end),
      });
      records++;
      at = end;
    }
    if (records > 0) onProgress(records);
    rest = data.subarray(at);
  }
  return check.report();
}

/** A connection of its own for a thread. */
export async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: 'mianzheng audit' });
  await client.connect();
  return client;
}

/** PostgreSQL's documentation, COPY, binary format: signature, flags, and the length of an extension that no version has. */
const headerBytes = 19;
const columns = 5;

/** Where the row at `at` ends; undefined where it is not all there yet, or is the trailer. */
function rowEnd(data: Buffer, at: number): number | undefined {
  if (at + 2 > data.length || data.readInt16BE(at) !== columns) return undefined;
  let end = at + 2;
  for (let column = 0; column < columns; column++) {
    if (end + 4 > data.length) return undefined;
    end += 4 + data.readInt32BE(end);
  }
  return end > data.length ? undefined : end;
}
