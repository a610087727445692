import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { canonicalize, utf8Text } from '#libs/kernel';
import { formatCheckpoint, formatNote, leafHash, seedSigner, SignatureType } from '#libs/log';
import { signAuthorityKeys } from '#libs/verify';
import { log, origin, policyText, seed, SmallLog } from '../../../test/support/small-log.js';
import { checkLog, checkReceipt, type Reply, type Trust } from './receipt-check.ts';

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
      disclosures: [],
      fields: { 姓名: '测试甲' },
      absentFields: [],
    },
  ],
  missing: [],
};
const salt = Buffer.alloc(32, 5).toString('base64url');
const written = new SmallLog();
const record = written.write({
  stream: 'book-1',
  version: 0,
  prev: null,
  type: 'ConsentRedeemed',
  data: {
    consent: 'consent-1',
    case: 'case-1',
    action: 'read',
    basis: 'consent',
    read: [{ material: 'ZZ001', certificate: 'c', type: 'ZZ001', number: 1, fields: ['姓名'] }],
    commitment: createHash('sha256')
      .update(Buffer.from(salt, 'base64url'))
      .update(canonicalize(handedOver))
      .digest('base64url'),
  },
});
const reply = {
  handedOver,
  reading: 0,
  readAgainUntil: '2026-11-30T08:33:00.000Z',
  record: { stream: 'book-1', version: 0, hash: '', bytes: utf8Text(record), commitment: '', salt },
} as unknown as Reply;
const trust: Trust = {
  policy: policyText('two'),
  authorityKeys: formatNote(signAuthorityKeys({ size: 1, keys: [] }, log)),
  receipt: utf8Text(written.receipt(0, leafHash(record))),
};
const states = (of: Reply, by: Trust) =>
  checkReceipt(of, by).map(({ is, state, code }) => [is, state, code]);
const unknownKey = ['authority', 'failed', 'authority_word_malformed'];

describe('a receipt, line by line', () => {
  test('log, witnesses and content hold; a word that no authority signed does not', () => {
    expect(states(reply, trust)).toEqual([
      ['log', 'ok', null],
      ['witnesses', 'ok', null],
      ['content', 'ok', null],
      unknownKey,
    ]);
    expect(checkReceipt(reply, trust)[1]?.facts).toEqual({ seen: 2, of: 3 });
  });

  test('data that are not those of the record fail alone', () => {
    const [material] = handedOver.materials;
    const changed = {
      ...reply,
      handedOver: { ...handedOver, materials: [{ ...material, fields: { 姓名: '测试乙' } }] },
    } as unknown as Reply;
    expect(states(changed, trust)).toEqual([
      ['log', 'ok', null],
      ['witnesses', 'ok', null],
      ['content', 'failed', 'handed_over_other'],
      unknownKey,
    ]);
  });

  test('too few witnesses fail alone', () => {
    const all = trust.policy.replace('group two 2', 'group two 3');
    expect(states(reply, { ...trust, policy: all }).map(([, state]) => state)).toEqual([
      'ok',
      'failed',
      'ok',
      'failed',
    ]);
  });

  test('what is not sealed yet is called neither right nor wrong', () => {
    expect(states(reply, { ...trust, receipt: null })).toEqual([
      ['log', 'pending', null],
      ['witnesses', 'pending', null],
      ['content', 'pending', null],
      unknownKey,
    ]);
  });
});

describe('the log in the bar', () => {
  const checkpoint = formatCheckpoint(written.checkpoint());
  test('tells how many of the witnesses signed', () => {
    expect(checkLog(policyText('two'), checkpoint)).toEqual({
      state: 'witnesses-missing',
      seen: 2,
      of: 3,
    });
  });
  test('is not in order under another key', () => {
    const other = policyText('none', [seedSigner(origin, SignatureType.ed25519, seed(9))]);
    expect(checkLog(other, checkpoint)).toMatchObject({ state: 'broken' });
  });
});
