import { sha256 } from '@noble/hashes/sha2.js';
import {
  canonicalize,
  fromBase64url,
  isObject,
  type JsonObject,
  type JsonValue,
  parseJson,
  RefusedError,
  Unreachable,
  utf8Text,
} from '#libs/kernel';
import type { RecordBody, Sha256 } from '#libs/log';
import { isAction, isBasis } from './consent-terms.js';
import { grantChallenge } from './grant-text.js';
import { isNumberMatch, matchCommitment } from './number-match.js';
import { type AssertionFault, readAssertion, signCountGrows, signCountOf } from './webauthn.js';

/** A book tells of a consent what no ledger that keeps its rules can have written. */
export class BookConsentsRefused extends RefusedError<
  | 'consent_twice'
  | 'consent_terms_unknown' // an action or a basis that this verifier does not know
  | 'consent_schema_unknown'
  | 'grant_without_request' // not requested, or answered before
  | 'grant_proof_unsupported' // this verifier can check grants of phones' keys and passkeys alone
  | 'grant_malformed'
  | 'grant_of_other_site' // a passkey of another RP ID, or by a page that may not use it
  | 'grant_user_not_verified' // a passkey without a test of its user
  | 'grant_counter_behind' // the passkey's count did not grow: it may be a copy
  | 'grant_of_other_request' // what was signed is of another consent, case or text
  | 'grant_number_not_opened' // the request's commitment is to other digits, or to none
  | 'grant_of_other_number' // other digits were signed than the window showed
  | 'mismatch_without_request' // no number was requested, or it was answered before
  | 'release_without_grant'
  | 'release_of_other_terms' // another action, or another basis, than was granted
> {}

const judged = new Set([
  'ConsentRequested',
  'ConsentGranted',
  'ConsentRefused',
  'ConsentEnded',
  'NumberMismatched',
  'ConsentRedeemed',
]);
const numberTries = 2;

interface Asked {
  readonly request: JsonObject;
  misses: number;
  /** `over` is every other end than a yes. */
  state: 'waiting' | 'granted' | 'over';
}

type At = Readonly<Record<'version', number>>;

/**
 * What each grant of a book answers: a request of that book, by the number that its window showed,
 * with exactly this case and text signed. Signatures are checked apart (`verifyGrantSignatures`);
 * that a key was enrolled stands in the subject's own stream, see `verify ledger`.
 * @throws BookConsentsRefused
 */
export function checkConsents(records: readonly RecordBody[], hash: Sha256 = sha256): void {
  const asked = new Map<JsonValue, Asked>();
  const counts: SignCounts = new Map();
  for (const { type, schema, version, data } of records) {
    if (!judged.has(type)) continue;
    const at = { version };
    if (schema !== 1)
      throw new BookConsentsRefused(
        'consent_schema_unknown',
        'a record is of a schema that this verifier does not know',
        at,
      );
    const found = asked.get(data['consent'] ?? null);
    switch (type) {
      case 'ConsentRequested':
        if (found !== undefined)
          throw new BookConsentsRefused('consent_twice', 'a consent is asked for twice', at);
        checkTerms(data, at);
        asked.set(data['consent'] ?? null, { request: data, misses: 0, state: 'waiting' });
        break;
      case 'ConsentGranted':
        if (found?.state !== 'waiting')
          throw new BookConsentsRefused(
            'grant_without_request',
            'a grant is of a consent that did not wait for an answer',
            at,
          );
        checkGrant(found.request, data, at, hash);
        checkCount(data, counts, at);
        found.state = 'granted';
        break;
      case 'ConsentRefused':
      case 'ConsentEnded':
        if (found !== undefined) found.state = 'over';
        break;
      case 'NumberMismatched':
        if (found?.state !== 'waiting' || found.request['match'] === null)
          throw new BookConsentsRefused(
            'mismatch_without_request',
            'a wrong number is of a consent that did not wait for one',
            at,
          );
        if (++found.misses >= numberTries) found.state = 'over';
        break;
      case 'ConsentRedeemed':
        if (found?.state !== 'granted')
          throw new BookConsentsRefused(
            'release_without_grant',
            'a release is of a consent that was not granted, or had ended',
            at,
          );
        checkRelease(found.request, data, at);
    }
  }
}

function checkTerms({ action, basis }: JsonObject, at: At): void {
  if (!isAction(action) || !isBasis(basis))
    throw new BookConsentsRefused(
      'consent_terms_unknown',
      'a consent is for an action, or on a basis, that this verifier does not know',
      at,
    );
}

