import { describe, expect, test } from '@jest/globals';
import { createPublicKey, hash, sign, verify } from 'node:crypto';
import { SDJwtInstance } from '@sd-jwt/core';
import fc from 'fast-check';
import { type JsonValue, ProductError } from '#libs/kernel';
import { aType, newAuthorityKey, TestAuthority } from '../../test/support/authority.js';
import { checkContent } from './content.js';
import { certificateIdOf, readSdJwt, sdJwtType } from './sd-jwt.js';
import { repeatableSalts, saltSecretOf } from '#libs/department-client';

const authority = new TestAuthority(['ZZ001']);
const keyOf = (header: { readonly [name: string]: JsonValue }) =>
  header['kid'] === authority.keys.registered.kid ? authority.keys.registered.jwk : null;
const read = (sdJwt: string) => readSdJwt(sdJwt, keyOf);

function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof ProductError) return String(error.code);
    throw error;
  }
  return 'taken';
}

/** An SD-JWT put together by hand, so that it can be wrong in one thing. */
function forge(
  change: {
    payload?: Record<string, unknown>;
    header?: Record<string, unknown>;
    disclosures?: unknown[];
    digests?: (own: string[]) => unknown;
    texts?: (own: string[]) => string[];
    ending?: string;
  } = {},
): string {
  const salt = 'AAAAAAAAAAAAAAAAAAAAAA';
  const texts = (change.disclosures ?? [[salt, '姓名', '测试甲']]).map((disclosure) =>
    Buffer.from(typeof disclosure === 'string' ? disclosure : JSON.stringify(disclosure)).toString(
      'base64url',
    ),
  );
  const digests = texts.map((text) => hash('sha256', text, 'buffer').toString('base64url'));
  const header = { alg: 'EdDSA', typ: sdJwtType, kid: authority.keys.registered.kid };
  const payload = {
    iss: authority.creditCode,
    vct: 'ZZ001',
    version: 1,
    valid_from: '2026-01-01',
    valid_until: null,
    _sd_alg: 'sha-256',
    _sd: change.digests ? change.digests(digests) : digests,
    ...change.payload,
  };
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${encode({ ...header, ...change.header })}.${encode(payload)}`;
  const signature = sign(null, Buffer.from(signed), authority.keys.signing.key);
  const handed = change.texts ? change.texts(texts) : texts;
  return (
    [`${signed}.${signature.toString('base64url')}`, ...handed].join('~') + (change.ending ?? '~')
  );
}

describe('what an authority signs', () => {
  test('is read back whole', async () => {
    const content = authority.content();
    const { claims, disclosures } = read(await authority.sign(content));
    expect(claims).toEqual({
      authority: authority.creditCode,
      type: 'ZZ001',
      version: 1,
      validFrom: '2026-01-01',
      validUntil: '2046-01-01',
      asOf: null,
      supersedes: null,
    });
    expect(Object.fromEntries(disclosures.map(({ name, value }) => [name, value]))).toEqual({
      'holder.0': content.holders[0],
      identifier: content.identifier,
      ...content.fields,
    });
  });

  test('shows nothing of holders and fields in the part that stands in clear', async () => {
    const content = authority.content();
    const [signed = ''] = (await authority.sign(content)).split('~');
    const clear = Buffer.from(signed.split('.')[1] ?? '', 'base64url').toString();
    expect(Object.keys(JSON.parse(clear) as object).sort()).toEqual(
      ['_sd', '_sd_alg', 'iss', 'valid_from', 'valid_until', 'vct', 'version'].sort(),
    );
    for (const value of ['测试甲', content.holders[0]?.number ?? '', '示例路'])
      expect(clear).not.toContain(value);
  });

  test('is read by others who follow the standard', async () => {
    const key = createPublicKey(authority.keys.signing.key);
    const reader = new SDJwtInstance<Record<string, unknown>>({
      hasher: (data) => hash('sha256', Buffer.from(data as string), 'buffer'),
      hashAlg: 'sha-256',
      verifier: (data, signature) =>
        verify(null, Buffer.from(data), key, Buffer.from(signature, 'base64url')),
    });
    // A member named __proto__ is refused on entry (see below); the other reader drops it instead.
    const json = fc.json().filter((text) => !text.includes('"__proto__"'));
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.stringMatching(/^[a-z\u4e00-\u9fff]{1,12}$/u), json, { maxKeys: 8 }),
        async (texts) => {
          const values = Object.entries(texts).map(([name, text]) => [
            `字段${name}`,
            JSON.parse(text) as JsonValue,
          ]);
          const fields = Object.fromEntries(values) as Record<string, JsonValue>;
          const content = authority.content({ fields });
          const { header, payload } = await reader.verify(await authority.sign(content));
          expect(header).toMatchObject({ alg: 'EdDSA', typ: sdJwtType });
          expect(payload).toEqual({
            iss: authority.creditCode,
            vct: 'ZZ001',
            version: 1,
            valid_from: '2026-01-01',
            valid_until: '2046-01-01',
            'holder.0': content.holders[0],
            identifier: content.identifier,
            ...fields,
          });
        },
      ),
      { numRuns: 50 },
    );
  });

  test('tells by the order of digests nothing about the order of claims', async () => {
    const [signed = ''] = (await authority.sign()).split('~');
    const clear = Buffer.from(signed.split('.')[1] ?? '', 'base64url').toString();
    const { _sd: digests } = JSON.parse(clear) as { _sd: string[] };
    expect(digests).toEqual(digests.toSorted());
  });

  test('may be signed with P-256 as well', async () => {
    const other = new TestAuthority(['ZZ001'], 'ES256');
    expect(readSdJwt(await other.sign(), () => other.keys.registered.jwk).claims.type).toBe(
      'ZZ001',
    );
  });

  test('with repeatable salts is the same certificate each time, and another for other content', async () => {
    const content = authority.content();
    const secret = saltSecretOf(authority.keys.signing.key);
    const again = () => authority.sign(content, repeatableSalts(secret, content));
    expect(await again()).toBe(await again());
    const changed = { ...content, validUntil: null };
    const other = await authority.sign(changed, repeatableSalts(secret, changed));
    expect(certificateIdOf(read(other).signed)).not.toBe(
      certificateIdOf(read(await again()).signed),
    );
    expect(read(await authority.sign(content)).signed).not.toBe(read(await again()).signed);
  });

  test('keeps its id when ECDSA signs it anew', async () => {
    const other = new TestAuthority(['ZZ001'], 'ES256');
    const content = other.content();
    const salts = () => repeatableSalts(saltSecretOf(other.keys.signing.key), content);
    const signed = async () => (await other.sign(content, salts())).split('~')[0] ?? '';
    const [one, two] = [await signed(), await signed()];
    expect(one).not.toBe(two);
    expect(certificateIdOf(one)).toBe(certificateIdOf(two));
  });
});

describe('what comes in is refused', () => {
  test('where any one bit of it was flipped', async () => {
    const whole = Buffer.from(await authority.sign(), 'latin1');
    fc.assert(
      fc.property(fc.nat(whole.length * 8 - 1), (bit) => {
        const flipped = Buffer.from(whole);
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(refusal(() => read(flipped.toString('latin1')))).not.toBe('taken');
      }),
      { numRuns: 2000 },
    );
  });

  test('where it was signed with another key, or names none', async () => {
    const stranger = newAuthorityKey();
    const sdJwt = await new TestAuthority(['ZZ001']).sign();
    expect(refusal(() => read(sdJwt))).toBe('jws_key_unknown');
    expect(refusal(() => readSdJwt(sdJwt, () => stranger.registered.jwk))).toBe(
      'jws_signature_wrong',
    );
    expect(refusal(() => read(forge({ header: { kid: undefined } })))).toBe('jws_key_unknown');
  });

  test('where the header is of another kind of token', () => {
    expect(refusal(() => read(forge()))).toBe('taken');
    expect(refusal(() => read(forge({ header: { typ: 'consent+jwt' } })))).toBe('jws_type_wrong');
    expect(refusal(() => read(forge({ header: { alg: 'none' } })))).toBe('jws_algorithm_refused');
    expect(refusal(() => read(forge({ header: { jwk: authority.keys.registered.jwk } })))).toBe(
      'jws_header_forbidden',
    );
  });

  test('where the clear part says more, less or other than it must', () => {
    const cases: Record<string, Record<string, unknown>> = {
      claim_unknown: { cnf: { jwk: {} } },
      validity_wrong: { valid_until: '2025-12-31' },
    };
    for (const [code, payload] of Object.entries(cases))
      expect(refusal(() => read(forge({ payload })))).toBe(code);
    for (const payload of [
      { iss: 1 },
      { vct: undefined },
      { version: 0 },
      { version: 1.5 },
      { version: '1' },
      { valid_from: '2026-02-30' },
      { valid_until: undefined },
      { _sd_alg: 'sha-512' },
      { _sd_alg: undefined },
      { _sd: undefined },
      { _sd: ['x'] },
      { version: 2 },
      { supersedes: { digest: 'A'.repeat(43), reason: 'change' } },
      { version: 2, supersedes: { digest: 'A'.repeat(43), reason: 'because of 测试甲' } },
      { version: 2, supersedes: { digest: 'short', reason: 'change' } },
      { version: 2, supersedes: { digest: 'A'.repeat(43), reason: 'change', more: 1 } },
    ])
      expect(refusal(() => read(forge({ payload })))).toBe('claim_wrong');
  });

  test('where disclosures and digests do not answer each other one to one', () => {
    const decoy = 'A'.repeat(43);
    expect(refusal(() => read(forge({ digests: (own) => [...own, decoy] })))).toBe(
      'disclosure_missing',
    );
    expect(refusal(() => read(forge({ digests: (own) => [...own, ...own] })))).toBe('claim_wrong');
    expect(refusal(() => read(forge({ digests: () => [] })))).toBe('disclosure_unknown');
    expect(refusal(() => read(forge({ texts: () => [] })))).toBe('disclosure_missing');
    expect(refusal(() => read(forge({ texts: (own) => [...own, ...own] })))).toBe(
      'disclosure_repeated',
    );
    expect(refusal(() => read(forge({ ending: '' })))).toBe('sd_jwt_malformed');
    expect(refusal(() => read(forge({ ending: '~e30.e30.e30' })))).toBe('sd_jwt_malformed');
    expect(refusal(() => read(forge({ ending: '~~' })))).toBe('disclosure_unknown');
  });

  test('where two disclosures give one claim two values', () => {
    const disclosures = [
      ['AAAAAAAAAAAAAAAAAAAAAA', '姓名', '测试甲'],
      ['BBBBBBBBBBBBBBBBBBBBBB', '姓名', '测试乙'],
    ];
    expect(refusal(() => read(forge({ disclosures })))).toBe('disclosure_repeated');
  });

  test('where a disclosure is not salt, name and value, or hides digests of its own', () => {
    const salt = 'AAAAAAAAAAAAAAAAAAAAAA';
    for (const disclosure of [
      'not json',
      '["AAAAAAAAAAAAAAAAAAAAAA","姓名","a","b"]',
      [salt, '测试甲'],
      ['short', '姓名', '测试甲'],
      [salt, 7, '测试甲'],
      [salt, '_sd', []],
      [salt, '...', 'x'],
      [salt, 'iss', 'another'],
      [salt, '姓名', { _sd: [] }],
      [salt, '姓名', [{ '...': 'A'.repeat(43) }]],
      `["${salt}","姓名",{"a":1,"a":2}]`,
      `["${salt}","姓名",{"__proto__":1}]`,
      `["${salt}","姓名",${'['.repeat(30)}${']'.repeat(30)}]`,
    ])
      expect(refusal(() => read(forge({ disclosures: [disclosure] })))).toBe(
        'disclosure_malformed',
      );
  });

  test('where a disclosure is spelled otherwise than its digest was made over', () => {
    // Node reads base64url with padding or in the other alphabet as well; the digest is over one
    // spelling.
    expect(refusal(() => read(forge({ texts: ([first = '']) => [`${first}=`] })))).toBe(
      'disclosure_unknown',
    );
    const padded = (own: string[]) => own.map((text) => `${text}=`);
    const digestOf = (text: string) => hash('sha256', text, 'buffer').toString('base64url');
    expect(refusal(() => read(forge({ texts: padded, digests: () => [] })))).toBe(
      'disclosure_unknown',
    );
    expect(
      refusal(() =>
        read(
          forge({
            texts: padded,
            digests: () => [
              digestOf(
                `${Buffer.from(JSON.stringify(['AAAAAAAAAAAAAAAAAAAAAA', '姓名', '测试甲'])).toString('base64url')}=`,
              ),
            ],
          }),
        ),
      ),
    ).toBe('disclosure_malformed');
  });
});

/** The day on which contents are judged. */
const today = '2026-11-22';

describe('the content', () => {
  const judged = async (
    change: Parameters<TestAuthority['content']>[0],
    type: Parameters<typeof aType>[0] = {},
  ) => {
    const sdJwt = await authority.sign(authority.content(change));
    return refusal(() => checkContent(read(sdJwt), aType(type), today));
  };
  const holder = { role: 'holder', kind: '111', number: '11010519491231002X' } as const;

  test('is taken where holders, fields and identifier are as the type says', async () => {
    const sdJwt = await authority.sign();
    expect(checkContent(read(sdJwt), aType(), today).flags).toEqual([]);
  });

  test('has fields of the type only, each as its schema says', async () => {
    expect(await judged({ fields: { 姓名: '测试甲', 公民身份号码: '1' } })).toBe('field_wrong');
    expect(await judged({ fields: { 姓名: '测试甲' } })).toBe('field_wrong');
    expect(await judged({ fields: { 姓名: '测试甲', 学历: '本科' } })).toBe('field_unknown');
  });

  test('has holders with numbers whose check fits, each once', async () => {
    expect(await judged({ holders: [holder] })).toBe('taken');
    expect(await judged({ holders: [] })).toBe('holders_wrong');
    expect(await judged({ holders: [holder, { ...holder, role: 'spouse-b' }] })).toBe(
      'holders_wrong',
    );
    expect(await judged({ holders: [{ ...holder, number: '110105194912310021' }] })).toBe(
      'identifier_check_failed',
    );
    expect(await judged({ holders: [{ ...holder, role: '持证人' }] })).toBe('holders_wrong');
    expect(await judged({ holders: [{ ...holder, kind: '000' as '111' }] })).toBe(
      'identifier_kind_unknown',
    );
  });

  test('is of organisations where the type is', async () => {
    const company = { role: 'holder', kind: '001', number: '11430112000000001P' } as const;
    expect(await judged({ holders: [company] })).toBe('holder_kind_wrong');
    // Fields that say nothing of a person: who may hold it is asked alone.
    const fields = aType().fields.map(({ key, kind }) => ({ key, kind }));
    expect(await judged({ holders: [company] }, { holder: 'legal', fields })).toBe('taken');
    expect(await judged({ holders: [holder] }, { holder: 'legal' })).toBe('holder_kind_wrong');
    expect(await judged({ holders: [company] }, { holder: 'both', fields })).toBe('taken');
  });

  test('names files by digest and media type', async () => {
    const sha256 = hash('sha256', 'a file');
    expect(await judged({ files: { original: { sha256, mediaType: 'application/pdf' } } })).toBe(
      'taken',
    );
    expect(await judged({ files: { original: { sha256, mediaType: 'text/html' } } })).toBe(
      'file_wrong',
    );
  });

  test('tells in an error what is wrong and never what was written', async () => {
    const number = '11010519491231002X';
    const sdJwt = await authority.sign(
      authority.content({ fields: { 姓名: '测试甲', 公民身份号码: number.slice(1) } }),
    );
    try {
      checkContent(read(sdJwt), aType(), today);
      throw new Error('it was taken');
    } catch (error) {
      if (!(error instanceof ProductError)) throw error;
      expect(error.facts).toMatchObject({
        type: 'ZZ001',
        field: '公民身份号码',
        rule: 'pattern',
        value: '#'.repeat(16) + 'A',
        expectedZh: expect.stringContaining('文字'),
      });
      expect(JSON.stringify([error.message, error.facts])).not.toContain(number.slice(1));
    }
  });
});
