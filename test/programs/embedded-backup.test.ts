import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chmod, cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { firstAdministrator } from '../../libs/composition/composition-root.js';
import { TestClient } from '../support/client.js';
import { TestKey } from '../support/keys.js';
import { freePort } from '../support/ports.js';
import { endProgram, firstWords } from '../support/programs.js';
import { smallCatalogue } from '../support/witnessed-city.js';
import { done } from '../support/town.js';

/** Each start brings a database of its own up. */
jest.setTimeout(240_000);

const script = (name: string) => resolve('scripts', name);

describe('a city with its own PostgreSQL', () => {
  let folder: string;
  let port: number;
  const running: ChildProcess[] = [];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mianzheng-embedded-'));
    await chmod(folder, 0o755); // root starts the server as another user, who must get in
    port = await freePort();
  });
  afterAll(async () => {
    for (const child of running) await endProgram(child);
    await rm(folder, { recursive: true, force: true });
  });

  const env = (name: string): NodeJS.ProcessEnv => {
    const others = Object.entries(process.env).filter(([setting]) => setting !== 'DATABASE_URL');
    return {
      ...Object.fromEntries(others),
      PORT: String(port),
      METRICS_PORT: '0',
      DATA_DIR: join(folder, name),
      CATALOGUE_DIR: smallCatalogue,
    };
  };
  async function start(name: string): Promise<ChildProcess> {
    const child = spawn(process.execPath, [script('start.mjs'), 'city'], {
      env: env(name),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.push(child);
    await firstWords(child);
    return child;
  }
  const mianzheng = (name: string, ...args: string[]) =>
    new Promise<{ code: number; said: string }>((told) => {
      execFile(
        process.execPath,
        [script('mianzheng.mjs'), ...args],
        { env: env(name) },
        (error, out, err) => {
          told({ code: error === null ? 0 : Number(error.code ?? 1), said: out + err });
        },
      );
    });
  async function administrator(name: string): Promise<TestClient> {
    const text = await readFile(join(folder, name, 'keys', 'administrator.jwk'), 'utf8');
    const key = new TestKey(JSON.parse(text));
    return new TestClient(`http://localhost:${String(port)}`, firstAdministrator, key, [
      'clients:manage',
    ]);
  }

  test('is backed up while it runs and while it stands still, and comes back in another folder', async () => {
    const first = await start('one');
    const admin = await administrator('one');
    const details = { kind: 'auditor', name: '示例审计', department: '审计' };
    const { client } = done(
      await admin.post('/v1/clients', { ...details, keys: [await new TestKey().proved(details)] }),
    ) as { client: string };
    expect(await mianzheng('one', 'backup', join(folder, 'while-running'))).toMatchObject({
      code: 0,
    });
    expect(await endProgram(first)).toBe(0);
    expect(await mianzheng('one', 'backup', join(folder, 'standing'))).toMatchObject({ code: 0 });

    // Kept apart from backups (docs/operations/backup.md): the keys, and what its own witness has
    // seen.
    for (const apart of ['keys', 'witness'])
      await cp(join(folder, 'one', apart), join(folder, 'two', apart), { recursive: true });
    await chmod(join(folder, 'two'), 0o755);
    const { code, said } = await mianzheng('two', 'restore', join(folder, 'while-running'));
    expect([code, said]).toEqual([0, expect.stringContaining('all of it holds')]);
    const second = await start('two');
    const found = done(await (await administrator('two')).get(`/v1/clients/${client}`));
    expect(found).toMatchObject({ kind: 'auditor' });
    expect(await endProgram(second)).toBe(0);

    // What is there is never written over.
    const again = await mianzheng('two', 'restore', join(folder, 'standing'));
    expect([again.code, again.said]).toEqual([1, expect.stringContaining('database_not_empty')]);
  });
});
