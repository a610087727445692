import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EventStoreDouble } from '../eventstore/double.js';
import { freePort } from '../support/ports.js';
import { freshDatabase, type TestDatabase } from '../support/postgres.js';

const program = fileURLToPath(new URL('../../scripts/start.mjs', import.meta.url));
const cli = fileURLToPath(new URL('../../scripts/mianzheng.mjs', import.meta.url));

jest.setTimeout(240_000); // each command is a process that loads the program anew

describe('a city that is started on another event store than its own', () => {
  let own: EventStoreDouble;
  let empty: EventStoreDouble;
  let database: TestDatabase;
  let dataDir: string;
  const folders: string[] = [];
  const folder = async () => {
    const made = await mkdtemp(join(tmpdir(), 'mianzheng-store-'));
    folders.push(made);
    return made;
  };

  /** Runs a city until it is ready or has ended. */
  async function start(env: Readonly<Record<string, string>>) {
    const child = spawn(process.execPath, [program, 'city'], {
      env: {
        ...process.env,
        PORT: String(await freePort()),
        METRICS_PORT: '0',
        DATA_DIR: dataDir,
        DATABASE_URL: database.url,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    const exited = once(child, 'exit') as Promise<[number | null]>;
    const ready = new Promise<'ready'>((resolve) => {
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (text: Buffer) => {
          said += text.toString();
          if (said.includes('is ready')) resolve('ready');
        });
    });
    const outcome = await Promise.race([ready, exited]);
    if (outcome === 'ready') {
      child.kill('SIGINT');
      await exited;
      return { started: true, said };
    }
    return { started: false, said };
  }
  /**
   * Every command that opens a ledger's database, by itself. @returns what each said, and its exit
   * code
   */
  async function everyCommand(env: Readonly<Record<string, string>>) {
    const ends: Record<string, { readonly said: string; readonly code: number | null }> = {};
    const target = join(await folder(), 'backup');
    for (const words of [
      `backup ${target}`,
      'verify ledger',
      'verify chains',
      'replay',
      'log resume',
      'log new-witness 1',
      'keys rotate-master',
    ]) {
      const child = spawn(process.execPath, [cli, ...words.split(' ')], {
        env: { ...process.env, DATA_DIR: dataDir, DATABASE_URL: database.url, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let said = '';
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (text: Buffer) => (said += text.toString()));
      await once(child, 'close');
      ends[words] = { said, code: child.exitCode };
    }
    expect(await readdir(join(target, '..'))).toEqual([]);
    return Object.entries(ends);
  }
  const records = async () => {
    const { rows } = await database.pool.query<{ n: number }>(
      'SELECT count(*)::int AS n FROM log_record',
    );
    return rows[0]?.n;
  };

  beforeAll(async () => {
    own = await EventStoreDouble.start();
    empty = await EventStoreDouble.start();
    database = await freshDatabase();
    dataDir = await folder();
    expect((await start({ EVENT_STORE_URL: own.url })).started).toBe(true);
    expect(own.log.length).toBeGreaterThan(100);
  });
  afterAll(async () => {
    await own.stop();
    await empty.stop();
    await database.drop();
    for (const made of folders) await rm(made, { recursive: true, force: true });
  });

  test('does not start on an empty one, and appends nothing to it', async () => {
    const { started, said } = await start({ EVENT_STORE_URL: empty.url });
    expect(started).toBe(false);
    expect(said).toContain('store_behind_log');
    expect(said).toContain('EVENT_STORE_URL');
    expect(empty.log.length).toBe(0);
  });

  test('does not start on an older copy of its own, and appends nothing to it', async () => {
    const whole = [...own.log.all];
    own.log.rollBack(whole.length - 20);
    const { started, said } = await start({ EVENT_STORE_URL: own.url });
    expect(started).toBe(false);
    expect(said).toContain('store_behind_log');
    expect(own.log.length).toBe(whole.length - 20);
    own.log.replace(whole);
  });

  test('does not start without the one that it began with', async () => {
    const { started, said } = await start({});
    expect(started).toBe(false);
    expect(said).toContain('store_of_other_kind');
    expect(await records()).toBe(0);
  });

  test('and no command works on its database without that one, a backup least of all', async () => {
    for (const [words, { said, code }] of await everyCommand({})) {
      expect([words, said]).toEqual([
        words,
        expect.stringMatching(/\(store_of_other_kind\)\nSet EVENT_STORE_URL/),
      ]);
      expect([words, code]).toEqual([words, words.startsWith('verify') ? 2 : 1]);
    }
  });

  test('does not start on records of which its database knows nothing', async () => {
    const before = own.log.length;
    const other = await freshDatabase();
    const { started, said } = await start({
      EVENT_STORE_URL: own.url,
      DATABASE_URL: other.url,
      DATA_DIR: await folder(),
    });
    expect(started).toBe(false);
    expect(said).toContain('store_of_other_ledger');
    expect(own.log.length).toBe(before);
    await other.drop();
  });

  test('and whose records are in its database does not start on an event store', async () => {
    const other = await freshDatabase();
    const env = { DATABASE_URL: other.url, DATA_DIR: await folder() };
    expect((await start(env)).started).toBe(true);
    const { started, said } = await start({ ...env, EVENT_STORE_URL: empty.url });
    expect(started).toBe(false);
    expect(said).toContain('store_of_other_kind');
    expect(empty.log.length).toBe(0);
    // No server listens there: the store is not contacted before the comparison.
    const nowhere = `esdb://127.0.0.1:${String(await freePort())}?tls=false`;
    for (const [words, ended] of await everyCommand({ ...env, EVENT_STORE_URL: nowhere }))
      expect([words, ended.said]).toEqual([
        words,
        expect.stringMatching(/\(store_of_other_kind\)\nTake EVENT_STORE_URL away/),
      ]);
    await other.drop();
  });

  test('starts again on its own', async () => {
    expect((await start({ EVENT_STORE_URL: own.url })).started).toBe(true);
  });
});
