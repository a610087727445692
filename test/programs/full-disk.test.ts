import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isObject } from '#libs/kernel';
import { firstAdministrator } from '../../libs/composition/composition-root.js';
import { TestClient } from '../support/client.js';
import { TestKey } from '../support/keys.js';
import { freePort } from '../support/ports.js';
import { endProgram, firstWords } from '../support/programs.js';
import { type SmallDisk, smallDisk } from '../support/small-disk.js';

const program = fileURLToPath(new URL('../../scripts/start.mjs', import.meta.url));

let children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children) await endProgram(child, 'SIGKILL');
  children = [];
});

/** A city as `npm start` runs it, with the database that it brings. */
async function launch(
  dataDir: string,
  env: Readonly<Record<string, string>>,
  out: 'pipe' | number = 'pipe',
) {
  const port = await freePort();
  const others = { ...process.env };
  delete others['DATABASE_URL'];
  const child = spawn(process.execPath, [program, 'city'], {
    env: { ...others, PORT: String(port), METRICS_PORT: '0', DATA_DIR: dataDir, ...env },
    stdio: ['ignore', out, out],
  });
  children.push(child);
  return { child, baseUrl: `http://localhost:${String(port)}` };
}

interface Ready {
  readonly ready: boolean;
  readonly parts: Readonly<Record<string, string>>;
}

/** Asks until the answer is the one that is waited for. */
async function readyWhen(
  { child, baseUrl }: { readonly child: ChildProcess; readonly baseUrl: string },
  holds: (found: Ready) => boolean,
): Promise<Ready> {
  for (;;) {
    expect([child.exitCode, child.signalCode]).toEqual([null, null]);
    // it may not listen yet
    const answer = await fetch(`${baseUrl}/health/ready`).catch(() => null);
    const found = (await answer?.json()) as Ready | undefined;
    if (found !== undefined && holds(found)) return found;
    await wait(100);
  }
}

async function administratorOf(baseUrl: string, dataDir: string): Promise<TestClient> {
  const jwk = JSON.parse(await readFile(join(dataDir, 'keys', 'administrator.jwk'), 'utf8'));
  return new TestClient(baseUrl, firstAdministrator, new TestKey(jwk), ['clients:manage']);
}

async function auditor() {
  const details = { kind: 'auditor', name: '审计', department: '审计局' } as const;
  return { ...details, keys: [await new TestKey().proved(details)] };
}

jest.setTimeout(240_000); // each test starts a whole city

describe('a disk with no room left', () => {
  let disk: SmallDisk;
  let logs: SmallDisk;
  let dataDir: string;
  beforeAll(async () => {
    disk = await smallDisk(400);
    logs = await smallDisk(1);
    dataDir = join(disk.path, 'data');
  });
  afterAll(async () => {
    await disk.remove();
    await logs.remove();
  });

  test('under the log ends nothing: requests are answered, and when lines are taken again the first says how many were lost', async () => {
    const log = join(logs.path, 'city.log');
    const { child, baseUrl } = await launch(dataDir, { LOG_FILE: log });
    await firstWords(child);
    await logs.fill();
    const admin = await administratorOf(baseUrl, dataDir);
    for (let n = 0; n < 40; n++)
      expect(await admin.get(`/v1/clients/nobody${String(n)}`)).toMatchObject({ status: 404 });
    expect(await admin.post('/v1/clients', await auditor())).toMatchObject({ status: 201 });
    expect(await (await fetch(`${baseUrl}/health/ready`)).json()).toMatchObject({ ready: true });
    await logs.empty();
    await admin.get('/v1/clients/nobody');
    // A request is logged once its reply is sent, which may be after the reply came.
    let lines: readonly string[] = [];
    let told: unknown;
    while (told === undefined) {
      await wait(100);
      expect([child.exitCode, child.signalCode]).toEqual([null, null]);
      lines = (await readFile(log, 'utf8')).trim().split('\n');
      told = lines.map(read).find((line) => isObject(line) && line['msg'] === 'log_lines_lost');
    }
    expect(told).toMatchObject({ level: 40, lost: expect.any(Number) });
    expect(Number(isObject(told) && told['lost'])).toBeGreaterThan(0);
    expect(read(lines.at(-1) ?? '')).toMatchObject({ route: '/v1/clients/:client', status: 404 });
    expect(await endProgram(child, 'SIGINT')).toBe(0);
  });

  test('under the database is told by /health/ready until there is room again, without a new start; what was acknowledged is kept', async () => {
    // Neither the log nor the words of the start find room, which is no reason to end either.
    await logs.fill();
    const said = await open(join(logs.path, 'said'), 'a');
    const city = await launch(dataDir, { LOG_FILE: '/dev/full' }, said.fd);
    const { child, baseUrl } = city;
    await readyWhen(city, ({ ready }) => ready);
    await said.close();
    const admin = await administratorOf(baseUrl, dataDir);
    const kept = await admin.post('/v1/clients', await auditor());
    expect(kept.status).toBe(201);
    await disk.fill();
    const full = await readyWhen(city, ({ parts }) => parts['writes'] !== 'ok');
    expect(full).toMatchObject({ ready: false, parts: { disk: 'disk_full' } });
    // Where the server's log of changes needed room it is down by now, and comes back by itself.
    expect(['disk_full', 'writes_fail', 'unreachable']).toContain(full.parts['writes']);
    await disk.empty();
    await readyWhen(city, ({ ready }) => ready);
    const { client } = kept.body as { readonly client: string };
    expect(await admin.get(`/v1/clients/${client}`)).toMatchObject({ status: 200 });
    expect(await admin.post('/v1/clients', await auditor())).toMatchObject({ status: 201 });
    expect(await endProgram(child, 'SIGINT')).toBe(0);
  });

  test('is what a start says, with the room that is there and the room that it needs; and it leaves no server behind', async () => {
    await disk.fill();
    const { child } = await launch(dataDir, { LOG_FILE: '-' });
    await expect(firstWords(child)).rejects.toThrow(
      /The city did not start: the disk of .*postgres has 0 MB free, and a start needs 64 MB there \(disk_full\)\. .*Make room \(64 MB more at least/,
    );
    expect(child.exitCode).toBe(1);
    await expect(readFile(join(dataDir, 'postgres', 'postmaster.pid'))).rejects.toThrow('ENOENT');
    const fresh = await launch(join(disk.path, 'another'), { LOG_FILE: '-' });
    await expect(firstWords(fresh.child)).rejects.toThrow(/needs 192 MB there \(disk_full\)/);
    await disk.empty();
  });
});

function read(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null; // it was cut off by the end of the disk
  }
}
