import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { databaseFormat } from '#libs/platform';
import { freePort } from '../support/ports.js';
import { freshDatabase, type TestDatabase } from '../support/postgres.js';

const program = fileURLToPath(new URL('../../scripts/start.mjs', import.meta.url));
const cli = fileURLToPath(new URL('../../scripts/mianzheng.mjs', import.meta.url));

jest.setTimeout(240_000); // each row starts a program

/** What a start that cannot succeed says, and what it leaves: nothing. */
describe('a start that cannot succeed says why, in our words, what to do, and makes nothing', () => {
  let parent: string;
  let database: TestDatabase;
  let listener: Server;
  let silent: Server;
  let taken: number;
  const role = `nobody_${process.pid.toString()}`;
  beforeAll(async () => {
    parent = await mkdtemp(join(tmpdir(), 'mianzheng-refused-'));
    database = await freshDatabase();
    listener = createServer().listen(0, '127.0.0.1');
    silent = createServer().listen(0, '127.0.0.1');
    await Promise.all([once(listener, 'listening'), once(silent, 'listening')]);
    taken = (listener.address() as AddressInfo).port;
    await database.pool.query(`CREATE ROLE ${role} LOGIN PASSWORD 'invented'`);
  });
  afterAll(async () => {
    listener.close();
    silent.close();
    await database.pool.query(`DROP ROLE ${role}`);
    await database.drop();
    await rm(parent, { recursive: true, force: true });
  });

  const dataDir = () => join(parent, 'data');
  async function ends(script: string, words: readonly string[], env: Record<string, string>) {
    const child = spawn(process.execPath, [script, ...words], {
      env: {
        ...process.env,
        PORT: String(await freePort()),
        METRICS_PORT: '0',
        DATA_DIR: dataDir(),
        DATABASE_URL: database.url,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await once(child, 'close');
    return { said, code: child.exitCode };
  }
  /** The URL with another part. */
  const but = (change: (url: URL) => void) => {
    const url = new URL(database.url);
    change(url);
    return url.href;
  };

  test.each<
    [string, () => Record<string, string> | Promise<Record<string, string>>, number, RegExp]
  >([
    [
      'the port is another program’s',
      () => ({ PORT: String(taken) }),
      1,
      /another program listens on 127\.0\.0\.1:\d+ already \(port_taken\)\. Stop it .*, or set PORT to a free port/,
    ],
    [
      'the port of the metrics is',
      () => ({ METRICS_PORT: String(taken) }),
      1,
      /\(port_taken\).* set METRICS_PORT to a free port/,
    ],
    [
      'clients and metrics are given one port',
      async () => {
        const port = String(await freePort());
        return { PORT: port, METRICS_PORT: port };
      },
      2,
      /METRICS_PORT must be another port than PORT \(setting_invalid\)/,
    ],
    [
      'the address is not one of this machine',
      () => ({ HOST: '192.0.2.1' }),
      1,
      /192\.0\.2\.1 is no address of this machine \(address_not_here\)\. Set HOST to/,
    ],
    [
      'the folder of data cannot be made',
      async () => {
        await writeFile(join(parent, 'file'), '');
        return { DATA_DIR: join(parent, 'file', 'data') };
      },
      2,
      /DATA_DIR must be a place where this program can write, and .*file\/data is none \(ENOTDIR\)/,
    ],
    [
      'the folder of keys is a file',
      () => ({ KEYS_DIR: join(parent, 'file') }),
      2,
      /KEYS_DIR must be a place where this program can write, and .*file is none \(ENOTDIR\)/,
    ],
    [
      'no server listens where the database should be',
      async () => {
        const port = String(await freePort());
        return { DATABASE_URL: but((url) => (url.port = port)) };
      },
      1,
      /PostgreSQL at 127\.0\.0\.1:\d+ does not answer \(ECONNREFUSED\) \(database_unreachable\)\. Is it running/,
    ],
    [
      'something listens there that says nothing',
      () => ({
        DATABASE_URL: but((url) => (url.port = String((silent.address() as AddressInfo).port))),
      }),
      1,
      /PostgreSQL at 127\.0\.0\.1:\d+ does not answer \(database_unreachable\)/,
    ],
    [
      'the password is wrong',
      () => ({ DATABASE_URL: but((url) => (url.password = 'a-wrong-secret')) }),
      1,
      /does not let the user postgres in \(database_login_refused\)/,
    ],
    [
      'there is no such database',
      () => ({ DATABASE_URL: but((url) => (url.pathname = '/absent')) }),
      1,
      /has no database absent \(database_missing\)\. Make it there: CREATE DATABASE "absent" OWNER "postgres";/,
    ],
    [
      'the user does not own the database',
      () => ({
        DATABASE_URL: but((url) => Object.assign(url, { username: role, password: 'invented' })),
      }),
      1,
      /the user nobody_\d+ may not make tables in the database test_\w+, which belongs to postgres \(database_not_owned\)\. As postgres: ALTER DATABASE "test_\w+" OWNER TO "nobody_\d+";/,
    ],
    [
      'the database takes no changes',
      () => ({
        DATABASE_URL: but((url) => {
          url.searchParams.set('options', '-c default_transaction_read_only=on');
        }),
      }),
      1,
      /takes no changes: the server is a standby, or set so \(database_read_only\)/,
    ],
    [
      'nobody answers at EVENT_STORE_URL',
      async () => ({ EVENT_STORE_URL: `esdb://127.0.0.1:${String(await freePort())}?tls=false` }),
      1,
      /the event store at 127\.0\.0\.1:\d+ .* \(store_unreachable\)/,
    ],
    [
      'EVENT_STORE_URL has an option that there is not',
      () => ({ EVENT_STORE_URL: 'esdb://someone:invented@127.0.0.1:1?tlsVerify=true' }),
      2,
      /EVENT_STORE_URL must be another: .*, and tlsVerify is none of them \(setting_invalid\)/,
    ],
  ])('where %s', async (_, env, code, words) => {
    const told = await env();
    const ended = await ends(program, ['city'], told);
    expect(ended.said).toMatch(words);
    expect(ended.said).toMatch(/^The city did not start: /);
    expect(ended.said).not.toMatch(/a-wrong-secret|invented|\n\s+at /);
    expect(ended.code).toBe(code);
    expect((await readdir(parent)).filter((name) => name !== 'file')).toEqual([]);
    const { rows } = await database.pool.query(
      `SELECT FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
    );
    expect(rows).toEqual([]);
  });

  test('where the tables are of before this release, or of a later one; the commands say so, too', async () => {
    await database.pool.query('CREATE TABLE migrations (id serial, timestamp bigint, name text)');
    await database.pool.query('CREATE TABLE log_record ()');
    const tooOld = /format 1, and this release works on \d+ alone \(database_too_old\)/;
    const city = await ends(program, ['city'], {});
    expect(city.said).toMatch(tooOld);
    expect(city.said).toMatch(/start this one on an empty database: another DATABASE_URL/);
    expect(city.code).toBe(1);
    expect(await ends(cli, ['verify', 'chains'], {})).toMatchObject({
      code: 2, // it could not be checked
      said: expect.stringMatching(tooOld),
    });
    await database.pool.query(
      `CREATE TABLE schema_format AS SELECT ${String(databaseFormat + 1)} AS format`,
    );
    expect(await ends(program, ['city'], {})).toMatchObject({
      code: 1,
      said: expect.stringMatching(/\(schema_newer\)/),
    });
    expect(await readdir(parent)).toEqual(['file']);
    await database.pool.query('DROP TABLE migrations, log_record, schema_format');
  });

  test('where nobody answers at EVENT_STORE_URL, and the database would be the embedded one', async () => {
    const env = { ...process.env };
    delete env['DATABASE_URL'];
    const child = spawn(process.execPath, [program, 'city'], {
      env: {
        ...env,
        PORT: String(await freePort()),
        METRICS_PORT: '0',
        DATA_DIR: dataDir(),
        EVENT_STORE_URL: `esdb://127.0.0.1:${String(await freePort())}?tls=false`,
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await once(child, 'close');
    expect(said).toMatch(/\(store_unreachable\)/);
    expect((await readdir(parent)).filter((name) => name !== 'file')).toEqual([]);
  });

  test('where another user owns the folder', async () => {
    // Root may write everywhere: there the start itself is another user's.
    const asRoot = process.getuid?.() === 0;
    await chmod(parent, asRoot ? 0o755 : 0o555);
    const words = [process.execPath, program, 'city'];
    if (asRoot) words.unshift('setpriv', '--reuid=65534', '--regid=65534', '--clear-groups');
    const [command = '', ...rest] = words;
    const child = spawn(command, rest, {
      env: { ...process.env, METRICS_PORT: '0', DATA_DIR: dataDir() },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await once(child, 'close');
    expect(said).toMatch(
      /DATA_DIR must be a place where this program can write, and .*data is none \(EACCES\) \(setting_invalid\)\. Give the folder to the user/,
    );
    expect(child.exitCode).toBe(2);
    await chmod(parent, 0o755);
  });
});
