import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { creditCodeCheck } from '#libs/kernel';
import type { TextFile, TextLine } from '../text-file/text-file.js';
import { openCsv } from './csv-rows.js';
import { LineRefused, type Row } from './rows.js';

const ofLines = new Set(['经营范围']);
const columns = {
  isField: () => Promise.resolve(true),
  isOfLines: (_: string, field: string) => Promise.resolve(ofLines.has(field)),
};

/** A number of an organisation that is no organisation's. */
function code(n: number): string {
  const first17 = `91990000${String(n).padStart(9, '0')}`;
  return first17 + (creditCodeCheck(first17) ?? '');
}

async function rowsOf(lines: readonly string[]) {
  const text = {
    lines: (async function* () {
      await Promise.resolve();
      yield lines.map(
        (line, n) => ({ line: n + 1, text: line, fault: null, upTo: 0 }) satisfies TextLine,
      );
    })(),
  } as unknown as TextFile;
  const source = await openCsv(text, columns);
  const rows: Row[] = [];
  for await (const row of source.rows) rows.push(row);
  return rows;
}

const verdicts = async (lines: readonly string[]) =>
  (await rowsOf(lines)).map(({ line, lines: many, read }) =>
    read instanceof LineRefused ? [line, many, read.code] : [line, many, 'taken'],
  );

const orders = {
  'the number before the text': [
    'type',
    'holder_kind',
    'holder_number',
    'valid_from',
    '名称',
    '经营范围',
    '住所',
  ],
  'the text last': [
    'type',
    'holder_kind',
    'holder_number',
    'valid_from',
    '名称',
    '住所',
    '经营范围',
  ],
  'the number behind the text': [
    'type',
    '经营范围',
    'holder_kind',
    'holder_number',
    'valid_from',
    '名称',
    '住所',
  ],
} as const;

const lineOf = (order: readonly string[], n: number, scope: string, number = code(n)) => {
  const cells: Readonly<Record<string, string>> = {
    type: 'ZZ046',
    holder_kind: '001',
    holder_number: number,
    valid_from: '2026-01-01',
    名称: `示例${n}`,
    住所: '示例路1号',
    经营范围: scope,
  };
  return order.map((name) => cells[name]).join(',');
};

describe.each(Object.entries(orders))('a cell over several lines, %s,', (_, order) => {
  const header = order.join(',');

  test('that holds other rows of the file is refused with its lines, and those behind come in', async () => {
    const lines = [
      header,
      lineOf(order, 2, '销售'),
      lineOf(order, 3, '"没关上'),
      lineOf(order, 4, '咨询'),
      lineOf(order, 5, '批发'),
      lineOf(order, 6, '关在这"'),
      lineOf(order, 7, '零售'),
    ];
    expect(await verdicts(lines)).toEqual([
      [2, 1, 'taken'],
      [3, 4, 'row_within_cell'],
      [7, 1, 'taken'],
    ]);
  });

  test('that holds the row that follows is refused', async () => {
    const lines = [header, lineOf(order, 2, '"没关上'), lineOf(order, 3, '关在这"')];
    expect(await verdicts(lines)).toEqual([[2, 2, 'row_within_cell']]);
  });

  test('that is a text of several lines comes in, separators and all', async () => {
    const scope = '"销售：茶叶,咖啡；\n其中 ""甲"", 乙, 丙, 丁, 戊, 己\n、、、,,,,,,\n咨询"';
    const written = `${lineOf(order, 2, scope)}\n${lineOf(order, 3, '零售')}`;
    expect(await verdicts([header, ...written.split('\n')])).toEqual([
      [2, 4, 'taken'],
      [6, 1, 'taken'],
    ]);
  });

  test('never holds another line’s number, wherever quotation marks were lost', async () => {
    const scope = fc.constantFrom(
      '销售',
      '"没关上',
      '关在这"',
      '"销售；\n咨询"',
      '"',
      '""',
      '中"间',
      '"甲""乙',
      '多,了',
    );
    const person = fc.constantFrom('001', '111', '414');
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(scope, person), { minLength: 1, maxLength: 8 }),
        async (rows) => {
          const numbers = rows.map(([, kind], n) => (kind === '414' ? `E9900000${n}` : code(n)));
          const text = rows.map(([written, kind], n) =>
            lineOf(order, n, written, numbers[n]).replace(',001,', `,${kind},`),
          );
          for (const { read, value } of await rowsOf([header, ...text.join('\n').split('\n')])) {
            if (read instanceof LineRefused) continue;
            const own = value('holder_number') ?? '';
            const held = order.map((name) => value(name) ?? '').join('\n');
            expect(numbers.filter((number) => held.includes(number))).toEqual([own]);
          }
        },
      ),
    );
  });
});
