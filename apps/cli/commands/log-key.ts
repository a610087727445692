import type { Command } from 'commander';
import { AbsentError } from '#libs/kernel';
import { formatKey } from '#libs/log';
import { readSecretFile, Settings } from '#libs/platform';
import { KeyFolder } from '../../house/keys.js';
import { logSigner } from '../../house/log.js';
import { group } from '../group.js';

/** There is no key to show the public half of. */
class LogKeyAbsent extends AbsentError<'log_key_absent'> {}

/** `mianzheng log key`: what witnesses and verifiers know the log by. */
export function register(program: Command): void {
  group(program, 'log', 'the sealed log')
    .command('key')
    .description("print the log's verifier key, for witnesses and policies; needs no database")
    .option('--make', "make the key where there is none: before a city's first start, never later")
    .action(key);
}

async function key({ make = false }: { make?: boolean }): Promise<void> {
  const settings = Settings.from();
  const folder = new KeyFolder(settings, true);
  const file = folder.file('log.key');
  if (!make && (await readSecretFile(file)) === null)
    throw new LogKeyAbsent(
      'log_key_absent',
      `${file} is not there`,
      { file },
      { hint: "Before a city's first start: --make. Later: put the file back that was in use." },
    );
  const signer = await logSigner(settings, folder);
  process.stdout.write(`${formatKey(signer.key)}\n`);
}
