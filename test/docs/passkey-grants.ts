import { p256 } from '@noble/curves/nist.js';
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { base64url, type JsonObject, type JsonValue, ProductError, utf8Bytes } from '#libs/kernel';
import type { RecordBody } from '#libs/log';
import {
  checkConsents,
  grantChallenge,
  matchCommitment,
  type SigningKey,
  thumbprintOf,
  verifyGrantSignatures,
} from '#libs/verify';

/*
 * Grants by passkey for implementers of a second verifier: the data of a request and of a grant,
 * and the key. Every key and number is made up and the same each time.
 */

const secret = new Uint8Array(32).fill(5);
const p256Key: SigningKey = {
  alg: 'ES256',
  publicKey: p256.getPublicKey(secret, false).subarray(1),
};
const edKey: SigningKey = { alg: 'EdDSA', publicKey: ed25519.getPublicKey(secret) };

const jwkOf = ({ alg, publicKey }: SigningKey): JsonObject => {
  const x = base64url(publicKey.subarray(0, 32));
  return alg === 'EdDSA'
    ? { kty: 'OKP', crv: 'Ed25519', x }
    : { kty: 'EC', crv: 'P-256', x, y: base64url(publicKey.subarray(32)) };
};

const match = { digits: '37', salt: base64url(new Uint8Array(32).fill(6)) };
const request = {
  consent: 'consent-1',
  case: 'case-1',
  action: 'read',
  basis: 'consent',
  notice: { hash: base64url(sha256(utf8Bytes('the text'))) },
  match: { commitment: matchCommitment('consent-1', match) },
};
const terms = {
  capacity: 'self',
  case: request.case,
  consent: request.consent,
  digits: match.digits,
  noticeHash: request.notice.hash,
};

interface Change {
  readonly key?: SigningKey;
  readonly challenge?: string;
  readonly origin?: string;
  readonly rpId?: string;
  readonly type?: string;
  readonly flags?: number;
  readonly more?: JsonObject;
  readonly behind?: Uint8Array;
  readonly der?: (der: Uint8Array) => Uint8Array;
}

function grant(change: Change = {}): JsonObject {
  const { key = p256Key, rpId = 'city.example', flags = 0x1d, der = (same) => same } = change;
  const clientData = utf8Bytes(
    JSON.stringify({
      type: change.type ?? 'webauthn.get',
      challenge: change.challenge ?? grantChallenge(terms),
      origin: change.origin ?? 'https://ledger.city.example',
      crossOrigin: false,
      ...change.more,
    }),
  );
  const count = [0, 0, 0, 9];
  const behind = change.behind ?? new Uint8Array();
  const data = new Uint8Array([...sha256(utf8Bytes(rpId)), flags, ...count, ...behind]);
  const signed = new Uint8Array([...data, ...sha256(clientData)]);
  const signature =
    key.alg === 'EdDSA'
      ? ed25519.sign(signed, secret)
      : der(p256.sign(signed, secret, { format: 'der', lowS: false }));
  return {
    consent: request.consent,
    capacity: 'self',
    match,
    proof: {
      method: 'webauthn',
      credentialId: base64url(new Uint8Array(16).fill(4)),
      authenticatorData: base64url(data),
      clientDataJSON: base64url(clientData),
      signature: base64url(signature),
      jkt: thumbprintOf(key),
    },
  };
}

const withProof = (granted: JsonObject, proof: JsonObject): JsonObject => ({
  ...granted,
  proof: { ...(granted['proof'] as JsonObject), ...proof },
});

const cases: readonly (readonly [string, JsonObject, SigningKey?])[] = [
  ['a grant by a passkey of P-256', grant()],
  ['by one of Ed25519', grant({ key: edKey }), edKey],
  [
    'on a page of the RP ID itself, at another port',
    grant({ origin: 'https://city.example:8443' }),
  ],
  ['with a member in the client data that means nothing', grant({ more: { other: 'x' } })],
  [
    'with data of extensions behind the count',
    grant({ flags: 0x9d, behind: new Uint8Array([160]) }),
  ],
  ['over another number', grant({ challenge: grantChallenge({ ...terms, digits: '38' }) })],
  ['over another case', grant({ challenge: grantChallenge({ ...terms, case: 'case-2' }) })],
  ['over another text', grant({ challenge: grantChallenge({ ...terms, noticeHash: 'x' }) })],
  ['for a sibling of the page’s host', grant({ rpId: 'other.city.example' })],
  ['on a page without TLS', grant({ origin: 'http://ledger.city.example' })],
  ['on a page whose host ends like the RP ID', grant({ origin: 'https://mycity.example' })],
  ['in a page inside another', grant({ more: { crossOrigin: true } })],
  ['without a test of the user', grant({ flags: 0x19 })],
  ['without a user who was present', grant({ flags: 0x1c })],
  ['that made a passkey', grant({ type: 'webauthn.create' })],
  ['backed up, and not eligible to be', grant({ flags: 0x15 })],
  ['with bytes behind the count that no flag tells of', grant({ behind: new Uint8Array([160]) })],
  [
    'with a signature that has a byte behind it',
    grant({ der: (der) => new Uint8Array([...der, 0]) }),
  ],
  [
    'with another signature',
    withProof(grant(), {
      signature: (grant({ more: { other: 'x' } })['proof'] as JsonObject)['signature'] ?? null,
    }),
  ],
  ['by a key that the grant does not name', grant(), edKey],
];

/** The vectors, each with what this verifier says. */
export const passkeyGrants = () => ({
  request,
  grants: cases.map(([what, granted, key = p256Key]) => {
    const jwk = jwkOf(key);
    return { what, grant: granted, key: jwk, result: verdict(request, granted, jwk) };
  }),
});

export function verdict(asked: JsonObject, granted: JsonObject, key: JsonValue): JsonObject {
  const records = [
    { type: 'ConsentRequested', data: asked },
    { type: 'ConsentGranted', data: granted },
  ].map((one, version) => ({ ...one, schema: 1, version }) as RecordBody);
  try {
    checkConsents(records);
    verifyGrantSignatures(records, [key]);
    return { holds: true };
  } catch (error) {
    if (error instanceof ProductError) return { holds: false, code: String(error.code) };
    throw error;
  }
}
