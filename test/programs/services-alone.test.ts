import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatKey, SignatureType } from '#libs/log';
import { freePort } from '../support/ports.js';
import { freshDatabase, type TestDatabase } from '../support/postgres.js';
import { testSigner } from '../support/sealed-ledger.js';

const program = fileURLToPath(new URL('../../scripts/start.mjs', import.meta.url));

let database: TestDatabase;
let dataDir: string;
const running: ChildProcess[] = [];
beforeAll(async () => {
  database = await freshDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'mianzheng-alone-'));
});
afterAll(async () => {
  for (const child of running) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
  await database.drop();
  await rm(dataDir, { recursive: true, force: true });
});

/** What a service says until it listens or ends; `code` is null while it runs. */
async function start(service: string, env: Readonly<Record<string, string>>) {
  const told = { ...process.env, DATA_DIR: dataDir, METRICS_PORT: '0', ...env };
  const child = spawn(process.execPath, [program, service], {
    env: told,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.push(child);
  const said = Promise.withResolvers<string>();
  let words = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      words += chunk.toString();
      if (words.includes('listens on')) said.resolve(words);
    });
  child.once('close', () => {
    said.resolve(words);
  });
  return { child, said: await said.promise, code: child.exitCode };
}

const known = async () => {
  const port = await freePort();
  return {
    PORT: String(port),
    PUBLIC_URL: 'https://ledger.city.example',
    DATABASE_URL: database.url,
  };
};

