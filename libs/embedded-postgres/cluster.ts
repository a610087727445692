import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chown, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { arch, platform } from 'node:os';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { DatabaseNotStarted } from './embedded-postgres.errors.js';
import { asOwner, type Owner } from './owner.js';

/** The data directory of the embedded PostgreSQL, the files beside it, and its owner. */

const run = promisify(execFile);

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * The binaries of the package `embedded-postgres` for this machine. Its JavaScript is not used,
 * because it stops the server on signals by itself.
 */
export async function findBinaries(): Promise<Binaries> {
  const system = platform() === 'win32' ? 'windows' : platform();
  const name = `@embedded-postgres/${system}-${arch()}`;
  try {
    return (await import(name)) as Binaries;
  } catch (cause) {
    throw new DatabaseNotStarted(
      'database_not_started',
      `no PostgreSQL comes with the package ${name}`,
      { package: name },
      { cause, hint: 'Set DATABASE_URL to a PostgreSQL server.' },
    );
  }
}

/**
 * What a program needs to connect. Stored beside the data directory, readable by its owner alone.
 */
export interface Access {
  readonly password: string;
  readonly port: number;
}

const accessFile = (dataDir: string) => `${dataDir}.access.json`;

export async function readAccess(dataDir: string): Promise<Access | undefined> {
  try {
    return JSON.parse(await readFile(accessFile(dataDir), 'utf8')) as Access;
  } catch {
    return undefined;
  }
}

export async function writeAccess(dataDir: string, access: Access): Promise<void> {
  const fresh = `${accessFile(dataDir)}.new`;
  await writeFile(fresh, `${JSON.stringify(access)}\n`, { mode: 0o600 });
  await rename(fresh, accessFile(dataDir));
}

/** A free port of the loopback interface: `wanted` where it is free. */
export async function freePort(wanted = 0): Promise<number> {
  const probe = createServer();
  const listening = once(probe, 'listening');
  probe.listen(wanted, '127.0.0.1');
  try {
    await listening;
  } catch {
    return freePort();
  }
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  return typeof address === 'object' && address !== null ? address.port : freePort();
}

/**
 * Makes the data directory where there is none, atomically, so that an interrupted first start can
 * be repeated.
 */
export async function ensureCluster(
  dataDir: string,
  binaries: Binaries,
  owner: Owner,
): Promise<Access> {
  const access = await readAccess(dataDir);
  const version = await readFile(`${dataDir}/PG_VERSION`, 'utf8').catch(() => undefined);
  if (version !== undefined) {
    await refuseOtherVersion(dataDir, version.trim(), binaries);
    if (access !== undefined) return access;
    throw new DatabaseNotStarted(
      'database_password_lost',
      `${accessFile(dataDir)} is missing`,
      {},
      { hint: 'Bring that file back from the backup of the data directory.' },
    );
  }
  await mkdir(dirname(dataDir), { recursive: true });
  const made = access ?? {
    password: randomBytes(24).toString('base64url'),
    port: await freePort(),
  };
  await writeAccess(dataDir, made);
  await initialise(dataDir, binaries, owner, made.password);
  return made;
}

async function initialise(dataDir: string, binaries: Binaries, owner: Owner, password: string) {
  const fresh = `${dataDir}.new`;
  const passwordFile = `${dataDir}.password`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { mode: 0o700 });
  await writeFile(passwordFile, password, { mode: 0o600 });
  try {
    if (owner.uid !== undefined && owner.gid !== undefined) {
      await chown(fresh, owner.uid, owner.gid);
      await chown(passwordFile, owner.uid, owner.gid);
    }
    await spawned(binaries.initdb, owner, [
      `--pgdata=${fresh}`,
      '--username=mianzheng',
      '--auth=scram-sha-256',
      `--pwfile=${passwordFile}`,
      '--encoding=UTF8',
      // The same order of texts on every machine, whatever locales it has; Unicode's letter cases
      // all the same.
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--data-checksums',
    ]);
  } finally {
    await rm(passwordFile, { force: true });
  }
  await rename(fresh, dataDir);
  const parent = await open(dirname(dataDir));
  await parent.sync().finally(() => parent.close());
}

async function spawned(program: string, owner: Owner, args: readonly string[]): Promise<void> {
  const launch = asOwner(owner, program, args);
  const child = spawn(launch.command, launch.args, {
    ...launch.user,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const code = await new Promise<number | Error | null>((resolve) => {
    child.once('error', resolve);
    child.once('close', resolve);
  });
  if (code === 0) return;
  throw new DatabaseNotStarted(
    'database_not_started',
    `initdb did not succeed: ${said.trim().split('\n').at(-1) ?? ''}`,
    { exit: typeof code === 'number' ? code : null },
    {
      cause: code instanceof Error ? code : said,
      hint: 'The user that runs PostgreSQL must be able to read the program folder and to reach the data directory.',
    },
  );
}

async function refuseOtherVersion(dataDir: string, kept: string, binaries: Binaries) {
  const { stdout } = await run(binaries.postgres, ['--version']);
  const brought = /(\d+)/.exec(stdout)?.[1] ?? '';
  if (kept === brought) return;
  throw new DatabaseNotStarted(
    'database_version',
    `the data in ${dataDir} are of PostgreSQL ${kept}, and this program brings ${brought}`,
    { kept, brought },
    { hint: 'Move the data with pg_upgrade, or point DATABASE_URL at a server that has them.' },
  );
}
