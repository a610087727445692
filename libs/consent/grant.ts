import { readCompactJws, JwsRefused, type Jwk } from '#libs/identity';
import {
  canonicalize,
  epochSeconds,
  fromBase64url,
  type Instant,
  isObject,
  type JsonObject,
  utf8Text,
} from '#libs/kernel';
import { grantType, isDigits } from '#libs/verify';
import { GrantRefused } from './consent.errors.js';
import { capacities, type Capacity } from './consent.events.js';

/**
 * What a phone signs: a compact JWS, `typ` `grantType`, over the RFC 8785 bytes of these members
 * and no others.
 */
interface SignedGrant {
  readonly consent: string;
  readonly case: string;
  readonly noticeHash: string;
  readonly answer: 'grant';
  readonly capacity: Capacity;
  /** The number that the holder typed; null where the window shows none. */
  readonly digits: string | null;
  /** NumericDate. */
  readonly iat: number;
}

/** Seconds by which a phone's clock may be off, as for its DPoP proofs. */
const clockSeconds = 60;

const members = ['answer', 'capacity', 'case', 'consent', 'digits', 'iat', 'noticeHash'];

/**
 * Verifies a holder's signed grant under the key of the phone that sends it.
 * @param key the phone's public key as it was enrolled
 * @throws GrantRefused
 */
export function readGrant(jws: string, key: Jwk, jkt: string, now: Instant): SignedGrant {
  const { header, payload } = verified(jws, key);
  if (header['kid'] !== undefined && header['kid'] !== jkt)
    throw new GrantRefused('grant_signature_refused', 'the grant names another key');
  if (!isGrant(payload))
    throw malformed('A grant has answer, capacity, case, consent, digits, iat and noticeHash.');
  if (!isCanonical(jws, payload)) throw malformed('The payload is RFC 8785 canonical JSON.');
  if (Math.abs(epochSeconds(now) - payload.iat) > clockSeconds)
    throw new GrantRefused(
      'grant_stale',
      'the grant was not signed just now',
      {},
      {
        hint: 'Check the clock of the phone.',
      },
    );
  return payload;
}

const malformed = (hint: string) =>
  new GrantRefused(
    'grant_malformed',
    'what was signed is not of the form of a grant',
    {},
    { hint },
  );

function verified(jws: string, key: Jwk) {
  try {
    return readCompactJws(jws, { typ: grantType, algorithms: ['EdDSA', 'Ed25519', 'ES256'], key });
  } catch (cause) {
    if (!(cause instanceof JwsRefused)) throw cause;
    throw new GrantRefused(
      'grant_signature_refused',
      'the grant is not signed by the phone that sends it',
      { check: cause.code },
      { cause },
    );
  }
}

function isGrant(payload: JsonObject): payload is JsonObject & SignedGrant {
  return (
    isObject(payload) &&
    Object.keys(payload).sort().join() === members.join() &&
    typeof payload['consent'] === 'string' &&
    typeof payload['case'] === 'string' &&
    typeof payload['noticeHash'] === 'string' &&
    payload['answer'] === 'grant' &&
    (payload['digits'] === null || isDigits(payload['digits'])) &&
    capacities.some((capacity) => capacity === payload['capacity']) &&
    Number.isSafeInteger(payload['iat'])
  );
}

/** One meaning, one spelling: the bytes kept as proof can be derived from the members. */
function isCanonical(jws: string, payload: JsonObject): boolean {
  const bytes = fromBase64url(jws.split('.')[1] ?? '');
  return bytes !== null && utf8Text(bytes) === canonicalize(payload);
}
