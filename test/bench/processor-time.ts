import { readdir, readFile } from 'node:fs/promises';

/** Linux counts in ticks of 1/100 s. */
const tickMs = 10;

interface Times {
  readonly parent: number;
  /** Milliseconds of processor time: its own, and of its children that have ended. */
  readonly own: number;
  readonly ended: number;
}

/** Processor time of a process in milliseconds, from /proc; null where there is no such thing. */
export const processTime = async (pid: number): Promise<number | null> =>
  (await timesOf(pid))?.own ?? null;

/** Resident memory of a process in MB, from /proc; null where there is no such thing. */
export async function residentMemory(pid: number): Promise<number | null> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) / 1024;
}

/** Of a process and everything that it started, running or ended. */
export async function familyTime(pid: number): Promise<number | null> {
  const root = await timesOf(pid);
  if (root === null) return null;
  let sum = root.own + root.ended;
  for (const name of await readdir('/proc'))
    if (/^\d+$/.test(name)) {
      const child = await timesOf(Number(name));
      if (child?.parent === pid) sum += child.own;
    }
  return sum;
}

/**
 * Of this process's children that have ended, in milliseconds: the difference of two readings is
 * what one took that ran between them.
 */
export const endedChildrenTime = async (): Promise<number | null> =>
  (await timesOf(process.pid))?.ended ?? null;

async function timesOf(pid: number): Promise<Times | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (text === null) return null;
  // proc_pid_stat(5): the program's name in brackets is the second field and may hold anything.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = (n: number) => Number(fields[n - 3]) * tickMs;
  return { parent: Number(fields[1]), own: ticks(14) + ticks(15), ended: ticks(16) + ticks(17) };
}
