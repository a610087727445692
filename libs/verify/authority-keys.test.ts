import { describe, expect, test } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { fromBase64url, type JsonObject, ProductError, utf8Bytes } from '#libs/kernel';
import { formatKey, formatNote, SignatureType } from '#libs/log';
import { nodeSigner } from '#libs/sealing';
import { inventedCreditCode } from '../../test/support/authority.js';
import { TestKey } from '../../test/support/keys.js';
import {
  type AuthorityKey,
  openAuthorityKeys,
  parsePolicy,
  signAuthorityKeys,
  verifyAuthorityWords,
} from './index.js';

const signer = nodeSigner('city.example', SignatureType.ed25519, randomBytes(32));
const policy = parsePolicy(`log ${formatKey(signer.key)}\nquorum none\n`);
const authority = '11430112000000001P';
const [ed, ec] = [new TestKey(), new TestKey('P-256')];

const keyOf = (key: TestKey, more: Partial<AuthorityKey> = {}): AuthorityKey => ({
  authority,
  kid: key.jkt,
  alg: key.alg,
  publicKey: Buffer.concat(
    [key.jwk.x, key.jwk.y].flatMap((half) => (half === undefined ? [] : [fromBase64url(half)!])),
  ),
  from: 3,
  until: null,
  ...more,
});
const note = (...keys: readonly AuthorityKey[]) =>
  formatNote(signAuthorityKeys({ size: 100, keys }, signer));
const opened = (text: string, by = policy) => openAuthorityKeys(utf8Bytes(text), by);
const codeOf = (act: () => unknown): unknown => {
  try {
    act();
  } catch (error) {
    if (error instanceof ProductError) return error.code;
    throw error;
  }
  return 'accepted';
};

describe('the keys of authorities that a log vouches for', () => {
  const keys = [keyOf(ed), keyOf(ec, { from: 7, until: 40 }), keyOf(ec, { from: 60 })];

  test('are read as they were signed, in the order in which they began', () => {
    expect(opened(note(...keys.toReversed()))).toEqual({
      origin: 'city.example',
      size: 100,
      keys: keys.map((key) => ({ ...key, publicKey: new Uint8Array(key.publicKey) })),
    });
    expect(opened(note()).keys).toEqual([]);
  });

  test('are refused where any bit is another', () => {
    const text = note(...keys);
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.integer({ min: 0, max: 7 }), (at, bit) => {
        const bytes = Buffer.from(text);
        bytes[at]! ^= 1 << bit;
        expect(codeOf(() => openAuthorityKeys(bytes, policy))).not.toBe('accepted');
      }),
    );
  });

  test('are refused of a log that the policy does not name, and where they are another note of the log', () => {
    const other = nodeSigner('other.example', SignatureType.ed25519, randomBytes(32));
    const others = parsePolicy(`log ${formatKey(other.key)}\nquorum none\n`);
    expect(codeOf(() => opened(note(...keys), others))).toBe('authority_keys_of_other_log');
    const text = note(...keys).replace('authority keys', 'statement keys');
    expect(codeOf(() => opened(text))).toBe('authority_keys_malformed');
  });

  test.each<[string, AuthorityKey[]]>([
    ['whose thumbprint is another key’s', [{ ...keyOf(ed), kid: ec.jkt }]],
    ['of a credit code with a wrong check', [keyOf(ed, { authority: '11430112000000001Q' })]],
    ['that ended before it began', [keyOf(ed, { from: 9, until: 9 })]],
    ['from behind the log', [keyOf(ed, { from: 100 })]],
    ['that stands twice', [keyOf(ed), keyOf(ed)]],
  ])('are not signed with a key %s', (_, wrong) => {
    expect(codeOf(() => note(...wrong))).toBe('authority_keys_malformed');
  });
});

