import { describe, expect, test } from '@jest/globals';
import type { Facts } from '#libs/proof/paper';
import {
  embeddedFiles,
  rastersOfPages,
  textsOfPages,
  greatestDifference,
} from '../support/pdf-pages.js';
import { sampleFacts, sampleOwn, sampleProof } from '../support/papers.js';
import { pdfOf, typeset } from '../support/typesetter.js';

const withFact = (key: string, text: string): { facts: Facts } => ({
  facts: { ...sampleFacts.ZM001, [key]: text },
});
const own = (text: string) =>
  sampleOwn('certificate', 'zh', { facts: { 备注: text }, labels: { 备注: 'Note' } });
const words = async (pdf: Uint8Array) => (await textsOfPages(pdf)).join('\n').replace(/\s+/g, '');

describe('a page', () => {
  test('is PDF/A-3b on A4, with an output intent, every font embedded and a title', async () => {
    const pdf = Buffer.from(await pdfOf(sampleProof('ZM001', 'zh'))).toString('latin1');
    expect(pdf).toContain('<pdfaid:part>3</pdfaid:part><pdfaid:conformance>B<');
    expect(pdf).toContain('/S /GTS_PDFA1');
    expect(pdf).toMatch(/\/MediaBox \[0 0 595\.\d+ 841\.\d+\]/);
    expect(pdf).not.toMatch(/\/Encrypt|\/JavaScript|\/Launch|\/URI/);
    expect(pdf.match(/\/FontFile\d?/g)?.length).toBe(pdf.match(/\/FontDescriptor \d/g)?.length);
  });

  test('has the same bytes whenever it is drawn from the same order', async () => {
    const first = await pdfOf(sampleProof('ZM001', 'zh'));
    await pdfOf(sampleProof('ZM001', 'en'));
    expect(Buffer.from(await pdfOf(sampleProof('ZM001', 'zh'))).equals(first)).toBe(true);
    const later = sampleProof('ZM001', 'zh', { created: '2026-11-30T10:05:02.000Z' });
    expect(Buffer.from(await pdfOf(later)).equals(first)).toBe(false);
  });

  test('carries its files byte for byte, and forgets those of the page before', async () => {
    const bytes = Uint8Array.from({ length: 700 }, (_, n) => (n * 7) % 256);
    const attachment = { mediaType: 'application/octet-stream', description: 'proof', bytes };
    const attachments = [
      { ...attachment, name: 'whole-proof.bin' },
      { ...attachment, name: 'second.txt', bytes: bytes.subarray(0, 3) },
    ];
    const pdf = await pdfOf(sampleProof('ZM001', 'zh', { attachments }));
    expect(embeddedFiles(pdf)).toEqual([Buffer.from(bytes), Buffer.from(bytes.subarray(0, 3))]);
    expect(Buffer.from(pdf).toString('latin1')).toMatch(/\/AFRelationship \/Source/);
    expect(embeddedFiles(await pdfOf(sampleProof('ZM001', 'zh')))).toEqual([
      Buffer.from('{"sample":true}'),
    ]);
  });

  test('says facts, purpose, as-of, check-again, code, issuer and that it is a trial', async () => {
    const said = await words(await pdfOf(sampleProof('ZM001', 'zh')));
    for (const word of [
      ...Object.values(sampleFacts.ZM001).map(String),
      '仅用于：在示例市办理示例业务',
      '数据截至2026年11月30日18:05',
      '2027年2月28日起，请重新核验',
      'KDWA-7MXE-QTRB',
      '示例市住房公积金管理中心',
      '试运行',
      'SAMPLE',
    ])
      expect(said).toContain(word.replace(/\s+/g, ''));
    const real = await words(await pdfOf(sampleProof('ZM001', 'zh', { trial: false })));
    expect(real).not.toContain('试运行');
  });
});

describe('what a fact says', () => {
  test.each([
    '#panic("x") $x^2$ [a] \\ *b* _c_ `d` <e> @f ~ -- // /* */ = g',
    '#let sheet = none',
    '$',
    ']',
    '\\u{4e00}',
    '{"a":1}',
    '"; #sys.inputs',
  ])('is printed as it is and never read as markup: %s', async (text) => {
    expect(await words(await pdfOf(own(text)))).toContain(text.replace(/\s+/g, ''));
  });

  test('stays on the page where it has no place to break', async () => {
    const long = '0123456789'.repeat(30);
    const [raster] = await rastersOfPages(await pdfOf(own(long)));
    const { width, height, dots } = raster!;
    const margin = Math.round((18 / 210) * width);
    for (let y = Math.round(height * 0.1); y < height * 0.5; y++)
      for (let x = width - margin; x < width; x++) expect(dots[y * width + x]).toBeGreaterThan(200);
  });

  test('keeps its lines', async () => {
    const [one, two] = await Promise.all([own('甲乙'), own('甲\n乙')].map(pdfOf));
    const [a, b] = [await rastersOfPages(one!), await rastersOfPages(two!)];
    expect(greatestDifference(a[0]!, b[0]!)).toBeGreaterThan(0.05);
  });

  test('goes on on further pages, and is refused over twenty', async () => {
    const facts = (count: number) => ({
      facts: {
        ...sampleFacts.ZM026,
        查询记录: Array.from({ length: count }, (_, n) => ({ 序号: n + 1, 机构: '示例银行' })),
      },
    });
    const pdf = await pdfOf(sampleProof('ZM026', 'zh', facts(120)));
    expect((await textsOfPages(pdf)).length).toBeGreaterThan(2);
    expect(await typeset(sampleProof('ZM026', 'zh', facts(1000)))).toEqual({
      fault: { kind: 'too-many-pages', pages: expect.any(Number) },
    });
  });
});

describe('a character that no font draws', () => {
  test('is refused by its code point, all of them at once, and the page after is drawn', async () => {
    const fault = { kind: 'undrawable', codePoints: ['U+30EDE', 'U+1F600', 'U+E000'] };
    expect(await typeset(own('𰻞 甲 😀 \ue000'))).toEqual({ fault });
    expect(await typeset(own('甲'))).toHaveProperty('pages', 1);
  });

  test.each([
    ['a fact', withFact('姓名', '林𰻞')],
    ['the purpose', { purpose: '办理𰻞' }],
    ['the issuer, and so its seal', { issuer: { name: '𰻞局', seal: { kind: 'sample' } } }],
  ] as const)('is refused in %s', async (_, changes) => {
    expect(await typeset(sampleProof('ZM001', 'zh', changes))).toEqual({
      fault: { kind: 'undrawable', codePoints: ['U+30EDE'] },
    });
  });

  test.each(['"', '\\', '`"', '\u{1f600}"\\'])(
    'is named beside signs that are quoted: %j',
    async (text) => {
      expect(await typeset(own(`${text}𰻞`))).toMatchObject({
        fault: { codePoints: expect.arrayContaining(['U+30EDE']) },
      });
    },
  );
});
