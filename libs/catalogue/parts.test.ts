import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readFile } from 'node:fs/promises';
import { catalogueFolder } from '../../test/support/catalogue.js';
import { readCatalogueFile } from './catalogue-file.js';
import { cutCatalogueFile, maxLinesOfPart } from './parts.js';
import { spreadOverPlaces } from './places.js';

const text = (name: string) => readFile(new URL(name, catalogueFolder), 'utf8');

/** What the parts say together, as the whole file says it. */
function together(content: string, maxBytes: number) {
  const { parts, duplicates } = cutCatalogueFile(content, maxBytes);
  const files = parts.map((part) => readCatalogueFile(part.content, part.lineOffset));
  return {
    lines: files.flatMap((file) => [...file.lines] as { line: number; value: unknown }[]),
    refused: [...files.flatMap((file) => file.refused), ...duplicates].sort(
      (a, b) => a.line - b.line,
    ),
  };
}

describe('a large catalogue file, cut into parts', () => {
  it('says the same as the whole, line numbers and refusals included, wherever it is cut', async () => {
    const rules = await text('rules.tsv');
    const types = await text('certificate-types.tsv');
    const broken = types.split('\n');
    broken.splice(40, 0, '', 'ZZ777\tbroken', broken[3] ?? '');
    broken.splice(150, 0, broken[149] ?? '', 'ZZ778\tproof\tname');
    const contents = [
      rules,
      `\ufeff${rules.replaceAll('\n', '\r\n')}`,
      await text('matters.tsv'),
      broken.join('\n'),
      broken.join('\n').replaceAll(',', '，').replaceAll('\t', ','),
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...contents),
        fc.integer({ min: 200, max: 30_000 }),
        (content, maxBytes) => {
          const { lines, refused } = readCatalogueFile(content);
          expect(together(content, maxBytes)).toEqual({ lines, refused });
        },
      ),
      { numRuns: 12 },
    );
  });

  it('is one part while it is small', async () => {
    expect(cutCatalogueFile(await text('rules.tsv')).parts).toHaveLength(1);
  });

  it('fits into requests of less than a megabyte, with a district full of matters', async () => {
    const { kind, parts } = cutCatalogueFile(spreadOverPlaces(await text('matters.tsv')));
    expect(kind).toBe('matters');
    expect(parts.length).toBeGreaterThan(3);
    for (const { content } of parts)
      expect(Buffer.byteLength(JSON.stringify({ content }))).toBeLessThan(1_000_000);
  });

  it('refuses a quoted cell with line breaks, line by line, wherever it is cut', () => {
    const header =
      'code,category,name_zh,name_en,issuing_department_zh,holder,validity,national_type_code,number_unique,number_field,data_fields_zh';
    const line = (code: string, name: string) =>
      `${code},proof,"${name}",Example,人社,natural,,,none,,姓名\n`;
    const content = `${header}\n${line('ZM101', '证明\n"",乙')}${line('ZM102', '证明')}`;
    expect(together(content, 10)).toMatchObject({
      lines: [{ line: 4, value: { code: 'ZM102' } }],
      refused: [
        { line: 2, reason: 'quotation_wrong' },
        { line: 3, reason: 'quotation_wrong' },
      ],
    });
  });

  it('has no part with more lines than a request may hold', async () => {
    const types = await text('certificate-types.tsv');
    const content = types.replace('\n', '\n'.repeat(50_000));
    const { parts } = cutCatalogueFile(content, 100_000_000);
    expect(parts.length).toBeGreaterThan(2);
    for (const part of parts) expect(part.content.split('\n').length).toBeLessThan(maxLinesOfPart);
    expect(together(content, 100_000_000).lines).toEqual(readCatalogueFile(content).lines);
  });

  it('is refused where the rules of one matter would come apart', async () => {
    const [header, first, ...rest] = (await text('rules.tsv')).split('\n');
    const scattered = [header, ...rest.filter((line) => line !== ''), first].join('\n');
    expect(() => cutCatalogueFile(scattered, 5000)).toThrow(
      expect.objectContaining({ code: 'rules_scattered', facts: { matter: 'SX0001' } }),
    );
    expect(cutCatalogueFile(scattered).parts).toHaveLength(1);
  });
});
