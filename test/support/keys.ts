import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  randomUUID,
  sign,
  type webcrypto,
} from 'node:crypto';
import {
  approveNewKey,
  type ClientDetails,
  proveClientKey,
  type ProvedKey,
  proveNewKey,
  readKey,
} from '#libs/api-client';

/** The log's origin of the cities that tests start. */
const testCity = 'trial.city.example';

export type KeyKind = 'Ed25519' | 'P-256';

const encode = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

export const sha256 = (data: string | Uint8Array): string =>
  createHash('sha256').update(data).digest('base64url');

/** A key pair that signs compact tokens: what a client's or a phone's keystore does. */
export class TestKey {
  /** Public. */
  readonly jwk: JsonWebKey;
  /** RFC 7638. */
  readonly jkt: string;
  readonly alg: 'EdDSA' | 'ES256';
  readonly #privateKey: KeyObject;

  /** @param kind of a new key; or a private JWK that there is already */
  constructor(kind: KeyKind | JsonWebKey = 'Ed25519') {
    this.#privateKey =
      typeof kind === 'object'
        ? createPrivateKey({ key: kind, format: 'jwk' })
        : kind === 'Ed25519'
          ? generateKeyPairSync('ed25519').privateKey
          : generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    this.jwk = createPublicKey(this.#privateKey).export({ format: 'jwk' });
    this.alg = this.#privateKey.asymmetricKeyType === 'ed25519' ? 'EdDSA' : 'ES256';
    const { crv, kty, x, y } = this.jwk;
    this.jkt = sha256(JSON.stringify(y === undefined ? { crv, kty, x } : { crv, kty, x, y }));
  }

  /** The private key, for a test that keeps it; see `constructor`. */
  exported(): JsonWebKey {
    return this.#privateKey.export({ format: 'jwk' });
  }

  /** What registers the key for a new client, with the proof that it is held. */
  async proved(details: ClientDetails, city = testCity): Promise<ProvedKey> {
    return proveClientKey(await readKey({ ...this.exported() }), city, details);
  }

  /** What makes it the only key of a client that there is. */
  async provedFor(client: string, city = testCity): Promise<ProvedKey> {
    return proveNewKey(await readKey({ ...this.exported() }), city, client);
  }

  /** Vouches for the new key of a client. */
  async approves(of: Record<'by' | 'client' | 'jkt', string>, city = testCity) {
    return approveNewKey(await readKey({ ...this.exported() }), city, of);
  }

  /** For libraries that want the key itself, such as oauth4webapi or jose. */
  async cryptoKey(): Promise<webcrypto.CryptoKey> {
    return crypto.subtle.importKey(
      'jwk',
      this.#privateKey.export({ format: 'jwk' }),
      this.alg === 'EdDSA' ? 'Ed25519' : { name: 'ECDSA', namedCurve: 'P-256' },
      false,
      ['sign'],
    );
  }

  /**
   * A JWS in compact serialisation over `payload` (an object, or text as it is). `header` may
   * override `alg`.
   */
  sign(header: object, payload: unknown): string {
    const signed = `${encode({ alg: this.alg, ...header })}.${encode(payload)}`;
    const signature =
      this.alg === 'ES256'
        ? sign('sha256', Buffer.from(signed), {
            key: this.#privateKey,
            dsaEncoding: 'ieee-p1363',
          })
        : sign(null, Buffer.from(signed), this.#privateKey);
    return `${signed}.${signature.toString('base64url')}`;
  }

  /** A DPoP proof (RFC 9449) for one request; `claims` replace or add what a test wants wrong. */
  proof(
    request: {
      readonly method: string;
      readonly url: string;
      readonly accessToken?: string | undefined;
      readonly body?: string | Uint8Array | undefined;
    },
    claims: Record<string, unknown> = {},
    header: Record<string, unknown> = {},
  ): string {
    const { method, url, accessToken, body } = request;
    return this.sign(
      { typ: 'dpop+jwt', jwk: this.jwk, ...header },
      {
        jti: randomUUID(),
        htm: method,
        htu: url.split(/[?#]/, 1)[0],
        iat: Math.floor(Date.now() / 1000),
        ...(accessToken === undefined ? {} : { ath: sha256(accessToken) }),
        ...(body === undefined ? {} : { bh: sha256(body) }),
        ...claims,
      },
    );
  }
}
