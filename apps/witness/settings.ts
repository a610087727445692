import { readFileSync } from 'node:fs';
import { isKeyName, NoteError, parseKey } from '#libs/log';
import { type ProgramSettings, programSettings, SettingInvalid } from '#libs/platform';
import type { WitnessedLog } from '#libs/witness';

/** Settings of a witness, beside those of every program. */
export interface WitnessSettings extends ProgramSettings {
  /** Its name in signatures. */
  readonly name: string;
  /** Of the logs that it witnesses, at least one. */
  readonly logs: readonly WitnessedLog[];
}

/** @throws SettingInvalid */
export function witnessSettings(
  env: NodeJS.ProcessEnv,
  folder: string,
  program: string,
): WitnessSettings {
  const name = env['WITNESS_NAME'] ?? '';
  if (!isKeyName(name))
    throw SettingInvalid.mustBe('WITNESS_NAME', 'a name without spaces and plus signs');
  return {
    // Beside a city it is given any port that is free.
    ...programSettings(env, folder, program, { usual: 8081, least: 0 }),
    name,
    logs: keysIn(env['WITNESS_LOGS'] ?? ''),
  };
}

const hint = 'A city shows its key at /log/policy, and `npx mianzheng log key` prints it.';

/**
 * A verifier key on each line, and behind it the log's origin where that is not the key's name; `#`
 * begins a comment.
 */
function keysIn(file: string): readonly WitnessedLog[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw SettingInvalid.mustBe('WITNESS_LOGS', 'a file that this program can read', { cause });
  }
  const keys = text
    .split('\n')
    .flatMap((line, n) => (/^\s*(#|$)/.test(line) ? [] : [keyIn(line.trim(), n + 1)]));
  if (keys.length > 0) return keys;
  throw SettingInvalid.mustBe('WITNESS_LOGS', 'a file with the verifier key of a log', { hint });
}

function keyIn(line: string, number: number): WitnessedLog {
  const [, vkey = '', origin = ''] = /^(\S*)[ \t]*(.*)$/.exec(line) ?? [];
  try {
    return { ...parseKey(vkey), ...(origin !== '' && { origin }) };
  } catch (cause) {
    if (!(cause instanceof NoteError)) throw cause;
    const must = `a file with the verifier key of a log on each line, which line ${number} is not`;
    throw SettingInvalid.mustBe('WITNESS_LOGS', must, { cause, hint });
  }
}
