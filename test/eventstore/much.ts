import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { resolve } from 'node:path';
import { endProgram } from '../support/programs.js';

/** Bytes: what is left after a collection, and what the process has of the machine. */
export interface Memory {
  readonly live: number;
  readonly rss: number;
}

export interface ReadReport {
  readonly read: number;
  readonly seconds: number;
  /** The most while the first tenth was read. */
  readonly earlyPeak: Memory;
  /** The most while the other nine tenths were read. */
  readonly latePeak: Memory;
}

export type Reading = 'subscribe' | 'readAll';

const start = (program: string, ...args: readonly string[]): ChildProcess =>
  spawn(process.execPath, [resolve('scripts/start.mjs'), program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });

/**
 * Has so many records read through the adapter: from a double in a process of its own, which makes
 * them as they are read, by a reader in another one. By `subscribe` all but the first few come
 * while the subscription is open; by `readAll` in pages.
 */
export async function readMuch(records: number, by: Reading): Promise<ReadReport> {
  const count = String(records);
  const double = start(
    'eventstore-double',
    ...['--port', '0', '--generate', count],
    ...(by === 'subscribe' ? ['--at-once', '100'] : []),
  );
  try {
    const reader = start(
      'eventstore-reader',
      ...['--url', await urlOf(double), '--records', count, '--by', by],
    );
    const [said, [code]] = await Promise.all([saidBy(reader), once(reader, 'close')]);
    if (code !== 0) throw new Error(`the reader ended with ${String(code)}`);
    return JSON.parse(said) as ReadReport;
  } finally {
    await endProgram(double);
  }
}

async function urlOf(double: ChildProcess): Promise<string> {
  for await (const chunk of double.stdout ?? []) {
    const [, url] = /EVENT_STORE_URL=(\S+)/.exec(String(chunk)) ?? [];
    if (url !== undefined) return url;
  }
  throw new Error('the double did not start');
}

const saidBy = ({ stdout }: ChildProcess): Promise<string> =>
  stdout === null ? Promise.resolve('') : text(stdout);
