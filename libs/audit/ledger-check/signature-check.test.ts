import { expect, test } from '@jest/globals';
import type { Finding } from './finding.js';
import { SignatureCheck } from './signature-check.js';
import type { SignatureToCheck } from './signatures.js';

const signature = (leaf: number): SignatureToCheck => ({
  leaf,
  stream: 'book-x',
  version: leaf,
  jws: '',
  key: {},
  grant: { consent: '', capacity: 'self', digits: null, terms: '' },
});
const wrong = ({ leaf, stream, version }: SignatureToCheck): Finding => ({
  leaf,
  stream,
  version,
  what: 'grant_signature',
});

test('signatures are checked while the ledger is still read, and never more than some batches wait', async () => {
  let underWay = 0;
  let most = 0;
  let checked = 0;
  const check = new SignatureCheck(async (batch) => {
    most = Math.max(most, (underWay += batch.length));
    await new Promise((resolve) => setImmediate(resolve));
    underWay -= batch.length;
    checked += batch.length;
    return batch.filter(({ leaf }) => leaf % 10_000 === 7).map(wrong);
  }, 2);
  for (let leaf = 0; leaf < 20_000; leaf++) {
    check.add(signature(leaf));
    if (leaf % 1000 === 999) await check.handOut();
  }
  expect(checked).toBeGreaterThan(18_000);
  expect(most).toBeLessThanOrEqual(500);
  const told: number[] = [];
  await check.end((done) => told.push(done));
  expect([check.count, checked, told.at(-1)]).toEqual([20_000, 20_000, 20_000]);
  expect(check.findings.all.map(({ leaf }) => leaf)).toEqual([7, 10_007]);
});

test('a thread that fails ends the check', async () => {
  const check = new SignatureCheck(() => Promise.reject(new Error('gone')), 1);
  for (let leaf = 0; leaf < 600; leaf++) check.add(signature(leaf));
  await expect(check.handOut()).rejects.toThrow('gone');
  await expect(check.end(() => undefined)).rejects.toThrow('gone');
});
