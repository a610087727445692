import { readCompactJws, JwsRefused, type Jwk } from '#libs/identity';
import {
  canonicalize,
  epochSeconds,
  fromBase64url,
  type Instant,
  type JsonObject,
  type JsonValue,
  utf8Text,
} from '#libs/kernel';
import { ApplicationRefused } from './case.errors.js';

/**
 * What a phone signs to open a case online: a compact JWS, `typ` as here, over the RFC 8785 bytes
 * of these members and no others.
 */
export const applicationType = 'case-application+jws';

export interface SignedApplication {
  readonly act: 'open';
  readonly capacity: 'self';
  /**
   * The id that the case gets: 128 random bits, base64url. A signature opens no second case,
   * because the case's stream exists by then.
   */
  readonly case: string;
  /** Code and Chinese name of the matter and its department, as the holder was shown them. */
  readonly matter: string;
  readonly matterName: string;
  readonly department: string;
  /** NumericDate. */
  readonly iat: number;
}

/** Seconds by which a phone's clock may be off, as for its DPoP proofs. */
const clockSeconds = 60;

const members = ['act', 'capacity', 'case', 'department', 'iat', 'matter', 'matterName'];
const texts = ['department', 'matter', 'matterName'];

/**
 * Verifies a holder's application under the key of the phone that sends it.
 * @param key the phone's public key as it was enrolled
 * @throws ApplicationRefused
 */
export function readApplication(
  jws: string,
  key: Jwk,
  jkt: string,
  now: Instant,
): SignedApplication {
  const { header, payload } = verified(jws, key);
  if (header['kid'] !== undefined && header['kid'] !== jkt)
    throw new ApplicationRefused(
      'application_signature_refused',
      'the application names another key',
    );
  if (!isApplication(payload))
    throw malformed('An application has act, capacity, case, department, iat, matter, matterName.');
  if (!isCanonical(jws, payload)) throw malformed('The payload is RFC 8785 canonical JSON.');
  if (Math.abs(epochSeconds(now) - payload.iat) > clockSeconds)
    throw new ApplicationRefused(
      'application_stale',
      'the application was not signed just now',
      {},
      { hint: 'Check the clock of the phone.' },
    );
  return payload;
}

const malformed = (hint: string) =>
  new ApplicationRefused(
    'application_malformed',
    'what was signed is not of the form of an application',
    {},
    { hint },
  );

function verified(jws: string, key: Jwk) {
  try {
    return readCompactJws(jws, {
      typ: applicationType,
      algorithms: ['EdDSA', 'Ed25519', 'ES256'],
      key,
    });
  } catch (cause) {
    if (!(cause instanceof JwsRefused)) throw cause;
    throw new ApplicationRefused(
      'application_signature_refused',
      'the application is not signed by the phone that sends it',
      { check: cause.code },
      { cause },
    );
  }
}

/** Ids are as the ledger's own: 22 letters that no command line takes for an option. */
const isId = (value: JsonValue | undefined): boolean =>
  typeof value === 'string' && /^[A-Za-z0-9_][A-Za-z0-9_-]{21}$/.test(value);

const isApplication = (payload: JsonObject): payload is JsonObject & SignedApplication =>
  Object.keys(payload).sort().join() === members.join() &&
  isId(payload['case']) &&
  texts.every((member) => typeof payload[member] === 'string') &&
  payload['act'] === 'open' &&
  payload['capacity'] === 'self' &&
  Number.isSafeInteger(payload['iat']);

/** One meaning, one spelling: the bytes kept as proof can be derived from the members. */
function isCanonical(jws: string, payload: JsonObject): boolean {
  const bytes = fromBase64url(jws.split('.')[1] ?? '');
  return bytes !== null && utf8Text(bytes) === canonicalize(payload);
}
