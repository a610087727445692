import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { JwsRefused, type JwsProfile, readCompactJws, verifyCompactJws } from './jws.js';
import { readPublicKey } from './jwk.js';

const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

interface Signer {
  readonly privateKey: KeyObject;
  readonly jwk: Record<string, unknown>;
  readonly alg: string;
}
const ed25519 = (): Signer => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return { privateKey, jwk: { ...publicKey.export({ format: 'jwk' }) }, alg: 'EdDSA' };
};
const p256 = (): Signer => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { privateKey, jwk: { ...publicKey.export({ format: 'jwk' }) }, alg: 'ES256' };
};

function compact(signer: Signer, header: unknown, payload: unknown): string {
  const signed = `${encode(header)}.${encode(payload)}`;
  const signature =
    signer.alg === 'ES256'
      ? sign('sha256', Buffer.from(signed), {
          key: signer.privateKey,
          dsaEncoding: 'ieee-p1363',
        })
      : sign(null, Buffer.from(signed), signer.privateKey);
  return `${signed}.${signature.toString('base64url')}`;
}

const profile = (signer: Signer): JwsProfile => ({
  typ: 'test+jwt',
  algorithms: ['EdDSA', 'Ed25519', 'ES256'],
  key: signer.jwk,
});
const head = (signer: Signer, more: object = {}) => ({
  alg: signer.alg,
  typ: 'test+jwt',
  ...more,
});
const refusal = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof JwsRefused) return error.code;
    throw error;
  }
  return 'accepted';
};

describe('a compact token', () => {
  test.each([
    ['Ed25519', ed25519()],
    ['P-256', p256()],
  ])('signed with %s is read', (_, signer) => {
    const token = compact(signer, head(signer), { sub: 'x' });
    const read = readCompactJws(token, profile(signer));
    expect(read.payload).toEqual({ sub: 'x' });
    expect(read.key.jkt).toMatch(/^[\w-]{43}$/);
  });

  test('may name its algorithm Ed25519 where the profile allows it, and not where it does not', () => {
    const signer = ed25519();
    const token = compact(signer, head(signer, { alg: 'Ed25519' }), {});
    expect(readCompactJws(token, profile(signer)).payload).toEqual({});
    expect(
      refusal(() =>
        readCompactJws(token, { typ: 'test+jwt', algorithms: ['EdDSA'], key: signer.jwk }),
      ),
    ).toBe('jws_algorithm_refused');
  });

  test.each(['jku', 'x5u', 'x5c', 'crit', 'zip', 'b64', 'jwk'])(
    'with %s in its header is refused',
    (member) => {
      const signer = ed25519();
      const token = compact(signer, head(signer, { [member]: signer.jwk }), {});
      expect(refusal(() => readCompactJws(token, profile(signer)))).toBe('jws_header_forbidden');
    },
  );

  test('whose key comes with it is read only where the profile asks for that', () => {
    const signer = p256();
    const token = compact(signer, head(signer, { jwk: signer.jwk }), {});
    const read = readCompactJws(token, {
      typ: 'test+jwt',
      algorithms: ['ES256'],
      embeddedKey: true,
    });
    expect(read.key.jkt).toBe(readPublicKey(signer.jwk).jkt);
  });

  test('that brings a private key is refused', () => {
    const signer = ed25519();
    const jwk = signer.privateKey.export({ format: 'jwk' });
    const token = compact(signer, head(signer, { jwk }), {});
    expect(
      refusal(() =>
        readCompactJws(token, { typ: 'test+jwt', algorithms: ['EdDSA'], embeddedKey: true }),
      ),
    ).toBe('jws_key_unknown');
  });

  test('with a member twice, in header or payload, is refused', () => {
    const signer = ed25519();
    const twice = '{"alg":"EdDSA","alg":"EdDSA","typ":"test+jwt"}';
    expect(refusal(() => readCompactJws(compact(signer, twice, {}), profile(signer)))).toBe(
      'jws_malformed',
    );
    const claims = compact(signer, head(signer), '{"jti":"a","jti":"b"}');
    expect(refusal(() => readCompactJws(claims, profile(signer)))).toBe('jws_payload_malformed');
  });

  test('of another type, another key, or another kind of key is refused', () => {
    const [a, b, c] = [ed25519(), ed25519(), p256()];
    const other = compact(a, { alg: 'EdDSA', typ: 'JWT' }, {});
    expect(refusal(() => readCompactJws(other, profile(a)))).toBe('jws_type_wrong');
    const mine = compact(a, head(a), {});
    expect(refusal(() => readCompactJws(mine, profile(b)))).toBe('jws_signature_wrong');
    expect(refusal(() => readCompactJws(mine, profile(c)))).toBe('jws_algorithm_refused');
    expect(
      refusal(() =>
        readCompactJws(mine, { typ: 'test+jwt', algorithms: ['EdDSA'], keyOf: () => null }),
      ),
    ).toBe('jws_key_unknown');
  });

  test.each(['none', 'HS256', 'RS256', 'eddsa', ''])('signed with alg %p is refused', (alg) => {
    const signer = ed25519();
    const token = compact(signer, head(signer, { alg }), {});
    expect(refusal(() => readCompactJws(token, profile(signer)))).toBe('jws_algorithm_refused');
  });

  test.each(['header', 'payload'] as const)(
    'with a byte order mark in its %s is refused',
    (part) => {
      const signer = ed25519();
      const text = (value: unknown, marked: boolean) =>
        Buffer.from((marked ? '\ufeff' : '') + JSON.stringify(value)).toString('base64url');
      const signed = `${text(head(signer), part === 'header')}.${text({ sub: 'x' }, part === 'payload')}`;
      const signature = sign(null, Buffer.from(signed), signer.privateKey).toString('base64url');
      expect(refusal(() => readCompactJws(`${signed}.${signature}`, profile(signer)))).toBe(
        part === 'header' ? 'jws_malformed' : 'jws_payload_malformed',
      );
    },
  );

  test('is refused when any one of its letters is another', () => {
    const signer = p256();
    const token = compact(signer, head(signer), { sub: 'x', n: 1 });
    fc.assert(
      fc.property(
        fc.nat(token.length - 1),
        fc.constantFrom(
          'A',
          'B',
          'Q',
          'Z',
          'a',
          'g',
          'w',
          'z',
          '0',
          '9',
          '-',
          '_',
          '.',
          '=',
          '+',
          ' ',
        ),
        (at, letter) => {
          fc.pre(token[at] !== letter);
          const changed = token.slice(0, at) + letter + token.slice(at + 1);
          expect(refusal(() => readCompactJws(changed, profile(signer)))).not.toBe('accepted');
        },
      ),
      { numRuns: 400 },
    );
  });
});

