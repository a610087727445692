import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { PostgresLogStorage } from '#libs/sealing/sealing.module';
import { freePort } from '../support/ports.js';
import { freshDatabase, type TestDatabase } from '../support/postgres.js';

const program = fileURLToPath(new URL('../../scripts/start.mjs', import.meta.url));

describe('npm start', () => {
  let database: TestDatabase;
  let dataDir: string;
  beforeAll(async () => {
    database = await freshDatabase();
    dataDir = await mkdtemp(join(tmpdir(), 'mianzheng-start-'));
  });
  afterAll(async () => {
    await database.drop();
    await rm(dataDir, { recursive: true, force: true });
  });

  async function start(env: Record<string, string> = {}) {
    const port = await freePort();
    const child = spawn(process.execPath, [program, 'city'], {
      env: {
        ...process.env,
        PORT: String(port),
        METRICS_PORT: '0',
        DATA_DIR: dataDir,
        DATABASE_URL: database.url,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return { child, said: await firstWords(child), port };
  }

  test('says what runs where and what to do next; Ctrl-C ends it with 0', async () => {
    const { child, said, port } = await start();
    expect(said).toContain(`http://localhost:${port}/openapi.json`);
    expect(said).toContain(`administration at http://localhost:${port}/admin`);
    const told = `MIANZHENG_URL=http://localhost:${port} ADMINISTRATOR_KEY=${dataDir}/keys/administrator.jwk`;
    expect(said).toContain(`${told} npm run demo, in a second terminal`);
    const live = await fetch(`http://localhost:${port}/health/live`);
    expect(live.status).toBe(200);
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  test('keeps its keys private, and across restarts', async () => {
    const read = () => readFile(join(dataDir, 'keys', 'administrator.jwk'), 'utf8');
    const first = await read();
    const { child, port } = await start();
    const pages = await fetch(`http://localhost:${port}/log/pages`);
    child.kill('SIGTERM');
    await once(child, 'exit');
    expect(await read()).toBe(first);
    // The same release serves the same pages, which were recorded at the first start.
    expect(await pages.json()).toMatchObject({ record: { version: 0 } });
    for (const file of [
      'administrator.jwk',
      'identity.jwks',
      'ledger.jwks',
      'request.key',
      'master.key',
      'pepper.key',
    ])
      expect((await stat(join(dataDir, 'keys', file))).mode & 0o777).toBe(0o600);
    expect((await stat(join(dataDir, 'keys'))).mode & 0o777).toBe(0o700);
  });

  test('goes on when the administrator took the key away, and makes no other', async () => {
    const file = join(dataDir, 'keys', 'administrator.jwk');
    await rename(file, `${dataDir}/taken.jwk`);
    const { child, said } = await start();
    child.kill('SIGTERM');
    await once(child, 'exit');
    expect(said).toContain('is ready');
    await expect(stat(file)).rejects.toThrow('ENOENT');
    await rename(`${dataDir}/taken.jwk`, file);
  });

  test('forgets Idempotency-Keys of three days ago, however short its processes live', async () => {
    await database.pool.query(
      `INSERT INTO idempotency (client, key, request_hash, seed, created)
       VALUES ('terminal-1', 'an old one', '', '', now() - interval '3 days')`,
    );
    const { child } = await start();
    const old = () => database.pool.query(`SELECT FROM idempotency WHERE key = 'an old one'`);
    for (let left = 100; left > 0 && (await old()).rowCount !== 0; left--) await wait(100);
    expect((await old()).rowCount).toBe(0);
    child.kill('SIGTERM');
    await once(child, 'exit');
  });

  test('says of a ledger whose log refuses that it runs read-only, why and what to do, and never that it is ready', async () => {
    const storage = new PostgresLogStorage(database.pool);
    await storage.refuse('store_changed', null);
    const { child, said, port } = await start();
    try {
      expect(said).not.toContain('is ready');
      expect(said).not.toContain('npm run demo');
      expect(said).toContain('runs READ-ONLY');
      expect(said).toContain('its log refuses to go on (store_changed)');
      expect(said).toContain('mianzheng verify ledger');
      expect(said).toContain('mianzheng log resume');
      const health = await fetch(`http://localhost:${port}/health/ready`);
      expect(health.status).toBe(503);
      expect(await health.json()).toMatchObject({ parts: { log: 'sealing_refused' } });
    } finally {
      child.kill('SIGTERM');
      await once(child, 'exit');
      await storage.lift();
    }
  });

  test.each(['master.key', 'pepper.key'])(
    'does not start without its %s, and makes no other',
    async (name) => {
      const file = join(dataDir, 'keys', name);
      await rename(file, `${dataDir}/taken`);
      const { child, said } = await start();
      expect(said).toContain(`${file} is not there`);
      if (child.exitCode === null) await once(child, 'exit');
      expect(child.exitCode).toBe(1);
      await expect(stat(file)).rejects.toThrow('ENOENT');
      await rename(`${dataDir}/taken`, file);
    },
  );

  test('refuses a setting that cannot be used, without repeating it', async () => {
    const { child, said } = await start({ DATABASE_URL: 'mysql://someone:secret@host/db' });
    expect(said).toContain('DATABASE_URL must be a postgres:// URL');
    expect(said).not.toContain('secret');
    if (child.exitCode === null) await once(child, 'exit');
    expect(child.exitCode).toBe(2);
  });
});

/** What a program says until it is ready, or until it ends. */
async function firstWords(child: ChildProcess): Promise<string> {
  let said = '';
  const ended = Promise.withResolvers<string>();
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('Ctrl-C')) ended.resolve(said);
    });
  child.once('close', () => {
    ended.resolve(said);
  });
  return ended.promise;
}