describe('a service alone', () => {
  test.each([
    ['ledger', ['DATABASE_URL', 'PUBLIC_URL']],
    ['window', ['DATABASE_URL', 'PUBLIC_URL']],
    ['identity', ['DATABASE_URL', 'PUBLIC_URL']],
    ['front', ['PUBLIC_URL', 'IDENTITY_URLS', 'LEDGER_URLS', 'WINDOW_URLS']],
    ['witness', ['WITNESS_NAME', 'WITNESS_LOGS', 'DATA_DIR']],
  ])('%s says all that it must be told, and ends with 1', async (service, settings) => {
    const { said, code } = await start(service, { DATA_DIR: '' });
    expect(code).toBe(1);
    expect(said).toContain(`The ${service} did not start: `);
    expect(said).toContain('(setting_missing)');
    for (const setting of settings) expect(said).toContain(`${setting}, `);
    expect(said.trim().split('\n')).toHaveLength(1);
  });

  const away = 'http://127.0.0.1:1';
  const front = {
    PUBLIC_URL: 'https://ledger.city.example',
    IDENTITY_URLS: away,
    LEDGER_URLS: away,
    WINDOW_URLS: away,
  };
  const witness = () => ({
    WITNESS_NAME: 'witness.audit.example',
    WITNESS_LOGS: join(dataDir, 'logs'),
    DATA_DIR: join(dataDir, 'witness'),
  });
  /** A file or folder of the test's own. */
  const at = (name: string) => join(dataDir, name);
  beforeAll(async () => {
    const key = formatKey(testSigner('ledger.city.example', SignatureType.ed25519).key);
    await writeFile(at('logs'), `# the city's\n${key}\n`);
    await writeFile(at('no-log'), '# none yet\n');
    await writeFile(at('half-a-key'), `${key}\n${key.slice(0, -8)}\n`);
    await mkdir(at('spoilt'));
    await writeFile(at('spoilt/witness.key'), 'x\n', { mode: 0o600 });
  });
  type Told = Readonly<Record<string, string>>;
  test.each<[string, string, () => Told | Promise<Told>]>([
    ['front', 'WINDOW_URLS', () => ({ ...front, WINDOW_URLS: 'foo' })],
    ['front', 'LEDGER_URLS', () => ({ ...front, LEDGER_URLS: `${away}/path` })],
    ['front', 'LOG_FILE', () => ({ ...front, LOG_FILE: at('logs/below-a-file') })],
    ['front', 'DATA_DIR', () => ({ ...front, DATA_DIR: at('logs') })],
    ['witness', 'LOG_LEVEL', () => ({ ...witness(), LOG_LEVEL: 'loud' })],
    ['witness', 'PORT', () => ({ ...witness(), PORT: '80a' })],
    ['witness', 'WITNESS_NAME', () => ({ ...witness(), WITNESS_NAME: 'an auditor' })],
    ['witness', 'WITNESS_LOGS', () => ({ ...witness(), WITNESS_LOGS: at('nowhere') })],
    ['witness', 'WITNESS_LOGS', () => ({ ...witness(), WITNESS_LOGS: at('no-log') })],
    ['witness', 'WITNESS_LOGS', () => ({ ...witness(), WITNESS_LOGS: at('half-a-key') })],
    ['witness', 'DATA_DIR', () => ({ ...witness(), DATA_DIR: at('spoilt') })],
    ['ledger', 'LOG_POLICY', async () => ({ ...(await known()), LOG_POLICY: at('nowhere') })],
    ['ledger', 'LOG_POLICY', async () => ({ ...(await known()), LOG_POLICY: at('no-log') })],
    [
      'window',
      'EVENT_STORE_URL',
      async () => ({ ...(await known()), EVENT_STORE_URL: 'esdb://127.0.0.1:1?hurry=true' }),
    ],
  ])('%s ends with 2 where %s cannot be used, and names it', async (service, setting, told) => {
    const { said, code } = await start(service, await told());
    expect([code, said]).toEqual([2, expect.stringContaining(`The ${service} did not start: `)]);
    expect(said).toContain(`${setting} must be `);
    expect(said).toContain('(setting_invalid)');
    expect(said.trim().split('\n')).toHaveLength(1);
  });

  test('the witness says its key, keeps its messages in its folder, and ends though somebody connects and asks nothing', async () => {
    const port = await freePort();
    const { child, said, code } = await start('witness', { ...witness(), PORT: String(port) });
    expect([code, said]).toEqual([null, expect.stringContaining(`listens on 127.0.0.1:${port}`)]);
    expect(said).toMatch(/witness\.audit\.example\+[0-9a-f]{8}\+[A-Za-z0-9+/=]{44}/);
    expect(said).toContain('ledger.city.example');
    expect(await readdir(at('witness'))).toEqual(
      expect.arrayContaining(['checkpoints', 'witness.key', 'witness.log']),
    );
    const silent = connect(port, '127.0.0.1');
    await once(silent, 'connect');
    const began = performance.now();
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(performance.now() - began).toBeLessThan(5000);
    silent.destroy();
  });

  test('the window and the issuer open no key of the ledger, and need none', async () => {
    const keysDir = join(dataDir, 'keys-of-readers');
    for (const service of ['window', 'identity']) {
      const { child, said, code } = await start(service, { ...(await known()), KEYS_DIR: keysDir });
      expect(said).toContain('listens on');
      expect(code).toBeNull();
      child.kill('SIGTERM');
      expect(await once(child, 'exit')).toEqual([0, null]);
    }
    expect(await readdir(keysDir)).toEqual(['identity.jwks']);
  });

  test('the ledger makes its keys once; later it asks for the one that is gone', async () => {
    const { child, said } = await start('ledger', await known());
    expect(said).toContain('every ledger of this city needs the same');
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    await rm(join(dataDir, 'keys', 'log.key'));
    const again = await start('ledger', await known());
    expect(again.code).toBe(1);
    expect(again.said).toContain(`${join(dataDir, 'keys', 'log.key')} is not there`);
    expect(again.said).toContain('KEYS_DIR');
    expect(await readdir(join(dataDir, 'keys'))).not.toContain('log.key');
  });
});

describe('a second city process on one data directory', () => {
  test('says by what it learns of the witness of the first', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mianzheng-two-'));
    const other = await freshDatabase();
    const of = async () => ({
      PORT: String(await freePort()),
      DATABASE_URL: other.url,
      DATA_DIR: folder,
    });
    const first = spawn(process.execPath, [program, 'city'], {
      env: { ...process.env, METRICS_PORT: '0', ...(await of()) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    try {
      for await (const chunk of first.stdout) if (String(chunk).includes('Ctrl-C')) break;
      const { said, code } = await start('city', await of());
      expect(code).toBe(1);
      expect(said).toContain('witness_not_started');
      expect(said).toContain(`LOG_POLICY=${join(folder, 'log-policy')}`);
    } finally {
      first.kill('SIGTERM');
      if (first.exitCode === null) await once(first, 'exit');
      await other.drop();
      await rm(folder, { recursive: true, force: true });
    }
  }, 120_000);
});
