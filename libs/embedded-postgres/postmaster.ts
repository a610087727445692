import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile, realpath, rm } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';

/**
 * The postmaster that `postmaster.pid` names: a server that runs on the data directory, perhaps
 * left over from a program that was killed.
 */

export interface Postmaster {
  readonly pid: number;
  readonly port: number;
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return !isZombie(pid);
}

/** It has ended and was not reaped, as in a container whose first process is this program. */
function isZombie(pid: number): boolean {
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false; // no /proc on this system
  }
}

/**
 * @returns undefined where none runs. A file whose process id belongs to another program by now is
 *   deleted, because PostgreSQL would refuse to start.
 */
export async function findPostmaster(dataDir: string): Promise<Postmaster | undefined> {
  const file = `${dataDir}/postmaster.pid`;
  const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n');
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  if (!isAlive(pid)) return undefined; // PostgreSQL replaces that file itself
  if (await isPostmasterOf(pid, dataDir)) return { pid, port };
  await rm(file, { force: true });
  return undefined;
}

async function isPostmasterOf(pid: number, dataDir: string): Promise<boolean> {
  const command = await commandOf(pid);
  const place = await realpath(dataDir);
  return command.includes('postgres') && (command.includes(dataDir) || command.includes(place));
}

async function commandOf(pid: number): Promise<string> {
  try {
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ');
  } catch {
    return promisify(execFile)('ps', ['-p', String(pid), '-o', 'command=']).then(
      ({ stdout }) => stdout,
      () => '',
    );
  }
}

/**
 * Lets the server finish (fast shutdown), and after `patienceMs` makes it stop at once (immediate
 * shutdown; it recovers at its next start).
 */
export async function stopPostmaster(pid: number, patienceMs = 20_000): Promise<void> {
  signal(pid, 'SIGINT');
  if (await gone(pid, patienceMs)) return;
  signal(pid, 'SIGQUIT');
  await gone(pid, patienceMs);
}

function signal(pid: number, name: NodeJS.Signals) {
  try {
    process.kill(pid, name);
  } catch {
    // It ended meanwhile.
  }
}

async function gone(pid: number, withinMs: number): Promise<boolean> {
  const end = performance.now() + withinMs;
  while (isAlive(pid)) {
    if (performance.now() > end) return false;
    await wait(20);
  }
  return true;
}
