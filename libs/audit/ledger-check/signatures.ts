import { type Jwk, JwsRefused, readCompactJws, verifyCompactJws } from '#libs/identity';
import type { JsonObject } from '#libs/kernel';
import type { Finding, What } from './finding.js';

/**
 * A signature that is still to be checked, apart from the reading: it costs a hundred times as much as a hash. Plain data: it travels to
 * whichever thread has time.
 */
export interface SignatureToCheck {
  readonly leaf: number;
  readonly stream: string;
  readonly version: number;
  readonly jws: string;
  /** The public key as a JWK. */
  readonly key: JsonObject;
  /** Of a grant, what its payload must say; null for what an authority signed. */
  readonly grant: Readonly<Record<'consent' | 'case' | 'noticeHash', string>> | null;
}

const algorithms = ['EdDSA', 'Ed25519', 'ES256'] as const;

/** What is wrong with the signature or, for a grant, with what it signs; null where nothing is. */
export function checkSignature(toCheck: SignatureToCheck): Finding | null {
  const { leaf, stream, version, jws, grant } = toCheck;
  const finding = (what: What): Finding => ({ leaf, stream, version, what });
  const key = toCheck.key as Jwk;
  try {
    if (grant === null) {
      verifyCompactJws(jws, { typ: null, algorithms, key });
      return null;
    }
    const { payload } = readCompactJws(jws, { typ: 'consent-grant+jws', algorithms, key });
    const same =
      payload['consent'] === grant.consent &&
      payload['case'] === grant.case &&
      payload['noticeHash'] === grant.noticeHash &&
      payload['answer'] === 'grant';
    return same ? null : finding('grant_of_other_request');
  } catch (error) {
    if (!(error instanceof JwsRefused)) throw error;
    return finding(grant === null ? 'authority_signature' : 'grant_signature');
  }
}

/** In their order, those that are wrong. */
export const wrongSignatures = (signatures: readonly SignatureToCheck[]): Finding[] =>
  signatures.flatMap((signature) => checkSignature(signature) ?? []);
