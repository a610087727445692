// Orchestrators hand secrets over as files, because the environment of a container is shown to whoever may look at it. `NAME_FILE` names the
// file that holds what `NAME` would say. Read here, before a program looks at its settings.
import { readFileSync } from 'node:fs';

/** Settings that hold a secret, or may hold one. */
export const secretSettings = [
  'DATABASE_URL',
  'EVENT_STORE_URL',
  'MASTER_KEY',
  'LOOKUP_PEPPER',
  'PAIRWISE_KEY',
];

/** A setting that names a file of a secret cannot be followed. The message names the setting, never what is in the file. */
export class SecretFileRefused extends Error {}

/** Puts what the files hold in the place of their names. @throws SecretFileRefused */
export function readSecretFiles(env) {
  for (const name of secretSettings) {
    const file = env[`${name}_FILE`] ?? '';
    if (file === '') continue;
    if ((env[name] ?? '') !== '')
      throw new SecretFileRefused(`Say ${name} or ${name}_FILE, not both.`);
    let text;
    try {
      text = readFileSync(file, 'utf8').trim();
    } catch (error) {
      throw new SecretFileRefused(
        `${name}_FILE names a file that cannot be read (${error.code}): give it to the user of this process.`,
      );
    }
    if (text === '') throw new SecretFileRefused(`${name}_FILE names a file with nothing in it.`);
    env[name] = text;
    delete env[`${name}_FILE`];
  }
}
