import type { Command } from 'commander';
import { join } from 'node:path';
import { rotateSigningKeys } from '#libs/identity/identity.module';
import { AbsentError } from '#libs/kernel';
import { readSecretFile, replaceSecretFile, Settings } from '#libs/platform';
import { group } from '../group.js';
import { tellResult } from '../output.js';

class KeyFileAbsent extends AbsentError<'key_file_absent'> {}

const files = {
  issuer: { file: 'identity.jwks', signs: 'access tokens' },
  ledger: { file: 'ledger.jwks', signs: 'consent tokens and statements' },
} as const;

/**
 * `mianzheng keys rotate-signing`: a new key signs tokens and statements; what the one before it
 * signed still verifies.
 */
export function register(program: Command): void {
  group(program, 'keys', 'keys of clients and authorities')
    .command('rotate-signing')
    .description('rotate the keys that sign access tokens, consent tokens and statements')
    .option('--issuer', 'only the key of access tokens (identity.jwks)')
    .option('--ledger', 'only the key of consent tokens and statements (ledger.jwks)')
    .option(
      '--announce',
      'publish the new key without signing with it yet, if several processes share the keys',
    )
    .action((options: Options) => rotate(options));
}

interface Options {
  readonly issuer?: true;
  readonly ledger?: true;
  readonly announce?: boolean;
}

async function rotate({ issuer, ledger, announce = false }: Options): Promise<void> {
  const both = issuer === undefined && ledger === undefined;
  const { keysDir } = Settings.from();
  const wanted = [
    ...(both || issuer ? [files.issuer] : []),
    ...(both || ledger ? [files.ledger] : []),
  ];
  const found = await Promise.all(
    wanted.map(async (one) => {
      const path = join(keysDir, one.file);
      const text = await readSecretFile(path);
      if (text === null)
        throw new KeyFileAbsent(
          'key_file_absent',
          `${path} is not there`,
          { path },
          {
            hint: 'DATA_DIR or KEYS_DIR names the city whose keys are meant; its first start makes them.',
          },
        );
      return { ...one, path, text };
    }),
  );
  const lines: string[] = [];
  const rotated: { file: string; kid: string; retired: string | null }[] = [];
  for (const { path, text, signs } of found) {
    const { text: fresh, kid, retired } = rotateSigningKeys(text, { announce });
    await replaceSecretFile(path, fresh);
    rotated.push({ file: path, kid, retired });
    lines.push(
      retired === null
        ? `${path}: the key ${kid} is published, and does not sign ${signs} yet`
        : `${path}: the key ${kid} signs ${signs} from the next start on; of ${retired} the public half stays`,
    );
  }
  lines.push(
    announce
      ? 'Copy the files to every machine of the city and restart each process there; then run this command without --announce.'
      : 'Copy the files to every machine of the city, restart its processes, and back the keys up anew. Where there are several processes, announce first (--announce).',
  );
  tellResult({ rotated }, lines);
}
