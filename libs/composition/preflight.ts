import { once } from 'node:events';
import { constants } from 'node:fs';
import { access, open, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { diskFull, mustHaveRoom, mustHaveRoomFor } from '#libs/embedded-postgres';
import { UnavailableError } from '#libs/kernel';
import { checkDatabase, type ProgramSettings, SettingInvalid, Settings } from '#libs/platform';

/** An address on which the program should listen is not free, or not one of this machine. */
export class AddressRefused extends UnavailableError<
  'port_taken' | 'port_not_allowed' | 'address_not_here'
> {}

/** Bytes that key files, run files and the first lines of a log take. */
const roomForFiles = 4 * 1024 * 1024;

/**
 * Looks at everything from outside that a start needs: ports, folders, room on the disk, the
 * database, the event store. Makes nothing that stays, so that a start that cannot succeed leaves
 * nothing behind.
 * @param database whether the program works on one
 * @throws SettingInvalid, AddressRefused, DiskFull, DatabaseRefused, DatabaseNotStarted,
 * StoreUnavailable, StoreDamaged
 */
export async function mayStart(settings: ProgramSettings, database: boolean): Promise<void> {
  await mustBeFree('PORT', settings.host, settings.port);
  await mustBeFree('METRICS_PORT', settings.metrics.host, settings.metrics.port);
  const embedded = database && settings instanceof Settings && settings.databaseUrl === undefined;
  if (embedded) await mustHaveRoomFor(join(settings.dataDir, 'postgres'));
  await mustHaveRoom(settings.dataDir, roomForFiles);
  await mustBeWritable('DATA_DIR', settings.dataDir);
  if (settings.logFile !== '-') await mustTakeLog(settings.logFile);
  if (settings instanceof Settings) {
    await mustBeWritable('KEYS_DIR', settings.keysDir);
    if (database && settings.databaseUrl !== undefined) await checkDatabase(settings.databaseUrl);
    if (database && settings.eventStoreUrl !== undefined) {
      // Its client is large, and witnesses and front doors need none.
      const { checkEventStore } = await import('./event-store.js');
      await checkEventStore(settings.city, settings.eventStoreUrl);
    }
  }
}

async function mustBeFree(setting: string, host: string, port: number): Promise<void> {
  if (port === 0) return;
  const probe = createServer();
  const listening = once(probe, 'listening');
  probe.listen(port, host);
  try {
    await listening;
  } catch (error) {
    throw addressRefused(setting, host, port, error) ?? error;
  }
  const closed = once(probe, 'close');
  probe.close();
  await closed;
}

/** What an error of `listen` means; null where it is another. */
function addressRefused(
  setting: string,
  host: string,
  port: number,
  cause: unknown,
): AddressRefused | null {
  const { code } = cause as NodeJS.ErrnoException;
  const facts = { setting, host, port };
  switch (code) {
    case 'EADDRINUSE':
      return new AddressRefused(
        'port_taken',
        `another program listens on ${host}:${port} already`,
        facts,
        {
          cause,
          hint: `Stop it (ss -ltnp 'sport = :${port}' shows which it is), or set ${setting} to a free port.`,
        },
      );
    case 'EACCES':
      return new AddressRefused(
        'port_not_allowed',
        `this user may not listen on port ${port}`,
        facts,
        { cause, hint: `Set ${setting} to a port above 1023, and put a proxy before it.` },
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new AddressRefused(
        'address_not_here',
        `${host} is no address of this machine`,
        facts,
        {
          cause,
          hint: `Set ${setting === 'PORT' ? 'HOST' : 'METRICS_HOST'} to one that it has: 127.0.0.1, or 0.0.0.0 for all.`,
        },
      );
    default:
      return null;
  }
}

/** A log that is there is opened, and no more: it may be a pipe or a device. */
async function mustTakeLog(file: string): Promise<void> {
  if ((await stat(file).catch(() => null)) === null) {
    await mustBeWritable('LOG_FILE', dirname(file));
    return;
  }
  try {
    await access(file, constants.W_OK);
  } catch (cause) {
    throw notWritable('LOG_FILE', file, cause);
  }
}

/** The folder, or where it is not there yet the one in which it would be made, takes new files. */
async function mustBeWritable(setting: string, folder: string): Promise<void> {
  try {
    const there = await nearest(folder);
    await access(there, constants.W_OK | constants.X_OK);
    if (there === folder) await tryToWrite(folder);
  } catch (cause) {
    const full = diskFull(cause);
    if (full !== null) {
      await mustHaveRoom(folder, roomForFiles);
      throw full;
    }
    throw notWritable(setting, folder, cause);
  }
}

function notWritable(setting: string, path: string, cause: unknown): SettingInvalid {
  const { code = 'unknown' } = cause as NodeJS.ErrnoException;
  return SettingInvalid.mustBe(
    setting,
    `a place where this program can write, and ${path} is none (${code})`,
    { cause, hint: hints[code] ?? 'Name another place.' },
  );
}

const hints: Readonly<Record<string, string>> = {
  EACCES:
    'Give the folder to the user that runs this program (chown), or name another by that setting.',
  EPERM:
    'Give the folder to the user that runs this program (chown), or name another by that setting.',
  EROFS: 'Its file system is read-only: mount it for writing, or name another by that setting.',
  ENOTDIR: 'A part of the path is a file: name another by that setting.',
};

async function nearest(folder: string): Promise<string> {
  try {
    const found = await stat(folder);
    if (found.isDirectory()) return folder;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    const above = dirname(folder);
    if (above !== folder) return nearest(above);
  }
  throw Object.assign(new Error('not a folder'), { code: 'ENOTDIR' });
}

/** Permissions do not tell everything: quotas, and file systems over a network. */
async function tryToWrite(folder: string): Promise<void> {
  const path = join(folder, `.can-write-${process.pid}`);
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(Buffer.alloc(4096));
  } finally {
    await file.close();
    await rm(path, { force: true });
  }
}
