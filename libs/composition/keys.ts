import {
  createPrivateKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { join } from 'node:path';
import { LedgerKeys } from '#libs/consent';
import { type Jwk, readPublicKey } from '#libs/identity';
import { newSigningKeys, readSigningKeys, type SigningKeys } from '#libs/identity/identity.module';
import { InvalidError, isObject, parseJson, UnavailableError } from '#libs/kernel';
import { readSecretFile, secretFile, type Settings } from '#libs/platform';

/** A key file that is there, but does not hold what it should. */
export class KeyFileInvalid extends InvalidError<'key_file_invalid'> {}

/**
 * A key file that was in use is not where it should be. A fresh one in its place would make another
 * city of this one.
 */
export class KeyFileMissing extends UnavailableError<'key_file_missing'> {}

/** The folder of keys was used by another city, a trial for example. */
export class KeysOfOtherCity extends UnavailableError<'keys_of_other_city'> {}

/**
 * The files of mode 0600 in which a program's keys are. Each program opens those that it needs, and
 * no other.
 */
export class KeyFolder {
  readonly path: string;

  /** @param makes whether a key that is not there is made: at the first start only */
  constructor(
    settings: Settings,
    private readonly makes: boolean,
  ) {
    this.path = settings.keysDir;
  }

  /**
   * The folder remembers its city from the first start on: the keys of a trial were meant for play,
   * and its administrator's with them. @throws KeysOfOtherCity, KeyFileUnsafe
   */
  async claimFor(city: string): Promise<void> {
    const held = (await secretFile(this.file('city'), () => `${city}\n`)).trim();
    if (held === city) return;
    throw new KeysOfOtherCity(
      'keys_of_other_city',
      `the keys in ${this.path} are those of ${held}, and CITY names ${city}`,
      { city, held, folder: this.path },
      {
        hint: `Set CITY=${held}, or begin with a new, empty folder (KEYS_DIR or DATA_DIR). No key was changed.`,
      },
    );
  }

  file(name: string): string {
    return join(this.path, name);
  }

  /** The text of a key file. @throws KeyFileMissing, KeyFileUnsafe */
  async read(name: string, make: () => string): Promise<string> {
    const file = this.file(name);
    const found = await this.readIfThere(name, make);
    if (found === null)
      throw new KeyFileMissing(
        'key_file_missing',
        `${file} is not there, and this city has records already`,
        { file },
        {
          hint: 'Put the key file back that was in use, or its copy; or tell by KEYS_DIR where the keys of this city are.',
        },
      );
    return found;
  }

  /**
   * The same for a key that may be kept elsewhere once it was made; null where it is. @throws
   * KeyFileUnsafe
   */
  readIfThere(name: string, make: () => string): Promise<string | null> {
    const file = this.file(name);
    return this.makes ? secretFile(file, make) : readSecretFile(file);
  }

  /**
   * The same for a file that is never made here; null while it is missing. @throws KeyFileUnsafe
   */
  readGiven(name: string): Promise<string | null> {
    return readSecretFile(this.file(name));
  }
}

/**
 * Keys of a process that handles commands, made at a city's first start. The vault's master key and
 * the peppers are in the same folder, and belong to the room `vault`.
 */
export interface HouseKeys {
  readonly folder: string;
  /** Signs consent tokens and exemption statements. */
  readonly ledger: SigningKeys;
  /**
   * The first administrator's private key, with which the first clients are registered; null once
   * the administrator took it away.
   */
  readonly administrator: JsonWebKey | null;
  /** The public key of a second one, made elsewhere; null while its file is missing. */
  readonly secondAdministrator: Jwk | null;
  readonly requestSecret: Buffer;
}

export async function openKeys(folder: KeyFolder): Promise<HouseKeys> {
  const administrator = await folder.readIfThere('administrator.jwk', newPrivateJwk);
  const second = await folder.readGiven('second-administrator.jwk');
  return {
    folder: folder.path,
    ledger: readSigningKeys(await folder.read('ledger.jwks', newSigningKeys)),
    administrator:
      administrator === null
        ? null
        : readPrivateJwk(administrator, folder.file('administrator.jwk')),
    secondAdministrator:
      second === null ? null : readPublicJwk(second, folder.file('second-administrator.jwk')),
    requestSecret: readSecret(
      await folder.read('request.key', newSecret),
      folder.file('request.key'),
    ),
  };
}

/** Signs access tokens. Made by the first issuer that starts; no record depends on it. */
export const openIdentityKeys = async (settings: Settings): Promise<SigningKeys> =>
  readSigningKeys(await new KeyFolder(settings, true).read('identity.jwks', newSigningKeys));

/**
 * Under which accounts at the operators' issuer are named. @param makes while none is bound: under
 * another key nobody would be known again
 * @throws KeyFileMissing, KeyFileInvalid
 */
export async function openAccountKey(settings: Settings, makes: boolean): Promise<Buffer> {
  const folder = new KeyFolder(settings, makes);
  const name = 'operator-accounts.key';
  return readSecret(await folder.read(name, newSecret), folder.file(name));
}

const newSecret = () => randomBytes(32).toString('base64url');

/** The text of a new private key file: an Ed25519 JWK. */
const newPrivateJwk = (): string =>
  `${JSON.stringify(generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }))}\n`;

function readPrivateJwk(text: string, file: string): JsonWebKey {
  const value = parseJson(text);
  if (!isObject(value) || typeof value['d'] !== 'string') throw invalid(file);
  return value;
}

function readPublicJwk(text: string, file: string): Jwk {
  const value = parseJson(text);
  if (!isObject(value)) throw invalid(file);
  if ('d' in value)
    throw new KeyFileInvalid(
      'key_file_invalid',
      'a private key is where a public one should be',
      { file },
      { hint: 'Make another key where it is used, and put its public half here.' },
    );
  return readPublicKey(value).jwk;
}

function readSecret(text: string, file: string): Buffer {
  const bytes = Buffer.from(text.trim(), 'base64url');
  if (bytes.length < 32) throw invalid(file);
  return bytes;
}

const invalid = (file: string) =>
  new KeyFileInvalid('key_file_invalid', 'a key file does not hold a key', { file });

/** Only the public members of a private key. */
export const publicHalf = ({ kty, crv, x, y }: JsonWebKey): Jwk => ({
  kty,
  crv,
  x,
  ...(y === undefined ? {} : { y }),
});

/**
 * The consent tokens' keys from the ledger's key file. The first signs; tokens of all are believed.
 */
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
    this.#published = [...keys.keys, ...keys.retired].map((key) => ({
      kid: key.kid,
      jwk: publicHalf(key),
    }));
  }

  current(): Promise<{ readonly kid: string; readonly privateKey: KeyObject }> {
    return Promise.resolve(this.#current);
  }

  published(): Promise<readonly { readonly kid: string; readonly jwk: Jwk }[]> {
    return Promise.resolve(this.#published);
  }
}
