import { expect, test } from '@jest/globals';
import { HASH_BYTES } from '#libs/log';
import { Chains } from './chains.js';
import { type Finding, Findings, inOrder, ofTheLog, type FindingCode } from './finding.js';

const of = (what: FindingCode, count: number, from = 0): Finding[] =>
  Array.from({ length: count }, (_, n) => ({ leaf: from + n, stream: 'case-x', version: n, what }));

test('of a ledger that is all wrong a thousand of each kind are told, the first of them', () => {
  const told = inOrder([...of('hash', 3000).reverse(), ...of('prev', 1500, 10_000)]);
  expect(told).toEqual([...of('hash', 1000), ...of('prev', 1000, 10_000)]);
});

test('no more are kept while ranges are joined, or come in one by one', () => {
  const chains = new Chains();
  for (let range = 0; range < 5; range++)
    chains.take({
      from: range,
      end: range + 1,
      records: 1,
      findings: of('hash', 1000, range * 1000),
      leaves: new Uint8Array(HASH_BYTES),
      tileRoots: new Uint8Array(),
      streams: [],
      ends: new Float64Array(),
      prevs: new Uint8Array(),
      ruleInputs: new Uint8Array(),
    });
  expect(chains.findings.all).toEqual(of('hash', 1000));
  const findings = new Findings();
  findings.addAll([...of('tile', 2000), ...of('leaf', 2)]);
  expect(findings.all).toHaveLength(1002);
});

test('records come before the log, and of the log what is missing comes first', () => {
  const [missing, checkpoint] = [
    { ...ofTheLog('missing'), leaf: 450, until: 599 },
    { ...ofTheLog('checkpoint'), leaf: 0, until: 9 },
  ];
  const [record] = of('leaf', 1, 700) as [Finding];
  expect(inOrder([checkpoint, missing, record])).toEqual([record, missing, checkpoint]);
});
