import { hash, type KeyObject, sign } from 'node:crypto';
import { type Jwk, JwsRefused, type PublicKey, readCompactJws } from '#libs/identity';
import {
  canonicalize,
  epochSeconds,
  type Instant,
  isObject,
  type JsonObject,
  type JsonValue,
} from '#libs/kernel';
import type { Identifier } from '#libs/subject';

/*
 * What passes between a city and a department's service, as contracts/proof-source.md says it:
 * compact JWS over RFC 8785 bytes, from both sides.
 */

export const proofRequestType = 'proof-request+jws';
export const proofAnswerType = 'proof-answer+jws';

/** Bytes of a request, and of an answer with its SD-JWT, at most. */
export const maxRequestBytes = 8192;
export const maxAnswerBytes = 320 * 1024;

/** Seconds by which the other side's clock may be off. */
const clockSeconds = 60;

export interface ProofRequest {
  /** Origin of the city's log. */
  readonly iss: string;
  /** The issuing authority's client in that city. */
  readonly aud: string;
  readonly request: string;
  readonly type: string;
  readonly holder: Identifier;
  readonly purpose: { readonly zh: string; readonly en: string };
  readonly iat: number;
}

export interface ProofAnswer {
  /** SHA-256, base64url, of the request's compact JWS. */
  readonly request: string;
  readonly outcome: 'made' | 'none';
  /** SHA-256, base64url, of the SD-JWT beside it; null where there is none. */
  readonly sdJwt: string | null;
  readonly iat: number;
}

/** Who signs: an Ed25519 or P-256 key, under its thumbprint. */
export interface Signer {
  readonly kid: string;
  readonly alg: 'EdDSA' | 'ES256';
  readonly key: KeyObject;
}

export function signRequest({ holder, ...request }: ProofRequest, signer: Signer): string {
  const { kind, number, issuer } = holder;
  const named = { kind, number, ...(issuer != null && { issuer }) };
  return compactJws(proofRequestType, { ...request, holder: named }, signer);
}

export const signAnswer = (answer: ProofAnswer, signer: Signer): string =>
  compactJws(proofAnswerType, { ...answer }, signer);

/**
 * @param keyOf the city's published key of this id
 * @throws JwsRefused
 */
export function readRequest(
  jws: string,
  keyOf: (kid: JsonValue | undefined) => Jwk | PublicKey | null,
  expected: { readonly iss: string; readonly aud: string; readonly now: Instant },
): ProofRequest {
  const { payload } = readCompactJws(jws, {
    typ: proofRequestType,
    algorithms: ['EdDSA', 'ES256'],
    keyOf: ({ kid }) => keyOf(kid),
  });
  const { iss, aud, request, type, holder, purpose, iat, ...others } = payload;
  const isWhole =
    Object.keys(others).length === 0 &&
    iss === expected.iss &&
    aud === expected.aud &&
    typeof request === 'string' &&
    typeof type === 'string' &&
    isIdentifier(holder) &&
    isObject(purpose) &&
    typeof purpose['zh'] === 'string' &&
    typeof purpose['en'] === 'string' &&
    isNow(iat, expected.now);
  if (!isWhole) throw malformed('the request is not one for this service at this moment');
  return payload as unknown as ProofRequest;
}

/**
 * @param request the compact JWS that was sent
 * @param keyOf the authority's registered key of this id
 * @throws JwsRefused
 */
export function readAnswer(
  jws: string,
  keyOf: (kid: JsonValue | undefined) => Jwk | PublicKey | null,
  sent: { readonly request: string; readonly sdJwt: string | null; readonly now: Instant },
): ProofAnswer {
  const { payload } = readCompactJws(jws, {
    typ: proofAnswerType,
    algorithms: ['EdDSA', 'ES256'],
    keyOf: ({ kid }) => keyOf(kid),
  });
  const { request, outcome, sdJwt, iat, ...others } = payload;
  const isWhole =
    Object.keys(others).length === 0 &&
    request === digestOf(sent.request) &&
    sdJwt === (sent.sdJwt === null ? null : digestOf(sent.sdJwt)) &&
    outcome === (sent.sdJwt === null ? 'none' : 'made') &&
    isNow(iat, sent.now);
  if (!isWhole) throw malformed('the answer is not one to this request');
  return payload as unknown as ProofAnswer;
}

/** SHA-256 of ASCII letters, base64url. */
export const digestOf = (text: string): string => hash('sha256', text, 'base64url');

const malformed = (why: string) => new JwsRefused('jws_payload_malformed', why);

const isNow = (iat: JsonValue | undefined, now: Instant): boolean =>
  typeof iat === 'number' &&
  Number.isSafeInteger(iat) &&
  Math.abs(epochSeconds(now) - iat) <= clockSeconds;

function isIdentifier(value: JsonValue | undefined): boolean {
  if (!isObject(value)) return false;
  const { kind, number, issuer, ...others } = value;
  return (
    Object.keys(others).length === 0 &&
    typeof kind === 'string' &&
    typeof number === 'string' &&
    (issuer === undefined || typeof issuer === 'string')
  );
}

function compactJws(typ: string, payload: JsonObject, { kid, alg, key }: Signer): string {
  const words = [{ alg, kid, typ }, payload]
    .map((part) => Buffer.from(canonicalize(part), 'utf8').toString('base64url'))
    .join('.');
  const bytes = Buffer.from(words, 'ascii');
  const signature =
    alg === 'EdDSA'
      ? sign(null, bytes, key)
      : sign('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' });
  return `${words}.${signature.toString('base64url')}`;
}
