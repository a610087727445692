import { createPrivateKey } from 'node:crypto';
import { type ApiKey, readKey } from '#libs/api-client';
import { InvalidError, isObject, parseJson } from '#libs/kernel';
import { KeyFileUnsafe, readSecretFile } from '#libs/platform';
import type { SigningKey } from '../signing.js';

/** The file that `--key` names holds no key by which requests can be signed. */
export class ClientKeyUnusable extends InvalidError<'file_unreadable' | 'key_file_invalid'> {}

/** A client's key, as it proves requests and as it signs certificates. */
export interface ClientKey {
  readonly apiKey: ApiKey;
  readonly signing: SigningKey;
}

/**
 * The private key of a client (JWK, RFC 7517), which stays in this process.
 * @throws ClientKeyUnusable, KeyFileUnsafe
 */
export async function readClientKey(file: string): Promise<ClientKey> {
  const text = await readSecretFile(file).catch((cause: unknown) => {
    throw cause instanceof KeyFileUnsafe ? cause : unreadable(file, cause);
  });
  if (text === null) throw unreadable(file);
  try {
    const jwk = parseJson(text);
    if (!isObject(jwk)) throw invalid(file);
    const apiKey = await readKey({ ...jwk });
    const key = createPrivateKey({ key: { ...jwk }, format: 'jwk' });
    return { apiKey, signing: { kid: apiKey.jkt, alg: apiKey.alg, key } };
  } catch (cause) {
    throw cause instanceof ClientKeyUnusable ? cause : invalid(file, cause);
  }
}

const unreadable = (file: string, cause?: unknown) =>
  new ClientKeyUnusable(
    'file_unreadable',
    `文件无法读取 / the file cannot be read: ${file}`,
    { file },
    {
      cause,
      hint: 'Name the file of a private key by --key, or the folder of the city by DATA_DIR.',
    },
  );

const invalid = (file: string, cause?: unknown) =>
  new ClientKeyUnusable(
    'key_file_invalid',
    `${file} 里没有私钥（JWK）/ ${file} holds no private JWK`,
    { file },
    { cause, hint: 'mianzheng keys new FILE makes one.' },
  );
