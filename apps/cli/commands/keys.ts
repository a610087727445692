import type { Command } from 'commander';
import { generateKeyPairSync } from 'node:crypto';
import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { readPublicKey } from '#libs/identity';
import { ConflictError, isObject, parseJson } from '#libs/kernel';
import { secretFile } from '#libs/platform';
import { group } from '../group.js';
import { tellResult } from '../output.js';

export class KeyFileExists extends ConflictError<'key_file_exists'> {}

/**
 * `mianzheng keys new FILE`: a private key in a file of mode 0600; its public half is printed, to
 * be registered.
 */
export function register(program: Command): void {
  group(program, 'keys', 'keys of clients and authorities')
    .command('new')
    .description('make a private key in a new file, and print its public half')
    .argument('<file>', 'target folder; must not exist')
    .option('--p256', 'a P-256 key instead of Ed25519')
    .action(newKey);
}

async function newKey(file: string, { p256 }: { readonly p256?: true }): Promise<void> {
  const path = resolve(file);
  if (await exists(path))
    throw new KeyFileExists('key_file_exists', `${file} exists; it is left as it is`);
  const text = await secretFile(path, () => {
    const { privateKey } =
      p256 === true
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : generateKeyPairSync('ed25519');
    return `${JSON.stringify(privateKey.export({ format: 'jwk' }))}\n`;
  });
  const jwk = parseJson(text);
  if (!isObject(jwk)) return;
  const { kty, crv, x, y } = jwk;
  const open = { kty, crv, x, ...(y === undefined ? {} : { y }) };
  const shown = readPublicKey(open);
  tellResult(
    { file: path, jwk: shown.jwk, jkt: shown.jkt },
    [JSON.stringify(shown.jwk)],
    JSON.stringify(shown.jwk),
  );
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
