import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { promisify } from 'node:util';
import { DatabaseNotStarted } from './embedded-postgres.errors.js';

const run = promisify(execFile);

/**
 * The user that runs PostgreSQL's programs: the current one, or for root another, because
 * PostgreSQL refuses root. `through` is a command prefix for a user that cannot reach the files
 * otherwise.
 */
export interface Owner {
  readonly uid?: number;
  readonly gid?: number;
  readonly through?: readonly string[];
}

/**
 * For root: the owner of the data, or the user `postgres`, which is created where it is missing.
 */
export async function findOwner(dataDir: string, program: string): Promise<Owner> {
  if (process.getuid?.() !== 0) return {};
  const kept = await stat(dataDir).catch(() => undefined);
  const owner =
    kept !== undefined && kept.uid !== 0 ? { uid: kept.uid, gid: kept.gid } : await userPostgres();
  const reachable = await Promise.all([reaches(owner, program), reaches(owner, dataDir)]);
  return reachable.every(Boolean)
    ? owner
    : { ...owner, through: await throughLockedFolders(owner) };
}

/** Command, arguments and user of a program that is started as the owner. */
export function asOwner({ uid, gid, through }: Owner, program: string, args: readonly string[]) {
  const [command, ...before] = through ?? [];
  if (command !== undefined)
    return { command, args: [...before, program, ...args], user: {} } as const;
  const user = uid === undefined || gid === undefined ? {} : { uid, gid };
  return { command: program, args: [...args], user } as const;
}

async function userPostgres(): Promise<{ uid: number; gid: number }> {
  const id = async (flag: string) => Number((await run('id', [flag, 'postgres'])).stdout);
  try {
    return { uid: await id('-u'), gid: await id('-g') };
  } catch {
    try {
      await run('groupadd', ['--system', 'postgres']);
      await run('useradd', ['--system', '-g', 'postgres', '--no-create-home', 'postgres']);
      return { uid: await id('-u'), gid: await id('-g') };
    } catch (cause) {
      throw new DatabaseNotStarted(
        'database_user_missing',
        'PostgreSQL does not run as root, and there is no user postgres',
        {},
        { cause, hint: 'Add a user named postgres, or run as another user than root.' },
      );
    }
  }
}

/**
 * Whether the user can pass every folder above the path. A missing folder will be created with
 * access for all.
 */
async function reaches(owner: { uid: number; gid: number }, path: string): Promise<boolean> {
  for (let folder = dirname(resolve(path)); ; folder = dirname(folder)) {
    const { mode, uid, gid } = await stat(folder).catch(() => ({ mode: 0o001, uid: -1, gid: -1 }));
    const bit = uid === owner.uid ? 0o100 : gid === owner.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

/**
 * Root's own home is closed to others, and so is a checkout in it. The user gets one capability
 * more, to pass through folders, and nothing else of root's; where a container has dropped that
 * one, the next wider one.
 */
async function throughLockedFolders({ uid, gid }: { uid: number; gid: number }) {
  for (const capability of ['dac_read_search', 'dac_override']) {
    const through = [
      'setpriv',
      `--reuid=${uid}`,
      `--regid=${gid}`,
      '--clear-groups',
      `--inh-caps=-all,+${capability}`,
      `--ambient-caps=-all,+${capability}`,
      `--bounding-set=-all,+${capability}`,
    ];
    const [command = '', ...args] = through;
    if (
      await run(command, [...args, 'true']).then(
        () => true,
        () => false,
      )
    )
      return through;
  }
  throw new DatabaseNotStarted(
    'database_not_started',
    'the user that runs PostgreSQL cannot reach the program or the data directory',
    {},
    {
      hint: 'Let others pass through the folders above both (chmod o+x), or run as another user than root.',
    },
  );
}
