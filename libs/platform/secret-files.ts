import { readFileSync } from 'node:fs';
import { SettingInvalid } from './setting-invalid.js';

/** Settings that hold a secret, or may hold one. */
export const secretSettings = [
  'DATABASE_URL',
  'EVENT_STORE_URL',
  'EVENT_STORE_ADMIN_URL',
  'MASTER_KEY',
  'LOOKUP_PEPPER',
  'PAIRWISE_KEY',
  'OPERATORS_CLIENT_SECRET',
] as const;

/**
 * Reads each secret setting `NAME` from the file that `NAME_FILE` names, in place: orchestrators
 * pass secrets as files, because inspecting a container shows its environment.
 * @throws SettingInvalid, which never repeats the file's content
 */
export function readSecretFiles(env: NodeJS.ProcessEnv): void {
  for (const name of secretSettings) {
    const setting = `${name}_FILE`;
    const file = env[setting] ?? '';
    if (file === '') continue;
    if ((env[name] ?? '') !== '')
      throw SettingInvalid.mustBe(setting, `left out where ${name} is given: set one of the two`);
    let text: string;
    try {
      text = readFileSync(file, 'utf8').trim();
    } catch (cause) {
      const reason = (cause as NodeJS.ErrnoException).code ?? 'unknown';
      throw SettingInvalid.mustBe(
        setting,
        `a file that the user of this process can read (${reason})`,
        { cause },
      );
    }
    if (text === '')
      throw SettingInvalid.mustBe(setting, 'a file that holds the secret: it is empty');
    env[name] = text;
    Reflect.deleteProperty(env, setting);
  }
}