describe('a public key', () => {
  test('of small order is refused: one signature would fit many messages', () => {
    const x = Buffer.from(
      'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
      'hex',
    ).toString('base64url');
    expect(() => readPublicKey({ kty: 'OKP', crv: 'Ed25519', x })).toThrow(
      expect.objectContaining({ code: 'key_weak' }),
    );
  });

  test('off its curve is refused', () => {
    const { jwk } = p256();
    expect(() => readPublicKey({ ...jwk, y: jwk['x'] })).toThrow(
      expect.objectContaining({ code: 'key_malformed' }),
    );
  });

  test.each([
    ['no point of Ed25519', 'AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 'key_malformed'],
    ['0 in another spelling', '7f_______________________________________38', 'key_weak'],
    [
      '1 with a sign that it cannot have',
      'AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAIA',
      'key_weak',
    ],
    ['nothing', '', 'key_malformed'],
  ])('that is %s is refused', (_, x, code) => {
    expect(() => readPublicKey({ kty: 'OKP', crv: 'Ed25519', x })).toThrow(
      expect.objectContaining({ code }),
    );
  });

  test('of P-256 in another spelling, or at infinity, is refused', () => {
    // The point with x = 0, and the same x written as the prime of the field.
    const y = 'ZkhceA4vg9ckM71dhKBrtlQcKvMdrocXKL-FahdPk_Q';
    const prime = '_____wAAAAEAAAAAAAAAAAAAAAD_______________8';
    const zero = 'A'.repeat(43);
    expect(readPublicKey({ kty: 'EC', crv: 'P-256', x: zero, y }).algorithms).toEqual(['ES256']);
    for (const [x, other] of [
      [prime, y],
      [y, zero],
      [zero, zero],
      [zero, prime],
    ])
      expect(() => readPublicKey({ kty: 'EC', crv: 'P-256', x, y: other })).toThrow(
        expect.objectContaining({ code: 'key_malformed' }),
      );
  });

  test('may say what it is for, once and consistently', () => {
    const { jwk } = ed25519();
    const said = { kid: 'a', use: 'sig', key_ops: ['verify'], alg: 'Ed25519', ext: true };
    expect(readPublicKey({ ...jwk, ...said }).jwk).toEqual(jwk);
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['key_ops with a value twice', { key_ops: ['verify', 'verify'] }, 'key_use'],
    ['key_ops that also sign', { key_ops: ['sign', 'verify'] }, 'key_use'],
    ['key_ops that are no list', { key_ops: 'verify' }, 'key_use'],
    ['no key_ops at all in its list', { key_ops: [] }, 'key_use'],
    ['a use for encryption beside key_ops', { use: 'enc', key_ops: ['verify'] }, 'key_use'],
    ['the algorithm of another curve', { alg: 'ES256' }, 'key_kind_unknown'],
    ['an algorithm that is no text', { alg: ['EdDSA'] }, 'key_kind_unknown'],
    ['a kid that is no text', { kid: 7 }, 'key_malformed'],
    ['a private part in capitals', { D: 'x' }, 'key_member_unknown'],
    ['a private part under another name', { seed: 'x' }, 'key_member_unknown'],
    ['a coordinate that its kind does not have', { y: 'A'.repeat(43) }, 'key_member_unknown'],
    ['a certificate', { x5c: ['MII'] }, 'key_member_unknown'],
  ])('with %s is refused', (_, said, code) => {
    const { jwk } = ed25519();
    expect(() => readPublicKey({ ...jwk, ...said })).toThrow(expect.objectContaining({ code }));
  });

  test('with its private part is refused', () => {
    const jwk = ed25519().privateKey.export({ format: 'jwk' });
    expect(() => readPublicKey({ ...jwk })).toThrow(
      expect.objectContaining({ code: 'key_not_public' }),
    );
  });

  test('has the thumbprint of RFC 8037, appendix A.3', () => {
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' };
    expect(readPublicKey(jwk).jkt).toBe('kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k');
  });

  test('and its signature of RFC 8037, appendix A.4, verify', () => {
    const token =
      'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.' +
      'hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg';
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' };
    const { payload } = verifyCompactJws(token, { typ: null, algorithms: ['EdDSA'], key: jwk });
    expect(Buffer.from(payload).toString()).toBe('Example of Ed25519 signing');
  });
});

const vectors = join(
  process.env['VECTORS_DIR'] ?? join(import.meta.dirname, '../../../shared/vectors'),
  'wycheproof/json_web_signature_test.json',
);
const has = existsSync(vectors);
if (!has)
  process.stderr.write(`SKIPPED: no Wycheproof JWS vectors at ${vectors}; set VECTORS_DIR\n`);

(has ? describe : describe.skip)("Wycheproof's JWS cases", () => {
  interface Group {
    readonly public?: Record<string, unknown>;
    readonly private?: Record<string, unknown>;
    readonly tests: readonly {
      readonly tcId: number;
      readonly comment: string;
      readonly jws: unknown;
      readonly result: 'valid' | 'invalid';
    }[];
  }
  const groups: readonly Group[] = has
    ? (JSON.parse(readFileSync(vectors, 'utf8')) as { testGroups: Group[] }).testGroups
    : [];
  const cases = groups.flatMap(({ public: open, private: secret, tests }) =>
    tests.map((one) => ({ ...one, key: open ?? secret ?? {} })),
  );

  test('are 401', () => {
    expect(cases).toHaveLength(401);
  });

  test('are answered rightly for the algorithms that we take, and refused for all others', () => {
    const answers = cases.map(({ tcId, jws, key }) => {
      const token = typeof jws === 'string' ? jws : JSON.stringify(jws);
      const answer = refusal(() =>
        verifyCompactJws(token, { typ: null, algorithms: ['EdDSA', 'Ed25519', 'ES256'], key }),
      );
      return { tcId, accepted: answer === 'accepted' };
    });
    const ours = (key: Record<string, unknown>) => key['crv'] === 'P-256';
    const expected = cases.map(({ tcId, key, result }) => ({
      tcId,
      accepted: ours(key) && result === 'valid',
    }));
    expect(answers).toEqual(expected);
    expect(expected.filter(({ accepted }) => accepted)).not.toHaveLength(0);
  });
});
