import {
  createHash,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyPairKeyObjectResult,
  randomBytes,
  sign,
} from 'node:crypto';
import { isoCBOR } from '@simplewebauthn/server/helpers';
import { readPublicKey } from '#libs/identity';
import { coseOf } from '../../libs/identity/operators/passkeys/cose.js';
import type { KeyKind } from './keys.js';

/** What a test wants different in an authenticator's answer. */
export interface WrongAnswer {
  readonly challenge?: string;
  readonly origin?: string;
  readonly rpId?: string;
  readonly userVerified?: boolean;
  readonly crossOrigin?: boolean;
  readonly counter?: number;
  readonly userHandle?: string;
  readonly type?: string;
  /** In hexadecimal. */
  readonly aaguid?: string;
  /** Format and statement of an attestation that nobody asked for. */
  readonly attestation?: readonly [string, ReadonlyMap<string, unknown>];
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

type Bytes = Uint8Array<ArrayBuffer>;
const sha256 = (data: string | Uint8Array): Buffer => createHash('sha256').update(data).digest();
const bytes = (data: Uint8Array): Bytes => new Uint8Array(data);
const text = (data: Uint8Array): string => Buffer.from(data).toString('base64url');

/**
 * A passkey authenticator (Web Authentication Level 3) in software: ES256 or EdDSA, one credential,
 * user verification, a counter that grows.
 */
export class SoftwareAuthenticator {
  readonly credential = randomBytes(16);
  readonly #key: KeyPairKeyObjectResult;
  #userHandle = '';
  #counter = 0;

  constructor(
    readonly origin: string,
    kind: KeyKind = 'P-256',
  ) {
    this.#key =
      kind === 'P-256'
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : generateKeyPairSync('ed25519');
  }

  /** The public key. */
  get jwk(): JsonWebKey {
    return this.#key.publicKey.export({ format: 'jwk' });
  }

  /** Thumbprint of the public key (RFC 7638). */
  get jkt(): string {
    return readPublicKey({ ...this.jwk }).jkt;
  }

  /** The private key, for a test that misuses it. */
  exported(): JsonWebKey {
    return this.#key.privateKey.export({ format: 'jwk' });
  }

  /** What `navigator.credentials.create` gives, as JSON. */
  create({ challenge, rp, user }: Creation, wrong: WrongAnswer = {}): Record<string, unknown> {
    this.#userHandle = user.id;
    const cose = coseOf({ ...this.jwk });
    const length = Buffer.alloc(2);
    length.writeUInt16BE(this.credential.length);
    const aaguid = Buffer.from(wrong.aaguid ?? '0'.repeat(32), 'hex');
    const attested = Buffer.concat([aaguid, length, this.credential, cose]);
    const authData = this.#authenticatorData(rp.id ?? '', 0x40, wrong, attested);
    const [format, statement] = wrong.attestation ?? ['none', new Map()];
    const attestation = isoCBOR.encode(
      new Map<string, unknown>([
        ['fmt', format],
        ['attStmt', statement],
        ['authData', bytes(authData)],
      ]) as never,
    );
    return this.#answer({
      clientDataJSON: text(this.#clientData('webauthn.create', challenge, wrong)),
      attestationObject: text(attestation),
      transports: ['internal'],
    });
  }

  /** What `navigator.credentials.get` gives, as JSON. */
  get({ challenge, rpId = '' }: Request, wrong: WrongAnswer = {}): Record<string, unknown> {
    const authData = this.#authenticatorData(rpId, 0, wrong, Buffer.alloc(0));
    const clientData = this.#clientData('webauthn.get', challenge, wrong);
    const signature = sign(
      this.#key.publicKey.asymmetricKeyType === 'ec' ? 'sha256' : null,
      Buffer.concat([authData, sha256(clientData)]),
      this.#key.privateKey,
    );
    return this.#answer({
      clientDataJSON: text(clientData),
      authenticatorData: text(authData),
      signature: text(signature),
      userHandle: wrong.userHandle ?? this.#userHandle,
    });
  }

  /** The same as a phone sends it to grant. */
  grant(request: Request, digits: string | null, wrong: WrongAnswer = {}) {
    const { id, response } = this.get(request, wrong) as {
      id: string;
      response: Readonly<Record<'authenticatorData' | 'clientDataJSON' | 'signature', string>>;
    };
    const { authenticatorData, clientDataJSON, signature } = response;
    return { credentialId: id, authenticatorData, clientDataJSON, signature, digits };
  }

  #answer(response: object): Record<string, unknown> {
    const id = text(this.credential);
    return { id, rawId: id, type: 'public-key', response, clientExtensionResults: {} };
  }

  #clientData(type: string, challenge: string, wrong: WrongAnswer): Buffer {
    return Buffer.from(
      JSON.stringify({
        type: wrong.type ?? type,
        challenge: wrong.challenge ?? challenge,
        origin: wrong.origin ?? this.origin,
        crossOrigin: wrong.crossOrigin ?? false,
      }),
    );
  }

  #authenticatorData(rpId: string, more: number, wrong: WrongAnswer, attested: Buffer): Buffer {
    const flags = 0x01 | (wrong.userVerified === false ? 0 : 0x04) | more;
    const count = Buffer.alloc(4);
    this.#counter += 1;
    count.writeUInt32BE(wrong.counter ?? this.#counter);
    return Buffer.concat([sha256(wrong.rpId ?? rpId), Buffer.from([flags]), count, attested]);
  }
}
