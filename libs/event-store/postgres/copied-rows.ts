/**
 * The end of the row that starts at `at` (PostgreSQL's documentation, COPY, binary format);
 * undefined where it is incomplete, or is the trailer.
 */
export function rowEnd(data: Buffer, at: number, columns: number): number | undefined {
  if (at + 2 > data.length || data.readInt16BE(at) !== columns) return undefined;
  let end = at + 2;
  for (let column = 0; column < columns; column++) {
    if (end + 4 > data.length) return undefined;
    end += 4 + data.readInt32BE(end);
  }
  return end > data.length ? undefined : end;
}
