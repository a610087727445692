import { describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { type CsvLine, type OpenCsv, readCsvLine } from './csv.js';

const form = { separator: ',', maxCells: 20 };

/** A whole text in which any cell may continue over lines. */
function readRecords(text: string): string[][] | null {
  const records: string[][] = [];
  let open: OpenCsv | undefined;
  for (const line of text.replace(/\n$/, '').split('\n')) {
    const read: CsvLine = readCsvLine(line, form, open);
    if (read.state === 'wrong') return null;
    open = read.state === 'open' ? read.open : undefined;
    if (read.state === 'read') records.push([...read.cells]);
  }
  return open === undefined ? records : null;
}

describe('a line of CSV', () => {
  it.each([
    ['a mark that is never closed', '1,"示例小区3号', { state: 'open' }],
    ['a mark within a cell', '1,示例市"示例"小区,2', wrong('quote_in_text', 1, 5)],
    ['text behind a closing mark', '1,"示例"小区,2', wrong('text_behind_quote', 1, 6)],
    ['a blank behind a closing mark', '"a" ,b', wrong('text_behind_quote', 0, 3)],
    ['a blank before a mark', ' "a",b', wrong('quote_in_text', 0, 1)],
    ['a carriage return that ends no line', 'a\rb', wrong('carriage_return', 0, 1)],
    ['more cells than may be', ','.repeat(20), wrong('cells_too_many', 20, 20)],
    ['an escaped mark that closes nothing', '"a"",b', { state: 'open' }],
  ])('with %s is not taken', (_, text, expected) => {
    expect(readCsvLine(text, form)).toMatchObject(expected);
  });

  it('of nothing is one empty cell, and a separator at its end begins another', () => {
    expect(readCsvLine('', form)).toEqual({ state: 'read', cells: [''], starts: [0] });
    expect(readCsvLine('a,', form)).toEqual({ state: 'read', cells: ['a', ''], starts: [0, 2] });
  });

  it('tells where its cells begin, over lines too', () => {
    const first = readCsvLine('a,"b', form);
    if (first.state !== 'open') throw new Error('not open');
    expect(readCsvLine('c",d', form, first.open)).toEqual({
      state: 'read',
      cells: ['a', 'b\nc', 'd'],
      starts: [0, 2, 8],
    });
  });

  it('gives back exactly what was written by the rules', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '示', ',', '"', '\n', ' ', ';') });
    fc.assert(
      fc.property(
        fc.array(fc.array(cell, { minLength: 1, maxLength: 5 }), { minLength: 1 }),
        (records) => {
          const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
          const text = records.map((cells) => `${cells.map(quoted).join(',')}\n`).join('');
          expect(readRecords(text)).toEqual(records);
        },
      ),
    );
  });

  it('is read as a well-known reader reads it, or refused by both', () => {
    const text = fc.string({ unit: fc.constantFrom('a', ',', '"', '""', '\n', 'b'), minLength: 1 });
    fc.assert(
      fc.property(text, (written) => {
        let expected: string[][] | null;
        try {
          expected = parse(written, { relax_column_count: true, record_delimiter: '\n' });
        } catch {
          expected = null;
        }
        expect(readRecords(written)).toEqual(expected);
      }),
      { numRuns: 2000 },
    );
  });
});

function wrong(fault: string, cell: number, at: number) {
  return { state: 'wrong', fault, cell, at };
}