describe('an authority’s word in a release', () => {
  const disclosure = (name: string, value: string) =>
    Buffer.from(JSON.stringify(['salt', name, value])).toString('base64url');
  const digest = (text: string) => createHash('sha256').update(text).digest('base64url');
  const shown = [disclosure('姓名', '测试甲')];
  const kept = disclosure('住址', '虚构路1号');
  const word = (key = ed, claims: object = {}, header: object = {}) =>
    key.sign(
      { typ: 'dc+sd-jwt', kid: key.jkt, ...header },
      {
        iss: authority,
        vct: 'ZZ001',
        version: 1,
        _sd_alg: 'sha-256',
        _sd: [...shown, kept].map(digest),
        ...claims,
      },
    );
  const material = (more: JsonObject = {}): JsonObject => ({
    material: 'M1',
    type: 'ZZ001',
    authority,
    version: 1,
    signed: word(),
    disclosures: shown,
    fields: { 姓名: '测试甲' },
    ...more,
  });
  const verified = (of: JsonObject, leaf: number, ...keys: readonly AuthorityKey[]) =>
    verifyAuthorityWords({ materials: [of] }, opened(note(...keys)), leaf);

  test.each([
    ['an Ed25519 key', ed],
    ['a P-256 key', ec],
  ])('holds by %s that stood at the release', (_, key) => {
    const [found] = verified(material({ signed: word(key) }), 50, keyOf(key));
    expect(found).toMatchObject({ material: 'M1', stands: true, key: { kid: key.jkt, from: 3 } });
  });

  test('holds by a key that ended before the release, and is told to', () => {
    const key = keyOf(ed, { until: 40 });
    expect(verified(material(), 39, key)).toMatchObject([{ stands: true }]);
    expect(verified(material(), 40, key)).toMatchObject([{ stands: false }]);
    expect(verified(material(), 60, key, keyOf(ed, { from: 60 }))).toMatchObject([
      { stands: true },
    ]);
  });

  test.each<[string, () => JsonObject, AuthorityKey, string]>([
    ['by a key of another authority', () => material(), keyOf(ec), 'authority_key_unknown'],
    [
      'by a key that another authority has',
      () => material(),
      keyOf(ed, { authority: inventedCreditCode() }),
      'authority_key_unknown',
    ],
    [
      'by a key that was registered later',
      () => material(),
      keyOf(ed, { from: 51 }),
      'authority_key_later',
    ],
    [
      'signed by another under its thumbprint',
      () => material({ signed: word(new TestKey(), {}, { kid: ed.jkt }) }),
      keyOf(ed),
      'authority_signature_wrong',
    ],
    ['of another type', () => material({ type: 'ZZ002' }), keyOf(ed), 'authority_word_other'],
    ['of another version', () => material({ version: 2 }), keyOf(ed), 'authority_word_other'],
    [
      'of another issuer',
      () => material({ signed: word(ed, { iss: '11310000MB2F306123' }) }),
      keyOf(ed),
      'authority_word_other',
    ],
    [
      'with a disclosure that was not signed',
      () => material({ disclosures: [disclosure('姓名', '测试乙')] }),
      keyOf(ed),
      'disclosure_not_signed',
    ],
    [
      'with a field that says something else',
      () => material({ fields: { 姓名: '测试乙' } }),
      keyOf(ed),
      'fields_other',
    ],
    [
      'with a field that no disclosure bears out',
      () => material({ fields: { 姓名: '测试甲', 住址: '虚构路1号' } }),
      keyOf(ed),
      'fields_other',
    ],
    [
      'signed as something else',
      () => material({ signed: word(ed, {}, { typ: 'JWT' }) }),
      keyOf(ed),
      'authority_word_malformed',
    ],
    [
      'with a key of its own in the header',
      () => material({ signed: word(ed, {}, { jwk: { ...ed.jwk } }) }),
      keyOf(ed),
      'authority_word_malformed',
    ],
  ])('is refused %s', (_, of, key, code) => {
    expect(codeOf(() => verified(of(), 50, key))).toBe(code);
  });
});
