import {
  createPrivateKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LedgerKeys } from '#libs/consent';
import type { Jwk } from '#libs/identity';
import { newSigningKeys, readSigningKeys, type SigningKeys } from '#libs/identity/identity.module';
import { InvalidError, isObject, parseJson } from '#libs/kernel';
import { secretFile, type Settings } from '#libs/platform';

/** A key file that is there, but does not hold what it should. */
export class KeyFileInvalid extends InvalidError<'key_file_invalid'> {}

/**
 * The keys of a city, in files of mode 0600 under `<data>/keys`, made at the first start. The vault's master key and the peppers are there
 * too, and looked after by the room of privacy.
 */
export interface CityKeys {
  readonly folder: string;
  /** Signs access tokens. */
  readonly identity: SigningKeys;
  /** Signs consent tokens. */
  readonly ledger: SigningKeys;
  /** The first administrator's private key: with it the first clients are registered. */
  readonly administrator: { readonly file: string; readonly jwk: JsonWebKey };
  readonly requestSecret: Buffer;
}

export async function openKeys(settings: Settings): Promise<CityKeys> {
  const folder = join(settings.dataDir, 'keys');
  // Only the folder of keys is closed to others: the embedded database may run as another user.
  await mkdir(settings.dataDir, { recursive: true });
  const administrator = join(folder, 'administrator.jwk');
  return {
    folder,
    identity: readSigningKeys(await secretFile(join(folder, 'identity.jwks'), newSigningKeys)),
    ledger: readSigningKeys(await secretFile(join(folder, 'ledger.jwks'), newSigningKeys)),
    administrator: {
      file: administrator,
      jwk: readPrivateJwk(await secretFile(administrator, newPrivateJwk), administrator),
    },
    requestSecret: readSecret(
      await secretFile(join(folder, 'request.key'), () => randomBytes(32).toString('base64url')),
      join(folder, 'request.key'),
    ),
  };
}

/** The text of a new private key file: an Ed25519 JWK. */
export const newPrivateJwk = (): string =>
  `${JSON.stringify(generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }))}\n`;

function readPrivateJwk(text: string, file: string): JsonWebKey {
  const value = parseJson(text);
  if (!isObject(value) || typeof value['d'] !== 'string') throw invalid(file);
  return value;
}

function readSecret(text: string, file: string): Buffer {
  const bytes = Buffer.from(text.trim(), 'base64url');
  if (bytes.length < 32) throw invalid(file);
  return bytes;
}

const invalid = (file: string) =>
  new KeyFileInvalid('key_file_invalid', 'a key file does not hold a key', { file });

/** Only what anybody may know of a private key. */
export const publicHalf = ({ kty, crv, x, y }: JsonWebKey): Jwk => ({
  kty,
  crv,
  x,
  ...(y === undefined ? {} : { y }),
});

/** The consent tokens' keys from the ledger's key file. The first signs; tokens of all are believed. */
export class FiledLedgerKeys extends LedgerKeys {
  readonly issuer: string;
  readonly audience: string;
  readonly #current: { readonly kid: string; readonly privateKey: KeyObject };
  readonly #published: readonly { readonly kid: string; readonly jwk: Jwk }[];

  constructor(keys: SigningKeys, settings: Settings) {
    super();
    this.issuer = settings.publicUrl;
    this.audience = `${settings.publicUrl}/v1/releases`;
    const [first] = keys.keys;
    if (first === undefined) throw invalid('ledger.jwks');
    this.#current = {
      kid: first.kid,
      privateKey: createPrivateKey({ key: first, format: 'jwk' }),
    };
    this.#published = keys.keys.map((key) => ({ kid: key.kid, jwk: publicHalf(key) }));
  }

  current(): Promise<{ readonly kid: string; readonly privateKey: KeyObject }> {
    return Promise.resolve(this.#current);
  }

  published(): Promise<readonly { readonly kid: string; readonly jwk: Jwk }[]> {
    return Promise.resolve(this.#published);
  }
}
