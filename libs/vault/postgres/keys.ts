import {
  createHmac,
  createSecretKey,
  hash,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { join } from 'node:path';
import { fromBase64url } from '#libs/kernel';
import { KeyFileUnsafe, readSecretFile, secretFile } from '#libs/platform';
import { KeysRefused } from '../vault.errors.js';
import type { PaperName } from '../ports.js';

/** Where a ring of keys is: in a file of mode 0600, or in the text of `env`. */
interface KeySource {
  readonly file: string;
  /** The content of an environment variable; the file is then not read. */
  readonly env?: string | undefined;
}

interface RingKey {
  /** 16 letters of base64url that rows name; reveals nothing of the key. */
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** Keys of one purpose. The last is in use; the earlier ones open what was made under them. */
export class KeyRing {
  readonly #keys: ReadonlyMap<string, RingKey>;
  readonly oldest: RingKey;
  readonly current: RingKey;

  /**
   * @param text one key a line (or between commas): 32 bytes in base64url, 43 letters, oldest first
   * @throws KeysRefused `key_malformed`
   */
  constructor(text: string) {
    const keys = text
      .split(/[\s,]+/)
      .filter((line) => line !== '')
      .map(ringKey);
    const [oldest, current] = [keys[0], keys.at(-1)];
    if (oldest === undefined || current === undefined)
      throw new KeysRefused('key_malformed', 'a ring holds at least one key');
    this.#keys = new Map(keys.map((key) => [key.id, key]));
    this.oldest = oldest;
    this.current = current;
  }

  get all(): Iterable<RingKey> {
    return this.#keys.values();
  }

  /** @throws KeysRefused `key_missing` */
  key(id: string): RingKey {
    const key = this.#keys.get(id);
    if (key === undefined) throw missing(id);
    return key;
  }

  has(id: string): boolean {
    return this.#keys.has(id);
  }
}

function ringKey(line: string): RingKey {
  const bytes = line.length === 43 ? fromBase64url(line) : null;
  if (bytes?.length !== 32)
    throw new KeysRefused('key_malformed', 'a key is 32 bytes in base64url, 43 letters');
  return { id: keyId(bytes), bytes };
}

const keyId = (bytes: Uint8Array): string =>
  hash('sha256', Buffer.concat([Buffer.from('mianzheng key id\0'), bytes]), 'base64url').slice(
    0,
    16,
  );

/**
 * @param makes whether a missing file is made, with one fresh key: only where nothing can depend on
 *   a lost one
 * @throws KeysRefused where the file can be read by other users than its owner, cannot be read at
 *   all, is missing, or holds no key
 */
async function loadRing({ file, env }: KeySource, makes: boolean): Promise<KeyRing> {
  if (env !== undefined && env !== '') return new KeyRing(env);
  const text = await guarded(file, () =>
    makes ? secretFile(file, () => lineOf(randomBytes(32))) : readSecretFile(file),
  );
  if (text === null)
    throw new KeysRefused(
      'key_file_missing',
      `${file} is not there, and the database was written under the key in it`,
      { file },
      {
        hint: 'Put the key file back that was in use, or its copy; or tell by KEYS_DIR where the keys of this city are.',
      },
    );
  return new KeyRing(text);
}

async function guarded<Result>(file: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof KeyFileUnsafe)
      throw new KeysRefused(
        'key_file_open_to_others',
        'others than its owner can read a key file',
        { file },
        { cause, hint: `chmod 600 ${file}` },
      );
    throw new KeysRefused('key_file_unreadable', 'a key file cannot be read', { file }, { cause });
  }
}

/** A key as a ring's file holds it. */
export const lineOf = (key: Uint8Array): string => `${Buffer.from(key).toString('base64url')}\n`;

/** What a key is for, as `vault.key_in_use` names it. */
export type KeyPurpose = 'master' | 'pepper' | 'pairwise';

/**
 * Everything that the vault computes, each under a key derived from the rings by HKDF-SHA-256 (RFC
 * 5869) with its own label; a ring keeps an old key while a row names its id. The secret of the
 * pairwise ids is separate, so that a master key can be destroyed without changing the ids.
 */
export class VaultKeys {
  readonly #wrapping = new Map<string, Uint8Array>();
  readonly #pairwise: Uint8Array;
  readonly #secrets: KeyObject;
  readonly #departments: KeyObject;