function checkRelease({ action, basis }: JsonObject, released: JsonObject, at: At): void {
  if (released['action'] !== action || released['basis'] !== basis)
    throw new BookConsentsRefused(
      'release_of_other_terms',
      'a release is for another action, or on another basis, than was granted',
      at,
    );
}

/** By passkey, the count that its last grant in the book showed. */
type SignCounts = Map<JsonValue, number>;

function checkGrant(request: JsonObject, granted: JsonObject, at: At, hash: Sha256): void {
  const proof = isObject(granted['proof']) ? granted['proof'] : {};
  const notice = isObject(request['notice']) ? request['notice'] : {};
  const terms = {
    capacity: granted['capacity'] ?? null,
    case: request['case'] ?? null,
    consent: request['consent'] ?? null,
    noticeHash: notice['hash'] ?? null,
  };
  const digits = openedDigits(request, granted, hash);
  switch (proof['method']) {
    case 'jws':
      checkSigned(payloadOf(proof['jws']), terms, digits, at);
      return;
    case 'webauthn': {
      if (digits === undefined) throw notOpened(at);
      const expected = { challenge: grantChallenge({ ...terms, digits }, hash), rpId: null };
      const { authenticatorData, clientDataJSON, signature } = proof;
      const read = readAssertion({ authenticatorData, clientDataJSON, signature }, expected, hash);
      if (typeof read === 'string') throw wrongAssertion(read, at);
      return;
    }
    default:
      throw new BookConsentsRefused(
        'grant_proof_unsupported',
        'a grant is by a kind of proof that this verifier cannot check',
        at,
      );
  }
}

function checkSigned(
  signed: JsonObject | null,
  terms: JsonObject,
  digits: string | null | undefined,
  at: At,
): void {
  if (signed === null)
    throw new BookConsentsRefused('grant_malformed', 'what was signed is no grant', at);
  if (
    signed['answer'] !== 'grant' ||
    Object.entries(terms).some(([member, value]) => signed[member] !== value)
  )
    throw ofOtherRequest(at);
  if (digits === undefined) throw notOpened(at);
  if (signed['digits'] !== digits)
    throw new BookConsentsRefused(
      'grant_of_other_number',
      'the number that was signed is not the one that the window showed',
      at,
    );
}

function checkCount(granted: JsonObject, counts: SignCounts, at: At): void {
  const proof = isObject(granted['proof']) ? granted['proof'] : {};
  if (proof['method'] !== 'webauthn') return;
  const { jkt = null, authenticatorData } = proof;
  const count = signCountOf({ authenticatorData }) ?? 0;
  if (!signCountGrows(counts.get(jkt) ?? 0, count))
    throw new BookConsentsRefused(
      'grant_counter_behind',
      'the sign count of a passkey did not grow: the key may have been copied',
      at,
    );
  counts.set(jkt, count);
}

const ofOtherRequest = (at: At) =>
  new BookConsentsRefused(
    'grant_of_other_request',
    'what was signed is not what was asked for',
    at,
  );

const notOpened = (at: At) =>
  new BookConsentsRefused(
    'grant_number_not_opened',
    'a grant does not open the commitment of its request to a number',
    at,
  );

function wrongAssertion(fault: AssertionFault, at: At): BookConsentsRefused {
  switch (fault) {
    case 'malformed':
      return new BookConsentsRefused('grant_malformed', 'what was signed is no grant', at);
    case 'other_challenge':
      return ofOtherRequest(at);
    case 'other_site':
      return new BookConsentsRefused(
        'grant_of_other_site',
        'a passkey was used by a page that may not use it',
        at,
      );
    case 'user_not_verified':
      return new BookConsentsRefused(
        'grant_user_not_verified',
        'a passkey did not test its user',
        at,
      );
    default:
      throw new Unreachable(fault);
  }
}

/** Null where no number was requested; undefined where the grant does not open the commitment. */
function openedDigits(
  { consent, match: asked }: JsonObject,
  { match: opened }: JsonObject,
  hash: Sha256,
): string | null | undefined {
  if (asked === null) return opened === null ? null : undefined;
  if (!isObject(asked) || !isNumberMatch(opened) || typeof consent !== 'string') return undefined;
  return matchCommitment(consent, opened, hash) === asked['commitment'] ? opened.digits : undefined;
}

/** The payload of a compact JWS in its one spelling; null where it is none. */
function payloadOf(jws: JsonValue | undefined): JsonObject | null {
  if (typeof jws !== 'string') return null;
  const [, body = '', , ...more] = jws.split('.');
  const bytes = fromBase64url(body);
  if (bytes === null || more.length > 0) return null;
  try {
    const text = utf8Text(bytes);
    const value = parseJson(text);
    return isObject(value) && canonicalize(value) === text ? value : null;
  } catch {
    return null;
  }
}
