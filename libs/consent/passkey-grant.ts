import { isSignedWith, type Jwk, readPublicKey } from '#libs/identity';
import type { Passkey } from '#libs/subject';
import { grantChallenge, readAssertion, signatureFromDer } from '#libs/verify';
import { GrantRefused } from './consent.errors.js';
import type { Capacity, ConsentRequested, WebAuthnProof } from './consent.events.js';

/** What a phone's passkey answered, and the number that it was asked to sign. */
export interface PasskeyAnswer extends Omit<WebAuthnProof, 'method' | 'jkt'> {
  /** The number that the holder typed; null where the window shows none. */
  readonly digits: string | null;
}

/**
 * Verifies a grant by a passkey (Web Authentication Level 3, section 7.2). The challenge is the
 * hash of the request's own terms and the digits, so that nothing but these can have been signed.
 * @param origin of the city's pages
 * @throws GrantRefused
 */
export function readPasskeyGrant(
  { digits, ...answer }: PasskeyAnswer,
  passkey: Pick<Passkey, 'jwk' | 'rpId'>,
  { consent, case: atCase, notice }: ConsentRequested['data'],
  origin: string,
) {
  const capacity: Capacity = 'self';
  const signed = { consent, case: atCase, noticeHash: notice.hash, capacity, digits };
  const challenge = grantChallenge(signed);
  const read = readAssertion(answer, { challenge, rpId: passkey.rpId });
  if (typeof read === 'string') throw refusals[read]();
  if (read.origin !== origin) throw refusals.other_site();
  if (!isSigned(passkey.jwk, read)) throw signatureRefused();
  return signed;
}

function isSigned(
  jwk: Jwk,
  { signed, signature }: Readonly<Record<'signed' | 'signature', Uint8Array>>,
): boolean {
  const key = readPublicKey(jwk);
  const [algorithm] = key.algorithms;
  switch (algorithm) {
    case 'ES256': {
      const halves = signatureFromDer(signature);
      return halves !== null && isSignedWith(algorithm, key, signed, halves);
    }
    case 'EdDSA':
      return isSignedWith(algorithm, key, signed, signature);
    default:
      return false;
  }
}

const signatureRefused = () =>
  new GrantRefused('grant_signature_refused', 'the grant is not signed by the passkey');

const refusals = {
  malformed: () =>
    new GrantRefused(
      'grant_malformed',
      'what was signed is not of the form of a grant',
      {},
      { hint: 'Send what navigator.credentials.get answered, and nothing else.' },
    ),
  other_challenge: () =>
    new GrantRefused('grant_for_another_text', 'what was signed is not the text of this one'),
  other_site: () =>
    new GrantRefused(
      'grant_from_elsewhere',
      'the passkey was used on a page that is not one of this city',
    ),
  user_not_verified: () =>
    new GrantRefused(
      'grant_user_not_verified',
      'the passkey did not ask for PIN, fingerprint or face',
    ),
} as const;