  /**
   * @param pairwise the secret of the ids that departments know; by default derived from the oldest
   *   master key
   */
  constructor(
    readonly master: KeyRing,
    readonly peppers: KeyRing,
    pairwise: Uint8Array = derive(master.oldest.bytes, 'pairwise subjects'),
  ) {
    for (const { id, bytes } of master.all) this.#wrapping.set(id, derive(bytes, 'vault wrapping'));
    this.#pairwise = pairwise;
    this.#departments = createSecretKey(pairwise);
    this.#secrets = createSecretKey(derive(pairwise, 'ledger secrets'));
  }

  /**
   * From `master.key`, `pepper.key` and `pairwise.key` in a folder, or from MASTER_KEY,
   * LOOKUP_PEPPER and PAIRWISE_KEY. Without a pairwise key it is derived from the oldest master
   * key, and `keepPairwise` stores it.
   * @param makes purposes for which a key is made where its file is missing; none by default
   * @throws KeysRefused
   */
  static async load(
    folder: string,
    env: NodeJS.ProcessEnv = process.env,
    makes: (purpose: 'master' | 'pepper') => boolean = () => false,
  ): Promise<VaultKeys> {
    const master = await loadRing(
      { file: join(folder, 'master.key'), env: env['MASTER_KEY'] },
      makes('master'),
    );
    const peppers = await loadRing(
      { file: join(folder, 'pepper.key'), env: env['LOOKUP_PEPPER'] },
      makes('pepper'),
    );
    const file = join(folder, 'pairwise.key');
    const text = pairwiseFromElsewhere(env)
      ? (env['PAIRWISE_KEY'] ?? '')
      : ((await guarded(file, () => readSecretFile(file))) ?? '');
    return text === ''
      ? new VaultKeys(master, peppers)
      : new VaultKeys(master, peppers, new KeyRing(text).current.bytes);
  }

  /**
   * Writes the secret of the pairwise ids to `pairwise.key` where there is no such file, and
   * neither MASTER_KEY nor PAIRWISE_KEY gives it, so that it survives its master key. Call it when
   * the database is known to belong to these keys.
   */
  async keepPairwise(folder: string, env: NodeJS.ProcessEnv = process.env): Promise<void> {
    if (pairwiseFromElsewhere(env)) return;
    const file = join(folder, 'pairwise.key');
    await guarded(file, () => secretFile(file, () => lineOf(this.#pairwise)));
  }

  /** An id of the secret of the pairwise ids, as rows name a ring's key; reveals nothing of it. */
  get pairwiseId(): string {
    return keyId(this.#pairwise);
  }

  /**
   * The key that wraps the subject keys whose rows name this master key. @throws KeysRefused
   * `key_missing`
   */
  wrappingKey(masterKey: string): Uint8Array {
    const key = this.#wrapping.get(masterKey);
    if (key === undefined) throw missing(masterKey);
    return key;
  }

  /** HMAC-SHA-256(pepper, key) of a number: `key` is its `identifierKey`. */
  lookup(pepper: string, key: string): Buffer {
    return createHmac('sha256', createSecretKey(this.peppers.key(pepper).bytes))
      .update(key)
      .digest();
  }

  /**
   * HMAC-SHA-256(pepper, `paper` ‖ 0x00 ‖ JSON of its parts and its holder): no kind of number has
   * that name.
   */
  paper(pepper: string, { parts, holder }: PaperName): Buffer {
    return createHmac('sha256', createSecretKey(this.peppers.key(pepper).bytes))
      .update(`paper\0${JSON.stringify([...parts, holder])}`)
      .digest();
  }

  /** 128 bits of HMAC-SHA-256 over department and subject, in base64url: 22 letters. */
  pairwise(department: string, subject: string): string {
    const mac = createHmac('sha256', this.#departments)
      .update(`${department}\0${subject}`)
      .digest();
    return mac.subarray(0, 16).toString('base64url');
  }

  /** HMAC-SHA-256 over purpose and name, under a key derived from the pairwise secret. */
  secret(purpose: string, name: string): Buffer {
    return createHmac('sha256', this.#secrets).update(`${purpose}\0${name}`).digest();
  }
}

const given = (value: string | undefined): boolean => value !== undefined && value !== '';

/**
 * The file is not read: the environment gives the secret itself, or the master key from which it is
 * derived.
 */
const pairwiseFromElsewhere = (env: NodeJS.ProcessEnv): boolean =>
  given(env['PAIRWISE_KEY']) || given(env['MASTER_KEY']);

const derive = (secret: Uint8Array, purpose: string): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', secret, '', `mianzheng ${purpose}`, 32));

const missing = (key: string) =>
  new KeysRefused(
    'key_missing',
    'what is stored names a key that this process was not given',
    { key },
    { hint: 'Put the key file back that was in use, or restore its backup.' },
  );
