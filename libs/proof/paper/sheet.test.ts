import { describe, expect, test } from '@jest/globals';
import { sampleFacts, sampleOwn, sampleProof } from '../../../test/support/papers.js';
import type { Paper, ProofPaper } from './ports.js';
import { drawOrderOf } from './sheet.js';

const refused = (code: string, facts: object) => expect.objectContaining({ code, facts });
const drawn = (paper: Paper) => () => drawOrderOf(paper);
const zm001 = (changes: Partial<ProofPaper>) => drawn(sampleProof('ZM001', 'zh', changes));
const facts = (changes: object) => ({ facts: { ...sampleFacts.ZM001, ...changes } });

describe('texts of a sheet', () => {
  test('days and moments are those of Asia/Shanghai, in words of the language', () => {
    const late = { asOf: '2026-11-30T16:30:00.000Z' };
    expect(drawOrderOf(sampleProof('ZM001', 'zh', late)).sheet).toMatchObject({
      asOf: '2026年12月1日 00:30',
      issued: '2026年12月1日',
      checkAgain: '2027年2月28日',
    });
    expect(drawOrderOf(sampleProof('ZM001', 'en', late)).sheet).toMatchObject({
      asOf: '1 December 2026, 00:30 (UTC+8)',
      checkAgain: '28 February 2027',
      title: 'Individual Housing Provident Fund Contribution Proof',
    });
  });

  test('numbers stand as JSON writes them, neither rounded nor grouped', () => {
    const { sheet } = drawOrderOf(sampleProof('ZM001', 'zh', facts({ 账户余额: 1234567.8 })));
    expect(sheet.facts['账户余额']).toBe('1234567.8');
    expect(zm001(facts({ 账户余额: 1e21 }))).toThrow(
      refused('paper_part_wrong', { part: '账户余额' }),
    );
  });

  test('rows are a table of all their members, empty where a row lacks one', () => {
    const rows = [
      { 疫苗: '甲', 剂次: 1 },
      { 疫苗: '乙', 日期: '2026-01-02' },
    ];
    const paper = sampleProof('ZM022', 'zh', { facts: { ...sampleFacts.ZM022, 应种疫苗: rows } });
    expect(drawOrderOf(paper).sheet.facts['应种疫苗']).toEqual({
      columns: ['疫苗', '剂次', '日期'],
      rows: [
        ['甲', '1', ''],
        ['乙', '', '2026-01-02'],
      ],
    });
  });
});

describe('a paper is refused', () => {
  test('with facts that are not those of its layout, named by their keys and not their values', () => {
    const rest = Object.fromEntries(
      Object.entries(sampleFacts.ZM001).filter(([key]) => key !== '姓名'),
    );
    expect(zm001({ facts: { ...rest, 备注: '林示例' } })).toThrow(
      refused('paper_facts_wrong', { template: 'ZM001', missing: ['姓名'], unknown: ['备注'] }),
    );
    expect(drawn(sampleOwn('company', 'en', { labels: {} }))).toThrow(
      expect.objectContaining({ code: 'paper_facts_wrong' }),
    );
  });

  test.each([
    ['turned round', '林\u202e例示', 'U+202E'],
    ['without a width', '林\u200b示例', 'U+200B'],
    ['that end a line elsewhere', '林\u2028示例', 'U+2028'],
    ['of another form', '葛\u{e0100}', 'U+E0100'],
    ['that are none', '林\ud800', 'U+D800'],
    ['of a terminal', '林\u0007', 'U+0007'],
  ])('with characters %s, which would be left out in silence', (_, name, codePoint) => {
    expect(zm001(facts({ 姓名: name }))).toThrow(
      refused('paper_undrawable', { codePoints: [codePoint] }),
    );
  });

  test.each([
    ['a code that is none', { code: 'KDWA-7MXE-QTR0' }, 'code'],
    ['no purpose', { purpose: ' ' }, 'purpose'],
    ['a day that the calendar lacks', { checkAgain: '2027-02-29' }, 'checkAgain'],
    [
      'a seal with letters, which would be drawn in a font of ours',
      { issuer: { name: '示例局', seal: { kind: 'image', svg: '<svg><text>章</text></svg>' } } },
      'seal',
    ],
    [
      'a file whose name is a path',
      {
        attachments: [
          { name: '../x', mediaType: 'a/b', description: 'x', bytes: new Uint8Array() },
        ],
      },
      'attachment',
    ],
  ] as const)('with %s', (_, changes, part) => {
    expect(zm001(changes)).toThrow(refused('paper_part_wrong', { part }));
  });

  test.each([
    ['purpose', { purpose: '字'.repeat(61) }],
    ['facts', facts({ 缴存单位: '字'.repeat(100_000) })],
  ])('with more in its %s than a page holds', (_, changes) => {
    expect(zm001(changes)).toThrow(expect.objectContaining({ code: 'paper_too_long' }));
  });
});
