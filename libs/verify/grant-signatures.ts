import { isObject, type JsonValue, RefusedError } from '#libs/kernel';
import type { RecordBody } from '#libs/log';
import { openJws } from './compact-jws.js';
import { grantType } from './grant-text.js';
import type { Means } from './receipt.js';
import { isSignedBy, type SigningKey, signingKeyOf, thumbprintOf } from './signing-key.js';
import { openAssertion, signatureFromDer } from './webauthn.js';

/** A grant is not shown to be signed by the key that its record names. */
export class GrantSignatureRefused extends RefusedError<
  | 'grant_key_malformed' // one of the keys is no public key of Ed25519 or P-256
  | 'grant_key_missing' // none of the keys is the one that the record names
  | 'grant_signature_wrong'
> {}

/** What a holder's key signed for a grant. */
export interface SignedGrant {
  readonly signed: Uint8Array;
  /** 64 bytes: of Ed25519, or R ‖ S of P-256. */
  readonly signature: Uint8Array;
}

const algorithms: Readonly<Record<SigningKey['alg'], readonly JsonValue[]>> = {
  EdDSA: ['EdDSA', 'Ed25519'],
  ES256: ['ES256'],
};

/**
 * What the proof of a grant says was signed, by a key of this kind.
 * @returns null where no such key signs anything of this form
 */
export function signedGrantIn(
  proof: JsonValue | undefined,
  alg: SigningKey['alg'],
  { hash }: Means = {},
): SignedGrant | null {
  if (!isObject(proof)) return null;
  switch (proof['method']) {
    case 'jws': {
      const opened = typeof proof['jws'] === 'string' ? openJws(proof['jws'], grantType) : null;
      if (opened === null || !algorithms[alg].includes(opened.header['alg'] ?? null)) return null;
      const { kid = proof['jkt'] } = opened.header;
      return kid === proof['jkt'] ? opened : null;
    }
    case 'webauthn': {
      const { authenticatorData, clientDataJSON, signature } = proof;
      const opened = openAssertion({ authenticatorData, clientDataJSON, signature }, hash);
      if (opened === null || alg === 'EdDSA') return opened;
      const halves = signatureFromDer(opened.signature);
      return halves === null ? null : { signed: opened.signed, signature: halves };
    }
    default:
      return null;
  }
}

/**
 * That each grant of a book is signed by the key whose thumbprint its record names. A thumbprint is
 * a key's own, so that the keys may come from anywhere.
 * @param records of a verified book
 * @param keys public JWKs: at least those that signed
 * @returns how many grants there are
 * @throws GrantSignatureRefused
 */
export function verifyGrantSignatures(
  records: readonly RecordBody[],
  keys: readonly JsonValue[],
  means: Means = {},
): number {
  const byThumbprint = new Map<JsonValue, SigningKey>();
  for (const jwk of keys) {
    const key = signingKeyOf(jwk);
    if (key === null)
      throw new GrantSignatureRefused(
        'grant_key_malformed',
        'one of the keys is no public key of Ed25519 or P-256',
      );
    byThumbprint.set(thumbprintOf(key), key);
  }
  let grants = 0;
  for (const { type, version, data } of records) {
    if (type !== 'ConsentGranted') continue;
    grants += 1;
    const proof = isObject(data['proof']) ? data['proof'] : {};
    const key = byThumbprint.get(proof['jkt'] ?? null);
    if (key === undefined)
      throw new GrantSignatureRefused(
        'grant_key_missing',
        'the key that a grant names is not among the keys',
        { version },
      );
    const grant = signedGrantIn(proof, key.alg, means);
    if (grant === null || !isSignedBy(key, grant.signed, grant.signature, means))
      throw new GrantSignatureRefused(
        'grant_signature_wrong',
        'a grant is not signed by the key that its record names',
        { version },
      );
  }
  return grants;
}
