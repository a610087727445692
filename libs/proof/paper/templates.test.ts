import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { factFaults, proofLayouts, type ProofTemplate } from './templates.js';

const file = (path: string) => new URL(`../../../${path}`, import.meta.url);
const rows = readFileSync(file('contracts/catalogue/certificate-types.tsv'), 'utf8')
  .split('\n')
  .map((line) => line.split('\t'));

test('each e-proof of the shipped catalogue has a layout, with its titles and fields', () => {
  const [head = []] = rows;
  const cell = (row: readonly string[], name: string) => row[head.indexOf(name)] ?? '';
  const shipped = rows
    .filter((row) => cell(row, 'category') === 'proof')
    .map((row) => {
      const english = cell(row, 'fields_en').split(';');
      const fields = cell(row, 'data_fields_zh').split(';');
      return [
        cell(row, 'code'),
        [cell(row, 'name_zh'), cell(row, 'name_en')],
        Object.fromEntries(fields.map((key, n) => [key, english[n]])),
      ];
    });
  expect(shipped).toHaveLength(26);
  expect(
    Object.entries(proofLayouts).map(([code, { title, fields }]) => [code, title, fields]),
  ).toEqual(shipped);
});

test.each([...Object.keys(proofLayouts), 'certificate', 'company'])(
  '%s has a file of its own',
  (template) => {
    expect(existsSync(file(`libs/proof/paper/templates/${template.toLowerCase()}.typ`))).toBe(true);
  },
);

test('a layout sets each of its fields', () => {
  for (const [code, { fields }] of Object.entries(proofLayouts)) {
    const layout = readFileSync(
      file(`libs/proof/paper/templates/${code.toLowerCase()}.typ`),
      'utf8',
    );
    for (const key of Object.keys(fields))
      expect([code, layout]).toEqual([code, expect.stringContaining(`"${key}"`)]);
  }
});

test('six are decisions that a kiosk reprints and does not make', () => {
  const decisions = Object.entries(proofLayouts).filter(([, layout]) => 'decision' in layout);
  expect(decisions.map(([code]) => code)).toEqual([
    'ZM009',
    'ZM012',
    'ZM016',
    'ZM019',
    'ZM020',
    'ZM026',
  ] satisfies ProofTemplate[]);
});

test('a fact too few or too many is named by its key; one that a proof may lack is not', () => {
  expect(factFaults('ZM020', { 姓名: '林示例', 备注: '-' })).toEqual({
    missing: ['公民身份号码', '家庭人口', '出具单位', '用途'],
    unknown: ['备注'],
  });
});
