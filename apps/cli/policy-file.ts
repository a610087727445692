import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidError } from '#libs/kernel';
import type { Settings } from '#libs/platform';

/** The operator named a policy by LOG_POLICY, and it cannot be read. */
export class PolicyUnreadable extends InvalidError<'file_unreadable'> {}

type Told = Pick<Settings, 'logPolicy' | 'dataDir'>;

/**
 * Where the keys of log and witnesses lie, unless a command is told: the operator's own file, or
 * else what the city publishes in its data folder.
 */
export const policyFile = ({ logPolicy, dataDir }: Told): string =>
  logPolicy ?? join(dataDir, 'log-policy');

/**
 * The policy of this city, byte by byte: names in one are octets, which need not be UTF-8. Null
 * where it has published none yet.
 * @throws PolicyUnreadable where LOG_POLICY names a file that cannot be read: what was meant is
 * then not known, and nothing else takes its place
 */
export async function policyOf(settings: Told): Promise<Uint8Array | null> {
  const file = policyFile(settings);
  try {
    return await readFile(file);
  } catch (cause) {
    if (settings.logPolicy === undefined) return null;
    throw new PolicyUnreadable(
      'file_unreadable',
      `${file}, which LOG_POLICY names, cannot be read`,
      { file },
      { cause },
    );
  }
}
