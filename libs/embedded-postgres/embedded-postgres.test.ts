import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { type DatabaseOptions, type EmbeddedDatabase, startDatabase } from './server.js';
import { isAlive } from './postmaster.js';

const run = promisify(execFile);

/** A program that starts the database, reports it, and then idles until it is killed. */
const holder = (dataDir: string) => `
  import { startDatabase } from '#libs/embedded-postgres';
  const database = await startDatabase({ dataDir: ${JSON.stringify(dataDir)} });
  process.stdout.write(JSON.stringify({ pid: database.pid, url: database.url }));
  setInterval(() => {}, 1000);`;

describe('the embedded PostgreSQL', () => {
  let made: string; // a data directory after its first start, to copy: making one takes seconds
  let place: string;
  let dataDir: string;
  const started: EmbeddedDatabase[] = [];
  const start = async (options: Partial<DatabaseOptions> = {}) => {
    const database = await startDatabase({ dataDir, ...options });
    started.push(database);
    return database;
  };
  const query = async (database: { url: string }, text: string) => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(text)).rows;
    } finally {
      await client.end();
    }
  };

  beforeAll(async () => {
    await run(process.execPath, ['scripts/build.mjs']); // what the programs of these tests run
    made = await mkdtemp(join(tmpdir(), 'mianzheng-made-'));
    await chmod(made, 0o755);
    const database = await startDatabase({ dataDir: join(made, 'postgres') });
    await query(database, 'CREATE TABLE kept (n int)');
    await database.stop();
  });
  afterAll(() => rm(made, { recursive: true, force: true }));

  beforeEach(async () => {
    place = await mkdtemp(join(tmpdir(), 'mianzheng-data-'));
    await chmod(place, 0o755);
    await run('cp', ['-a', `${made}/.`, place]);
    dataDir = join(place, 'postgres');
  });
  afterEach(async () => {
    for (const database of started.splice(0)) await database.stop();
    await rm(place, { recursive: true, force: true });
  });

  const program = async () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', holder(dataDir)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [said] = (await once(child.stdout, 'data')) as [Buffer];
    return { child, ...(JSON.parse(said.toString()) as { pid: number; url: string }) };
  };
  const killProgram = async (child: ReturnType<typeof spawn>) => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  };

  test('starts in a folder that is closed to others, as root’s own home is', async () => {
    await chmod(place, 0o700);
    await rm(dataDir, { recursive: true });
    await rm(`${dataDir}.access.json`);
    const database = await start();
    expect(await query(database, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('keeps its data, its port and its password from one start to the next, and the password to itself', async () => {
    const first = await start();
    await query(first, 'INSERT INTO kept VALUES (1)');
    await first.stop();
    expect(isAlive(first.pid)).toBe(false);
    const second = await start();
    expect(second.url).toBe(first.url);
    expect(await query(second, 'SELECT n FROM kept')).toEqual([{ n: 1 }]);
    expect((await stat(`${dataDir}.access.json`)).mode & 0o777).toBe(0o600);
    expect(second.adopted).toBe(false);
  });

  test('commits durably, and listens on loopback only', async () => {
    const database = await start();
    const settings = await query(
      database,
      `SELECT name, setting FROM pg_settings WHERE name IN
         ('fsync', 'synchronous_commit', 'full_page_writes', 'listen_addresses', 'data_checksums') ORDER BY name`,
    );
    expect(settings).toEqual([
      { name: 'data_checksums', setting: 'on' },
      { name: 'fsync', setting: 'on' },
      { name: 'full_page_writes', setting: 'on' },
      { name: 'listen_addresses', setting: '127.0.0.1' },
      { name: 'synchronous_commit', setting: 'on' },
    ]);
    const wrong = new URL(database.url);
    wrong.password = 'guessed';
    await expect(query({ url: wrong.href }, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
  });

  test('adopts the server that a killed program left running', async () => {
    const left = await program();
    await query(left, 'INSERT INTO kept VALUES (7)');
    await killProgram(left.child);
    expect(isAlive(left.pid)).toBe(true);
    const adopted = await start();
    expect([adopted.adopted, adopted.pid, adopted.url]).toEqual([true, left.pid, left.url]);
    expect(await query(adopted, 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
    await adopted.stop();
    expect(isAlive(left.pid)).toBe(false);
  });

  test('stops a left-over server that does not let it in, and starts its own', async () => {
    const left = await program();
    await query(left, "ALTER USER mianzheng PASSWORD 'another'");
    await killProgram(left.child);
    // The server keeps the other password, so the new start fails; it must leave no server behind,
    // and report it.
    await expect(start()).rejects.toMatchObject({ code: 'database_password_lost' });
    expect(isAlive(left.pid)).toBe(false);
  });

  test('says that the server was killed, and brings it back with every acknowledged row', async () => {
    let down: () => void = () => undefined;
    const wentDown = new Promise<void>((resolve) => (down = resolve));
    const database = await start({ onDown: down });
    for (let n = 0; n < 20; n++) await query(database, `INSERT INTO kept VALUES (${n})`);
    process.kill(database.pid, 'SIGKILL');
    await wentDown;
    const url = database.url;
    await database.restart();
    expect(database.url).toBe(url);
    expect(await query(database, 'SELECT count(*)::int AS n FROM kept')).toEqual([{ n: 20 }]);
  });

  test('says that an adopted server was killed, too', async () => {
    const left = await program();
    await killProgram(left.child);
    let down: () => void = () => undefined;
    const wentDown = new Promise<void>((resolve) => (down = resolve));
    const database = await start({ onDown: down });
    process.kill(left.pid, 'SIGKILL');
    await wentDown;
    await database.restart();
    expect(database.pid).not.toBe(left.pid);
    expect(await query(database, 'SELECT count(*)::int AS n FROM kept')).toEqual([{ n: 0 }]);
  });

  test('starts after program and server were both killed', async () => {
    const left = await program();
    await query(left, 'INSERT INTO kept VALUES (3)');
    left.child.kill('SIGKILL');
    process.kill(left.pid, 'SIGKILL');
    await once(left.child, 'exit');
    const database = await start();
    expect(database.adopted).toBe(false);
    expect(await query(database, 'SELECT n FROM kept')).toEqual([{ n: 3 }]);
  });

  test('refuses a second program on the same data, and does not disturb the first', async () => {
    const first = await start();
    await expect(startDatabase({ dataDir })).rejects.toMatchObject({ code: 'database_in_use' });
    expect(await query(first, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
  });

  test('leaves alone a process that happens to have the number of a former server', async () => {
    const innocent = spawn('sleep', ['60'], { stdio: 'ignore' });
    await writeFile(
      `${dataDir}/postmaster.pid`,
      `${innocent.pid}\n${dataDir}\n1700000000\n5432\n\n127.0.0.1\n\nready   \n`,
    );
    const database = await start();
    expect(database.adopted).toBe(false);
    expect(isAlive(innocent.pid!)).toBe(true);
    innocent.kill();
  });

  test('takes another port where its own is taken, and refuses where the operator named one', async () => {
    const access = JSON.parse(await readFile(`${dataDir}.access.json`, 'utf8')) as { port: number };
    const squatter = createServer().listen(access.port, '127.0.0.1');
    await once(squatter, 'listening');
    await expect(startDatabase({ dataDir, port: access.port })).rejects.toMatchObject({
      code: 'database_port_taken',
    });
    const database = await start();
    expect(new URL(database.url).port).not.toBe(String(access.port));
    squatter.close();
  });

  test('a first start that was interrupted is simply repeated', async () => {
    dataDir = join(place, 'fresh', 'postgres');
    await mkdir(`${dataDir}.new/base`, { recursive: true });
    const database = await start();
    expect(await query(database, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
  });

  test('refuses data of another major version, with what to do', async () => {
    await writeFile(`${dataDir}/PG_VERSION`, '9\n');
    const refused = startDatabase({ dataDir });
    await expect(refused).rejects.toMatchObject({ code: 'database_version', facts: { kept: '9' } });
  });
});
