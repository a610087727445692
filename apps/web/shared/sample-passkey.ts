import { createStore, get, set } from 'idb-keyval';
import { base64url, fromBase64url, utf8Bytes } from '#libs/kernel';
import { sampleAaguid } from '#libs/log';

/*
 * The passkey of a trial's clerk, where a visitor ought to need no authenticator: a key that this
 * browser keeps, and no script can copy. It proves no person: the city takes it in a trial on its
 * own machine alone, and the record says that it is a sample.
 */

const store = createStore('mianzheng-sample', 'passkeys');
const kept = 'sample';

interface Sample {
  readonly pair: CryptoKeyPair;
  readonly credential: string;
  /** The operator's id, as the city gave it. */
  readonly userHandle: string;
}

interface Creation {
  readonly challenge: string;
  readonly rp: { readonly id?: string };
  readonly user: { readonly id: string };
}
interface Request {
  readonly challenge: string;
  readonly rpId?: string;
}

/** Whether this browser has one. */
export const hasSample = async (): Promise<boolean> =>
  (await get<Sample>(kept, store)) !== undefined;

/** Answers a creation (Web Authentication Level 3, section 6.5.4) with attestation `none`. */
export async function createSample({ challenge, rp, user }: Creation) {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, [
    'sign',
    'verify',
  ]);
  const id = crypto.getRandomValues(new Uint8Array(16));
  const credential = base64url(id);
  const { x = '', y = '' } = await crypto.subtle.exportKey('jwk', pair.publicKey);
  // RFC 9053, section 7.1.1: {1: 2, 3: -7, -1: 1, -2: x, -3: y}
  const key = bytes([0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32], x, [0x22, 0x58, 32], y);
  const aaguid = Uint8Array.from(sampleAaguid.replaceAll('-', '').match(/../g) ?? [], hexByte);
  const authData = bytes(await authenticatorData(rp.id, 0x40), aaguid, [0, id.length], id, key);
  const attestation = bytes(
    [0xa3],
    textItem('fmt'),
    textItem('none'),
    textItem('attStmt'),
    [0xa0],
    textItem('authData'),
    [0x58, authData.length],
    authData,
  );
  await set(kept, { pair, credential, userHandle: user.id } satisfies Sample, store);
  return answerOf(credential, {
    clientDataJSON: base64url(clientData('webauthn.create', challenge)),
    attestationObject: base64url(attestation),
    transports: [],
  });
}

/** Answers a request (section 6.3.3). @throws DOMException where this browser has no sample */
export async function getSample({ challenge, rpId }: Request) {
  const sample = await get<Sample>(kept, store);
  if (sample === undefined) throw new DOMException('no sample passkey', 'NotAllowedError');
  const data = await authenticatorData(rpId, 0);
  const client = clientData('webauthn.get', challenge);
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', client));
  const signature = await crypto.subtle.sign(
    { name: 'ECDSA', hash: 'SHA-256' },
    sample.pair.privateKey,
    bytes(data, hash),
  );
  return answerOf(sample.credential, {
    clientDataJSON: base64url(client),
    authenticatorData: base64url(data),
    signature: base64url(der(new Uint8Array(signature))),
    userHandle: sample.userHandle,
  });
}

const hexByte = (pair: string): number => Number.parseInt(pair, 16);

const answerOf = (id: string, response: object) => ({
  id,
  rawId: id,
  type: 'public-key',
  response,
  clientExtensionResults: {},
});

const clientData = (type: string, challenge: string): Uint8Array<ArrayBuffer> =>
  utf8Bytes(JSON.stringify({ type, challenge, origin: location.origin, crossOrigin: false }));

/** Section 6.1: present and verified, and a counter that stays 0. */
async function authenticatorData(rpId = location.hostname, more: number) {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', utf8Bytes(rpId)));
  return bytes(hash, [0x05 | more, 0, 0, 0, 0]);
}

/** A text string of CBOR, of fewer than 24 bytes. */
const textItem = (text: string): Uint8Array => bytes([0x60 + text.length], utf8Bytes(text));

function bytes(
  ...parts: readonly (string | readonly number[] | Uint8Array)[]
): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(
    parts.flatMap((part) => [
      ...(typeof part === 'string' ? (fromBase64url(part) ?? []) : (part as Iterable<number>)),
    ]),
  );
}

/** The signature of WebCrypto, r and s, as `Ecdsa-Sig-Value` of RFC 3279, section 2.2.3. */
function der(raw: Uint8Array): Uint8Array {
  const [r, s] = [integer(raw.subarray(0, 32)), integer(raw.subarray(32))];
  return bytes([0x30, r.length + s.length], r, s);
}

function integer(value: Uint8Array): Uint8Array {
  const first = value.findIndex((byte) => byte !== 0);
  const digits = value.subarray(first < 0 ? value.length - 1 : first);
  const sign = (digits[0] ?? 0) & 0x80 ? [0] : [];
  return bytes([0x02, digits.length + sign.length], sign, digits);
}
