import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import {
  canonicalize,
  isObject,
  type JsonObject,
  type JsonValue,
  ProductError,
  utf8Text,
} from '#libs/kernel';
import { leafHash } from '#libs/log';
import { SmallLog, twoOfThree } from '../../test/support/small-log.js';
import { type ReleaseOnFile, verifyRelease } from './index.js';

const handedOver = {
  consent: 'consent-1',
  case: 'case-1',
  action: 'read',
  basis: 'consent',
  subject: 'h3Yv0QmLxW8sPzR1tKdA5g',
  purpose: { zh: '仅供人社办理', en: 'Only for 人社' },
  materials: [
    {
      material: 'ZZ001',
      nameZh: '居民身份证',
      type: 'ZZ001',
      authority: '11430112000000001P',
      version: 1,
      signed: 'e30.e30.c2ln',
      disclosures: ['WyJzIiwi5aeT5ZCNIiwi5rWL6K-V55SyIl0'],
      fields: { 姓名: '测试甲', 公民身份号码: '11010519491231002X' },
      absentFields: [],
    },
  ],
  missing: [],
};
const salt = Buffer.alloc(32, 5).toString('base64url');
const commitmentTo = (what: JsonValue, by = salt) =>
  createHash('sha256')
    .update(Buffer.from(by, 'base64url'))
    .update(canonicalize(what))
    .digest('base64url');

const read = [
  {
    material: 'ZZ001',
    certificate: 'c',
    type: 'ZZ001',
    number: 1,
    fields: ['公民身份号码', '姓名'],
  },
];
const redeemed = {
  consent: 'consent-1',
  case: 'case-1',
  action: 'read',
  basis: 'consent',
  read,
  commitment: commitmentTo(handedOver),
};
const readAgain = {
  consent: 'consent-1',
  reading: 1,
  used: [{ material: 'ZZ001', certificate: 'c', type: 'ZZ001' }],
  commitment: commitmentTo(handedOver),
};

/** A record with these data that is in the log, and what a receiver then has on file. */
function file(type: string, data: JsonObject, what: JsonValue = handedOver, schema = 1) {
  const log = new SmallLog();
  log.write({ stream: 'case-1', version: 0, prev: null });
  const record = log.write({ stream: 'book-1', version: 0, prev: null, type, data, schema });
  const receipt = log.receipt(1, leafHash(record));
  return { handedOver: what, record, salt, receipt } satisfies ReleaseOnFile;
}

const verdict = (on: ReleaseOnFile): string => {
  try {
    verifyRelease(on, twoOfThree);
  } catch (error) {
    if (error instanceof ProductError) return String(error.code);
    throw error;
  }
  return 'accepted';
};

const good = file('ConsentRedeemed', redeemed);
const again = file('ReleaseReadAgain', readAgain);

/** Every member of a value, replaced by something else. */
function* changes(value: JsonValue, at = ''): Generator<[string, JsonValue]> {
  if (Array.isArray(value)) {
    for (const [n, member] of (value as readonly JsonValue[]).entries())
      for (const [where, changed] of changes(member, `${at}/${n}`))
        yield [where, value.map((one: JsonValue, k) => (k === n ? changed : one))];
  } else if (isObject(value)) {
    for (const [name, member] of Object.entries(value))
      for (const [where, changed] of changes(member, `${at}/${name}`))
        yield [where, { ...value, [name]: changed }];
  } else yield [at, typeof value === 'number' ? value + 1 : `${JSON.stringify(value)}.`];
}

