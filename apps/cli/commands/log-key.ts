import type { Command } from 'commander';
import { KeyFolder } from '#composition/keys';
import { logSigner } from '#composition/log';
import { AbsentError } from '#libs/kernel';
import { formatKey } from '#libs/log';
import { readSecretFile, Settings } from '#libs/platform';
import { group } from '../group.js';
import { tellResult } from '../output.js';

/** There is no key to show the public half of. */
class LogKeyAbsent extends AbsentError<'log_key_absent'> {}

/** `mianzheng log key`: what witnesses and verifiers know the log by. */
export function register(program: Command): void {
  group(program, 'log', 'the sealed log')
    .command('key')
    .description("print the log's verifier key, for witnesses and policies; needs no database")
    .option('--make', "create the key if there is none: only before a city's first start")
    .action(showKey);
}

async function showKey({ make = false }: { make?: boolean }): Promise<void> {
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
  const key = formatKey(signer.key);
  tellResult({ key }, [key], key);
}
