import { decodeCredentialPublicKey, isoCBOR } from '@simplewebauthn/server/helpers';
import { fromBase64url, isObject, type JsonObject } from '#libs/kernel';
import { readPublicKey } from '../../jwk.js';
import { OperatorInvalid } from '../operators.errors.js';

/*
 * Public keys of passkeys: COSE_Key (RFC 9053, section 7) on the wire, JWK in the ledger.
 */

/**
 * Algorithms of COSE (RFC 9053, section 2; RFC 8812). RS256 is all that the TPM of many a Windows
 * machine has.
 */
export const coseAlgorithms = { ES256: -7, EdDSA: -8, RS256: -257 } as const;

/** A modulus: 2048 bits (NIST SP 800-131A), and as many as any authenticator has. */
const [minModulusBytes, maxModulusBytes] = [256, 512];

type Bytes = Uint8Array<ArrayBuffer>;

/** @throws OperatorInvalid, KeyRefused */
export function jwkOf(cose: Bytes): JsonObject {
  const key: unknown = decodeCredentialPublicKey(cose);
  const member = (label: number): unknown =>
    key instanceof Map ? (key as Map<number, unknown>).get(label) : undefined;
  const text = (label: number): string => {
    const value = member(label);
    return value instanceof Uint8Array ? Buffer.from(value).toString('base64url') : '';
  };
  if (member(3) === coseAlgorithms.ES256)
    return readPublicKey({ kty: 'EC', crv: 'P-256', x: text(-2), y: text(-3) }).jwk;
  if (member(3) === coseAlgorithms.EdDSA)
    return readPublicKey({ kty: 'OKP', crv: 'Ed25519', x: text(-2) }).jwk;
  if (member(3) === coseAlgorithms.RS256) {
    const modulus = member(-1);
    const length = modulus instanceof Uint8Array ? modulus.length : 0;
    if (length >= minModulusBytes && length <= maxModulusBytes && text(-2) === 'AQAB')
      return { kty: 'RSA', n: text(-1), e: text(-2) };
  }
  throw new OperatorInvalid(
    'passkey_algorithm_unsupported',
    'the passkey signs by another algorithm than ES256, EdDSA or RS256 with 2048 bits',
  );
}

/** The same key as an authenticator wrote it. */
export function coseOf(jwk: Readonly<Record<string, unknown>>): Bytes {
  const bytes = (member: string) => new Uint8Array(fromBase64url(String(jwk[member])) ?? []);
  if (jwk['kty'] === 'RSA')
    return isoCBOR.encode(
      new Map<number, number | Bytes>([
        [1, 3],
        [3, coseAlgorithms.RS256],
        [-1, bytes('n')],
        [-2, bytes('e')],
      ]),
    );
  const key = new Map<number, number | Bytes>(
    jwk['kty'] === 'EC'
      ? [
          [1, 2],
          [3, coseAlgorithms.ES256],
          [-1, 1],
          [-2, bytes('x')],
          [-3, bytes('y')],
        ]
      : [
          [1, 1],
          [3, coseAlgorithms.EdDSA],
          [-1, 6],
          [-2, bytes('x')],
        ],
  );
  return isoCBOR.encode(key);
}

/** Whether a value has the members that every answer of an authenticator has. */
export const isAnswer = (value: unknown): value is Record<string, unknown> & { id: string } =>
  isObject(value) && typeof value['id'] === 'string' && isObject(value['response']);