describe('a release', () => {
  it.each([
    ['as it was redeemed', good, 'ConsentRedeemed'],
    ['read again', again, 'ReleaseReadAgain'],
  ])('is in the log, %s: exactly what was handed over', (_, on, type) => {
    const shown = verifyRelease(on, twoOfThree);
    expect(shown.record.type).toBe(type);
    expect(shown.index).toBe(1);
    expect(shown.witnesses).toHaveLength(2);
  });

  it.each([
    ['as it was redeemed', good],
    ['read again', again],
  ])('is refused with any member of it changed by a character, %s', (_, on) => {
    const tried = [...changes(handedOver)];
    expect(tried.map(([at]) => at)).toContain('/materials/0/fields/姓名');
    for (const [at, changed] of tried)
      expect([at, verdict({ ...on, handedOver: changed })]).not.toEqual([at, 'accepted']);
    const [material] = handedOver.materials;
    const fields = { ...material!.fields, 姓名: '测试乙' };
    expect(
      verdict({ ...on, handedOver: { ...handedOver, materials: [{ ...material!, fields }] } }),
    ).toBe('handed_over_other');
  });

  it('is refused with two releases under one record: one of them is not what it commits to', () => {
    const other = { ...handedOver, purpose: { zh: '另一个', en: 'another' } };
    expect(verdict({ ...good, handedOver: other })).toBe('handed_over_other');
    expect(verdict({ ...good, salt: Buffer.alloc(32, 6).toString('base64url') })).toBe(
      'handed_over_other',
    );
  });

  it('is refused with another record, or with the receipt of another one', () => {
    const changed = { ...redeemed, commitment: commitmentTo({ ...handedOver, missing: [1] }) };
    const other = file('ConsentRedeemed', changed);
    expect(verdict({ ...good, record: other.record })).toBe('record_other');
    expect(verdict({ ...good, record: other.record, receipt: other.receipt })).toBe(
      'handed_over_other',
    );
    expect(verdict({ ...good, receipt: other.receipt })).toBe('record_other');
  });

  it.each<[string, string, JsonObject, string]>([
    [
      'of another case',
      'ConsentRedeemed',
      { ...redeemed, case: 'case-2' },
      'release_of_other_case',
    ],
    [
      'for another action',
      'ConsentRedeemed',
      { ...redeemed, action: 'print' },
      'release_of_other_terms',
    ],
    [
      'on another basis',
      'ConsentRedeemed',
      { ...redeemed, basis: 'duty' },
      'release_of_other_terms',
    ],
    [
      'of another consent',
      'ConsentRedeemed',
      { ...redeemed, consent: 'consent-2' },
      'release_of_other_consent',
    ],
    [
      'of another consent, read again',
      'ReleaseReadAgain',
      { ...readAgain, consent: 'consent-2' },
      'release_of_other_consent',
    ],
    ['of no release', 'ConsentGranted', redeemed, 'record_no_release'],
    ['that says that it was withheld', 'ReleaseWithheld', readAgain, 'record_no_release'],
    [
      'that tells the holder of fewer materials',
      'ConsentRedeemed',
      { ...redeemed, read: [] },
      'release_of_other_materials',
    ],
    [
      'that tells the holder of fewer materials, read again',
      'ReleaseReadAgain',
      { ...readAgain, used: [] },
      'release_of_other_materials',
    ],
    [
      'that tells the holder of fewer fields',
      'ConsentRedeemed',
      { ...redeemed, read: [{ ...read[0], fields: ['姓名'] }] },
      'release_of_other_materials',
    ],
    [
      'that tells the holder of other fields',
      'ConsentRedeemed',
      { ...redeemed, read: [{ ...read[0], fields: ['姓名', '姓名'] }] },
      'release_of_other_materials',
    ],
    [
      'that tells the holder of another version',
      'ConsentRedeemed',
      { ...redeemed, read: [{ ...read[0], number: 2 }] },
      'release_of_other_materials',
    ],
    [
      'that tells the holder of another type',
      'ReleaseReadAgain',
      { ...readAgain, used: [{ ...read[0], type: 'ZZ002' }] },
      'release_of_other_materials',
    ],
  ])('is refused under a sealed record %s', (_, type, data, code) => {
    expect(verdict(file(type, data))).toBe(code);
  });

  it('is refused under a record of a form that this verifier does not know', () => {
    expect(verdict(file('ConsentRedeemed', redeemed, handedOver, 2))).toBe('record_no_release');
  });

  it('that is no release, or has a salt that none has, is told so', () => {
    for (const what of [null, [], 'x', 1]) {
      expect(verdict({ ...good, handedOver: what })).toBe('release_malformed');
    }
    for (const odd of ['', 'x', `${salt}=`, `${salt}AAAA`])
      expect(verdict({ ...good, salt: odd })).toBe('release_malformed');
    // What is not Unicode has no canonical form.
    expect(verdict({ ...good, handedOver: { ...handedOver, subject: '\ud800' } })).toBe(
      'release_malformed',
    );
  });

  it('meets any file with a typed error', () => {
    fc.assert(
      fc.property(fc.json(), fc.json(), fc.string(), (what, data, odd) => {
        const value = JSON.parse(what) as JsonValue;
        const members = { ...redeemed, read: JSON.parse(data) as JsonValue };
        verdict({ ...good, handedOver: value, salt: odd });
        expect(verdict(file('ConsentRedeemed', members, value))).not.toBe('accepted');
      }),
      { numRuns: 50 },
    );
    expect(utf8Text(good.record)).toContain('ConsentRedeemed');
  });
});
