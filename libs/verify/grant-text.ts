import { sha256 } from '@noble/hashes/sha2.js';
import { base64url, canonicalize, type JsonValue, utf8Bytes } from '#libs/kernel';
import type { Sha256 } from '#libs/log';

/** `typ` of what a phone's key signs, and of what a passkey signs the hash of. */
export const grantType = 'consent-grant+jws';
export const passkeyGrantType = 'consent-grant+webauthn';

/** The members of a `jws` grant, without its time: a passkey tells none, and the record does. */
export interface GrantTerms {
  readonly capacity: JsonValue;
  readonly case: JsonValue;
  readonly consent: JsonValue;
  readonly digits: JsonValue;
  readonly noticeHash: JsonValue;
}

/**
 * The challenge that a passkey signs to grant: SHA-256, base64url, of RFC 8785 of the terms,
 * `answer` and `typ`.
 */
export function grantChallenge(
  { capacity, case: atCase, consent, digits, noticeHash }: GrantTerms,
  hash: Sha256 = sha256,
): string {
  const signed = {
    answer: 'grant',
    capacity,
    case: atCase,
    consent,
    digits,
    noticeHash,
    typ: passkeyGrantType,
  };
  return base64url(hash(utf8Bytes(canonicalize(signed))));
}
