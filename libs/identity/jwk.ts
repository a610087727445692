import { createPublicKey, hash, type KeyObject } from 'node:crypto';
import { canonicalize, fromBase64url, InvalidError, type JsonObject } from '#libs/kernel';

/** Signature algorithms that the house takes. `Ed25519` is RFC 9864's name for what RFC 8037 calls `EdDSA` over that curve. */
export type JwsAlgorithm = 'EdDSA' | 'Ed25519' | 'ES256';

/** A key that nobody may register or sign with: not public, not of a kind that we take, or not a point of its curve. */
export class KeyRefused extends InvalidError<
  'key_not_public' | 'key_kind_unknown' | 'key_malformed' | 'key_weak' | 'key_use'
> {}

/** A public key with the algorithms that its kind pins it to. `jkt` is its RFC 7638 thumbprint (SHA-256, base64url, 43 letters). */
export interface PublicKey {
  readonly jkt: string;
  readonly algorithms: readonly JwsAlgorithm[];
  readonly jwk: JsonObject;
  readonly keyObject: KeyObject;
}

const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/**
 * Reads a public JWK: Ed25519 (RFC 8037) or P-256 (RFC 7518, 6.2). The result carries the members that define the key and no others.
 * @throws KeyRefused where it holds a private part, another kind, coordinates of the wrong length, a point off its curve, an Ed25519 point
 * of small order (under which one signature fits many messages), or says that it is for another use than verifying
 */
export function readPublicKey(jwk: Readonly<Record<string, unknown>>): PublicKey {
  for (const member of privateMembers)
    if (jwk[member] !== undefined)
      throw new KeyRefused('key_not_public', 'a key must come without its private part', {
        member,
      });
  if (jwk['use'] !== undefined && jwk['use'] !== 'sig')
    throw new KeyRefused('key_use', 'the key is not for signatures');
  const operations = jwk['key_ops'];
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify')))
    throw new KeyRefused('key_use', 'the key is not for verifying');

  const { defining, algorithms } = definingMembers(jwk);
  if (jwk['alg'] !== undefined && !algorithms.some((algorithm) => algorithm === jwk['alg']))
    throw new KeyRefused('key_kind_unknown', 'the key names an algorithm that is not its own');
  const cached = imported.get(defining.x + (defining.y ?? ''));
  if (cached !== undefined) return cached;

  let keyObject: KeyObject;
  try {
    keyObject = createPublicKey({ key: { ...defining }, format: 'jwk' });
  } catch (cause) {
    throw new KeyRefused('key_malformed', 'the key is not a point of its curve', {}, { cause });
  }
  const key = { jkt: thumbprint(defining), algorithms, jwk: defining, keyObject };
  if (imported.size >= keptKeys) imported.delete(imported.keys().next().value ?? '');
  imported.set(defining.x + (defining.y ?? ''), key);
  return key;
}

/** Importing a key costs as much as verifying with it; the oldest goes when the room is full. */
const imported = new Map<string, PublicKey>();
const keptKeys = 4096;

interface Defining extends JsonObject {
  readonly kty: string;
  readonly crv: string;
  readonly x: string;
  readonly y?: string;
}

function definingMembers(jwk: Readonly<Record<string, unknown>>): {
  defining: Defining & Record<'x', string>;
  algorithms: readonly JwsAlgorithm[];
} {
  if (jwk['kty'] === 'OKP' && jwk['crv'] === 'Ed25519') {
    const x = coordinate(jwk['x']);
    if (hasSmallOrder(x.bytes))
      throw new KeyRefused('key_weak', 'the key is a point of small order');
    return {
      defining: { kty: 'OKP', crv: 'Ed25519', x: x.text },
      algorithms: ['EdDSA', 'Ed25519'],
    };
  }
  if (jwk['kty'] === 'EC' && jwk['crv'] === 'P-256') {
    const [x, y] = [coordinate(jwk['x']), coordinate(jwk['y'])];
    return {
      defining: { kty: 'EC', crv: 'P-256', x: x.text, y: y.text },
      algorithms: ['ES256'],
    };
  }
  throw new KeyRefused('key_kind_unknown', 'keys are Ed25519 or P-256');
}

function coordinate(value: unknown): { text: string; bytes: Uint8Array } {
  const bytes = typeof value === 'string' && value.length === 43 ? fromBase64url(value) : null;
  if (bytes?.length !== 32)
    throw new KeyRefused('key_malformed', 'a coordinate is 32 bytes in base64url');
  return { text: value as string, bytes };
}

/** RFC 7638 over the defining members only. */
const thumbprint = (defining: Defining): string =>
  hash('sha256', canonicalize(defining), 'buffer').toString('base64url');

/** The y coordinates of Ed25519's points of order 1, 2, 4 and 8, with their non-canonical forms; the sign bit is masked out. */
const smallOrder = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
]);

function hasSmallOrder(point: Uint8Array): boolean {
  const y = Buffer.from(point);
  y[31] = (y[31] ?? 0) & 0x7f;
  return smallOrder.has(y.toString('hex'));
}
