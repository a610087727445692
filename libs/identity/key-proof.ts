import { canonicalize, type Instant, InvalidError, type JsonObject } from '#libs/kernel';
import type { ClientKey, ClientRegistered } from './identity.events.js';
import { readPublicKey } from './jwk.js';
import { type Jwk, JwsRefused, readCompactJws } from './jws.js';

/** The proof of possession is missing, of another client, city or key, or not signed by the key. */
export class KeyProofRefused extends InvalidError<
  'key_proof_signature_wrong' | 'key_proof_of_other_client' | 'key_proof_out_of_time'
> {}

/**
 * `typ` of the three statements; their payloads have the members that `claims…` below give them,
 * `aud`, `iat`, and no others.
 */
export const registrationProofType = 'client-registration+jws';
export const newKeyProofType = 'client-key+jws';
export const keyApprovalType = 'client-key-approval+jws';

/**
 * What a new client's key signs: all that the register will hold, except what the administrator
 * permits it.
 */
export type ClientDetails = Pick<
  ClientRegistered['data'],
  'kind' | 'name' | 'department' | 'window' | 'town' | 'authority'
>;

/** Where and when a statement about a key counts: `city` is the log's origin. */
export interface ProofPlace {
  readonly city: string;
  readonly at: Instant;
}

const algorithms = ['EdDSA', 'Ed25519', 'ES256'] as const;
/**
 * Seconds. Statements are made where the key is, and carried to an administrator; clocks differ by
 * some minutes.
 */
const maxLifeSeconds = 30 * 24 * 3600;
const clocksDiffer = 300;

/** What is kept of a public JWK. @throws KeyRefused */
export function clientKey(jwk: Jwk, proof: string | null): ClientKey {
  const { jkt, algorithms: own, jwk: kept } = readPublicKey(jwk);
  return { kid: jkt, alg: own.includes('ES256') ? 'ES256' : 'EdDSA', jwk: kept, proof };
}

/**
 * That a key's holder made it for a client of these details in this city.
 * @throws KeyRefused, KeyProofRefused
 */
export function provedKey(
  { jwk, proof }: { readonly jwk: Jwk; readonly proof: string },
  details: ClientDetails,
  place: ProofPlace,
): ClientKey {
  const key = clientKey(jwk, proof);
  readProof(proof, { typ: registrationProofType, key, claims: claimsOf(details) }, place);
  return key;
}

const claimsOf = ({ kind, name, department, window, town, authority }: ClientDetails) => ({
  kind,
  name,
  department,
  window,
  town,
  authority:
    authority === null
      ? null
      : { creditCode: authority.creditCode, name: authority.name, types: authority.types },
});

/**
 * Verifies that the key that will replace a client's others was made for this client by its holder.
 * @throws KeyRefused, KeyProofRefused
 */
export function provedNewKey(
  { jwk, proof }: { readonly jwk: Jwk; readonly proof: string },
  client: string,
  place: ProofPlace,
): ClientKey {
  const key = clientKey(jwk, proof);
  readProof(proof, { typ: newKeyProofType, key, claims: { client } }, place);
  return key;
}

/**
 * That `by` signed, with a key of its own, that this client gets this key: the client itself with
 * the key it had, or an administrator.
 * @param jkt thumbprint of the new key
 * @throws KeyProofRefused
 */
export function checkKeyApproval(
  jws: string,
  { key, by, client, jkt }: Record<'by' | 'client' | 'jkt', string> & { readonly key: SigningHalf },
  place: ProofPlace,
): void {
  readProof(jws, { typ: keyApprovalType, key, claims: { by, client, jkt } }, place);
}

/** A public key as the register has it. */
export type SigningHalf = Pick<ClientKey, 'kid'> & {
  readonly jwk: Readonly<Record<string, unknown>>;
};

function readProof(
  jws: string,
  { typ, key, claims }: { typ: string; key: SigningHalf; claims: JsonObject },
  { city, at }: ProofPlace,
): void {
  let payload;
  try {
    ({ payload } = readCompactJws(jws, {
      typ,
      algorithms,
      keyOf: ({ kid }) => (kid === key.kid ? key.jwk : null),
    }));
  } catch (cause) {
    if (!(cause instanceof JwsRefused)) throw cause;
    throw new KeyProofRefused(
      'key_proof_signature_wrong',
      'the key did not sign this statement',
      { typ, kid: key.kid, why: cause.code },
      { cause, hint: 'It is a compact JWS by the key itself, its thumbprint the kid.' },
    );
  }
  const { iat, ...rest } = payload;
  if (canonicalize(rest) !== canonicalize({ aud: city, ...claims }))
    throw new KeyProofRefused(
      'key_proof_of_other_client',
      'the statement is about another client, key or city, or has other members',
      { typ, kid: key.kid, differs: differing(rest, { aud: city, ...claims }) },
      { hint: 'aud is the origin of the log, which /log/checkpoint begins with.' },
    );
  const now = Date.parse(at) / 1000;
  if (
    !Number.isSafeInteger(iat) ||
    Number(iat) > now + clocksDiffer ||
    Number(iat) < now - maxLifeSeconds
  )
    throw new KeyProofRefused(
      'key_proof_out_of_time',
      'the statement is over 30 days old, or of the future',
      { typ, kid: key.kid },
      { hint: 'Sign a new one where the key is.' },
    );
}

/** Names of the members in which two objects differ. */
const differing = (one: JsonObject, other: JsonObject): string[] =>
  [...new Set([...Object.keys(one), ...Object.keys(other)])].filter(
    (name) =>
      !Object.hasOwn(one, name) ||
      !Object.hasOwn(other, name) ||
      canonicalize(one[name] ?? null) !== canonicalize(other[name] ?? null),
  );
