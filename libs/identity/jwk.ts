import { createPublicKey, hash, type KeyObject } from 'node:crypto';
import { canonicalize, fromBase64url, InvalidError, type JsonObject } from '#libs/kernel';
import { isEd25519Key, isStrictEncoding } from '#libs/log';

/**
 * Accepted signature algorithms. `Ed25519` is RFC 9864's name for what RFC 8037 calls `EdDSA` over
 * that curve.
 */
export type JwsAlgorithm = 'EdDSA' | 'Ed25519' | 'ES256';

/**
 * A key that cannot be registered or sign: not public, not of an accepted kind, or not a point of
 * its curve.
 */
export class KeyRefused extends InvalidError<
  | 'key_not_public'
  | 'key_kind_unknown'
  | 'key_malformed' // not a point of its curve in its one spelling
  | 'key_weak'
  | 'key_use'
  | 'key_member_unknown'
> {}

/**
 * A public key with the algorithms that its kind pins it to. `jkt` is its RFC 7638 thumbprint
 * (SHA-256, base64url, 43 letters).
 */
export interface PublicKey {
  readonly jkt: string;
  readonly algorithms: readonly JwsAlgorithm[];
  readonly jwk: JsonObject;
  readonly keyObject: KeyObject;
}

const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];
/**
 * Beside those that define the key: RFC 7517, section 4, and `ext`, which browsers write (Web
 * Cryptography, section 15).
 */
const describing = ['kid', 'use', 'key_ops', 'alg', 'ext'];

/**
 * Reads a public JWK: Ed25519 (RFC 8037) or P-256 (RFC 7518, 6.2). The result carries the members
 * that define the key and no others.
 * @throws KeyRefused where it holds a private part, an unknown member (which could be a private
 *   part under another name), another kind, coordinates of the wrong length, a point off its curve
 *   or in another spelling, an Ed25519 point of small order (under which one signature fits many
 *   messages), another use than verifying, or contradictory uses
 */
export function readPublicKey(jwk: Readonly<Record<string, unknown>>): PublicKey {
  for (const member of privateMembers)
    if (jwk[member] !== undefined)
      throw new KeyRefused('key_not_public', 'a key must come without its private part', {
        member,
      });
  const { defining, algorithms } = definingMembers(jwk);
  checkDescription(jwk, defining, algorithms);
  const cached = imported.get(defining.x + (defining.y ?? ''));
  if (cached !== undefined) return cached;

  checkPoint(defining);
  let keyObject: KeyObject;
  try {
    keyObject = createPublicKey({ key: { ...defining }, format: 'jwk' });
  } catch (cause) {
    throw new KeyRefused('key_malformed', 'the key is not a point of its curve', {}, { cause });
  }
  const key = { jkt: thumbprint(defining), algorithms, jwk: defining, keyObject };
  if (imported.size >= maxKeptKeys) imported.delete(imported.keys().next().value ?? '');
  imported.set(defining.x + (defining.y ?? ''), key);
  return key;
}

function checkDescription(
  jwk: Readonly<Record<string, unknown>>,
  defining: Defining,
  algorithms: readonly JwsAlgorithm[],
): void {
  for (const member of Object.keys(jwk))
    if (!Object.hasOwn(defining, member) && !describing.includes(member))
      throw new KeyRefused(
        'key_member_unknown',
        'the key has a member that a public key of its kind does not have',
        {},
        { hint: `Beside the key itself: ${describing.join(', ')}.` },
      );
  const { use, key_ops: operations, alg, kid } = jwk;
  if (use !== undefined && use !== 'sig')
    throw new KeyRefused('key_use', 'the key is not for signatures');
  // RFC 7517, section 4.3: no value twice, and consistent with `use`: a public signature key
  // verifies, and nothing else.
  if (operations !== undefined && JSON.stringify(operations) !== '["verify"]')
    throw new KeyRefused('key_use', 'the key is not for verifying alone');
  if (alg !== undefined && !algorithms.some((algorithm) => algorithm === alg))
    throw new KeyRefused('key_kind_unknown', 'the key names an algorithm that is not its own');
  if (kid !== undefined && typeof kid !== 'string')
    throw new KeyRefused('key_malformed', 'a kid is text');
}

/**
 * Importing a key costs as much as verifying with it; the oldest is dropped when the cache is full.
 */
const imported = new Map<string, PublicKey>();
const maxKeptKeys = 4096;

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
    return {
      defining: { kty: 'OKP', crv: 'Ed25519', x: coordinate(jwk['x']) },
      algorithms: ['EdDSA', 'Ed25519'],
    };
  }
  if (jwk['kty'] === 'EC' && jwk['crv'] === 'P-256') {
    const [x, y] = [coordinate(jwk['x']), coordinate(jwk['y'])];
    return {
      defining: { kty: 'EC', crv: 'P-256', x, y },
      algorithms: ['ES256'],
    };
  }
  throw new KeyRefused('key_kind_unknown', 'keys are Ed25519 or P-256');
}

function coordinate(value: unknown): string {
  if (typeof value !== 'string' || value.length !== 43 || fromBase64url(value)?.length !== 32)
    throw new KeyRefused('key_malformed', 'a coordinate is 32 bytes in base64url');
  return value;
}

/** RFC 7638 over the defining members only. */
const thumbprint = (defining: Defining): string =>
  hash('sha256', canonicalize(defining), 'buffer').toString('base64url');

/**
 * Node takes any 32 bytes for a key of Ed25519; of P-256 it looks for the point itself. @throws
 * KeyRefused
 */
function checkPoint({ crv, x }: Defining): void {
  if (crv !== 'Ed25519') return;
  const point = fromBase64url(x) ?? new Uint8Array();
  if (!isStrictEncoding(point))
    throw new KeyRefused('key_weak', 'the key is a point of small order, or in another spelling');
  if (!isEd25519Key(point))
    throw new KeyRefused('key_malformed', 'the key is not a point of its curve');
}
