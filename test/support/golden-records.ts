import { readFile } from 'node:fs/promises';

const root = new URL('../../', import.meta.url);

/**
 * The stored bytes of each record of a golden ledger: the last column of the table, which its
 * backup has in PostgreSQL's binary COPY format.
 */
export async function* goldenRecords(version: string): AsyncGenerator<Uint8Array> {
  const copy = await readFile(
    new URL(`test/golden/${version}/backup/public.log_record.copy`, root),
  );
  // Signature, flags, and the length of the header's extension.
  let at = 19 + copy.readInt32BE(15);
  for (let columns = copy.readInt16BE(at); columns > 0; columns = copy.readInt16BE(at)) {
    at += 2;
    for (let column = 0; column < columns; column++) {
      const length = copy.readInt32BE(at);
      at += 4;
      const value = copy.subarray(at, at + Math.max(length, 0));
      at += value.length;
      if (column === columns - 1) yield new Uint8Array(value);
    }
  }
}
