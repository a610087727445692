import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readCsv, readNdjson } from './batch-lines.js';
import { BatchMalformed } from './certificate.errors.js';

const bytes = (text: string) => Buffer.from(text, 'utf8');
const codeOf = (read: () => unknown) => {
  try {
    read();
    return null;
  } catch (error) {
    return (error as BatchMalformed).code;
  }
};
const codes = (lines: ReturnType<typeof readCsv>) =>
  lines.map((line) => ('error' in line ? [line.line, line.error.code] : line.line));

describe('a batch', () => {
  it('is refused at its first excess, whatever stands behind it', () => {
    const wrong = Buffer.concat([bytes('{}\n'.repeat(1001)), Buffer.of(0xff)]);
    expect(codeOf(() => readNdjson(wrong))).toBe('batch_too_long');
    const blank = Buffer.concat([bytes('\n'.repeat(1001)), Buffer.of(0xff)]);
    expect(codeOf(() => readNdjson(blank))).toBe('batch_too_long');
    const csv = Buffer.concat([bytes(`sd_jwt\n${'1\n'.repeat(1001)}`), Buffer.of(0xff)]);
    expect(codeOf(() => readCsv(csv))).toBe('batch_too_long');
    expect(codeOf(() => readCsv(bytes('1\n'.repeat(100_000))))).toBe('batch_column_missing');
    expect(codeOf(() => readCsv(bytes(`${','.repeat(1_000_000)}sd_jwt\n1`)))).toBe(
      'batch_column_missing',
    );
  });

  it('has lines that are too long, or are no CSV, beside others that are read', () => {
    const long = 'x'.repeat(400_000);
    expect(codes(readNdjson(bytes(`{"sdJwt":"a"}\n${long}\n\n{"sdJwt":"b"}`)))).toEqual([
      1,
      [2, 'line_too_long'],
      4,
    ]);
    const csv = `sd_jwt,note\na,"open\nb,"x"y\nc,x"y"\nd,x\ne\n"f","x,y"`;
    expect(codes(readCsv(bytes(csv)))).toEqual([
      [2, 'line_malformed'],
      [3, 'line_malformed'],
      [4, 'line_malformed'],
      5,
      [6, 'line_malformed'],
      7,
    ]);
  });

  it('is read, or refused with a place, whatever it is', () => {
    const text = fc.string({
      unit: fc.constantFrom('{"sdJwt":"a"}', '\n', '\r\n', ' ', 'sd_jwt', '"', ',', '示', '\ufeff'),
    });
    fc.assert(
      fc.property(
        fc.oneof(
          text.map(bytes),
          fc.uint8Array().map((all) => Buffer.from(all)),
        ),
        (body) => {
          for (const read of [readNdjson, readCsv])
            try {
              const places = read(body).map(({ line }) => line);
              expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
              expect(places.at(-1) ?? 0).toBeLessThanOrEqual(
                body.toString('latin1').split('\n').length,
              );
            } catch (error) {
              expect(error).toBeInstanceOf(BatchMalformed);
            }
        },
      ),
    );
  });
});
