import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { SystemClock, utf8Bytes } from '#libs/kernel';
import { formatKey, seedSigner } from '#libs/log';
import { builtPages, namedPages } from '#libs/pages';
import { openLog } from '#libs/platform';
import { parsePolicy, verifyPages } from '#libs/verify';
import { productVersion } from '../../libs/composition/product-version.js';
import { PagesPublication } from '../../libs/composition/published-pages.js';
import { LyingDoor } from '../support/lying-door.js';
import { freePort } from '../support/ports.js';
import { Town } from '../support/town.js';

// Each command is a process that loads the program anew.
jest.setTimeout(240_000);

let town: Town;
let door: LyingDoor;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mianzheng-pages-'));
  const [port, behind] = [await freePort(), await freePort()];
  door = new LyingDoor(port, behind);
  town = await Town.start({ PORT: String(behind), PUBLIC_URL: `http://127.0.0.1:${port}` });
});
afterAll(async () => {
  await town.stop();
  await door.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  door.lie = (_, honest) => honest();
});

interface Said {
  readonly code: unknown;
  readonly out: string;
  readonly errors: string;
}
/** As a visitor types it: a process with nothing but the pages that were built here. */
const verify = (...words: readonly string[]) =>
  new Promise<Said>((end) => {
    execFile(
      process.execPath,
      [resolve('scripts/mianzheng.mjs'), 'verify', 'pages', ...words],
      { cwd: folder, env: { PATH: process.env['PATH'], DATA_DIR: folder } },
      (error, out, errors) => {
        end({ code: error === null ? 0 : error.code, out, errors });
      },
    );
  });
interface Report {
  readonly holds: boolean;
  readonly set: string;
  readonly files: number;
  readonly others: readonly { readonly path: string; readonly what: string }[];
  readonly log: Readonly<Record<string, unknown>>;
}
const told = ({ out }: Said) => JSON.parse(out) as Report;

/** A copy of the pages in which one file is another. */
async function changedPages(name: string): Promise<string> {
  const changed = join(folder, name);
  await cp(builtPages, changed, { recursive: true });
  await writeFile(
    join(changed, 'icon.svg'),
    `<svg xmlns="http://www.w3.org/2000/svg" id="${name}"/>`,
  );
  return changed;
}

interface Shown {
  readonly set: string;
  readonly record: { readonly version: number; readonly bytes: string };
  readonly receipt: string;
}
/** As a phone asks; a record that was just appended is sealed within a second. */
async function shown(path = ''): Promise<Shown> {
  for (;;) {
    const response = await fetch(`${town.url}/log/pages${path}`);
    const body = (await response.json()) as Shown & { readonly code?: string };
    if (body.code !== 'seal_pending') return body;
    await wait(50);
  }
}

describe('the set of pages that a city serves', () => {
  const publish = (from: string) =>
    new PagesPublication(town.city.city.app, new SystemClock(), openLog('silent'), from).record();

  it('is a record of the city in its log, which shows the hash of each file', async () => {
    const { record, receipt } = await shown();
    const policy = parsePolicy(await (await fetch(`${town.url}/log/policy`)).text());
    const found = verifyPages(utf8Bytes(record.bytes), utf8Bytes(receipt), policy);
    expect(found).toMatchObject({
      ...(await namedPages(builtPages)),
      productVersion: await productVersion(),
      record: { stream: 'pages-published', version: 0, actor: { client: 'city' } },
    });
  });

  it('is recorded anew where it is another, once for two that come together, and found by its name', async () => {
    const first = await shown();
    const changed = await changedPages('renewed');
    await Promise.all([publish(changed), publish(changed)]);
    const second = await shown();
    expect(second).toMatchObject({ ...(await namedPages(changed)), record: { version: 1 } });
    await publish(builtPages);
    expect(await shown()).toMatchObject({ set: first.set, record: { version: 2 } });
    expect(await shown(`/${first.set}`)).toMatchObject({ record: { version: 2 } });
    expect(await shown(`/${second.set}`)).toEqual({ ...second, receipt: expect.any(String) });
    const response = await fetch(`${town.url}/log/pages/${'A'.repeat(43)}`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: 'pages_not_recorded' });
  });
});

describe('a visitor who built the pages too', () => {
  it('is told that the city serves these, every file of them', async () => {
    const asked: string[] = [];
    door.lie = (path, honest) => {
      asked.push(path);
      return honest();
    };
    const said = await verify(town.url, '--json');
    expect([said.code, said.errors]).toEqual([0, '']);
    expect(told(said)).toMatchObject({ holds: true, others: [] });
    const ofLog = [`/log/pages/${told(said).set}`, '/log/policy'];
    expect(asked).toHaveLength(told(said).files + ofLog.length);
    expect(asked).toEqual(
      expect.arrayContaining([...ofLog, '/', '/phone', '/phone-worker.js', '/window']),
    );
    expect(told(said).log).toMatchObject({
      recorded: true,
      policyOf: 'city',
      log: 'trial.city.example',
      productVersion: await productVersion(),
    });
  });

  it('holds the record to the keys that it was given another way', async () => {
    const policy = join(folder, 'policy');
    await writeFile(policy, await (await fetch(`${town.url}/log/policy`)).text());
    const said = await verify(town.url, '--policy', policy);
    expect([said.code, said.errors]).toEqual([0, '']);
    expect(said.out).toContain('by the keys of the policy');
    const key = formatKey(seedSigner('trial.city.example', 1, new Uint8Array(32).fill(7)).key);
    await writeFile(policy, `log ${key}\nquorum none\n`);
    const other = await verify(town.url, '--policy', policy, '--json');
    expect(other.code).toBe(1);
    expect(told(other)).toMatchObject({
      holds: false,
      others: [],
      log: { recorded: false, policyOf: 'file', code: 'signature_missing' },
    });
  });

  it('is told where the log shows no record of it, or one whose proof does not hold', async () => {
    door.lie = async (path, honest) => {
      const { headers, ...answer } = await honest();
      if (!path.startsWith('/log/pages/')) return { headers, ...answer };
      const body = Buffer.from(String(answer.body).replace(/index \d+/, 'index 0'));
      return { status: 200, headers: {}, body };
    };
    const tampered = await verify(town.url, '--json');
    expect([tampered.code, told(tampered).log['code']]).toEqual([1, 'inclusion_not_proved']);
    door.lie = (path, honest) =>
      path.startsWith('/log/pages/')
        ? Promise.resolve({ status: 404, headers: {}, body: Buffer.from('{}') })
        : honest();
    const absent = await verify(town.url);
    expect(absent.code).toBe(1);
    expect(absent.out).toContain('it has no record of the set (pages_not_recorded)');
  });

  it('is not sent on to another origin, and follows the city within its own', async () => {
    const to = (location: string) => ({
      status: 302,
      headers: { location },
      body: Buffer.from(''),
    });
    door.lie = (path, honest) =>
      path === '/window' ? Promise.resolve(to('http://127.0.0.1:9/window')) : honest();
    const sent = await verify(town.url);
    expect([sent.code, sent.out]).toEqual([2, '']);
    expect(sent.errors).toContain('the city sends /window on to another origin');
    door.lie = (path, honest) =>
      path === '/window' ? Promise.resolve(to('/window?again')) : honest();
    expect((await verify(town.url)).code).toBe(0);
  });

  it('is told of a page that says more, of a changed script, and of one that is missing', async () => {
    const script = /^\/assets\/phone-.*\.js$/;
    door.lie = async (path, honest) => {
      const { headers, ...answer } = await honest();
      if (path === '/sign-in') return { status: 404, headers: {}, body: Buffer.from('') };
      if (path !== '/phone' && !script.test(path)) return { headers, ...answer };
      return { status: 200, headers: {}, body: Buffer.from(`${String(answer.body)} `) };
    };
    const said = await verify(town.url, '--json');
    expect([said.code, said.errors]).toEqual([1, '']);
    expect(told(said).others).toEqual(
      expect.arrayContaining([
        { path: expect.stringMatching(/^assets\/phone-.*\.js$/), what: 'other' },
        { path: 'phone/index.html', what: 'other' },
        { path: 'sign-in/index.html', what: 'absent' },
      ]),
    );
  });

  it('gives another set another name', async () => {
    const changed = await changedPages('changed');
    const [here, there] = [
      told(await verify(town.url, '--json')),
      told(await verify(town.url, '--built', changed, '--json')),
    ];
    expect(there.others).toEqual([{ path: 'icon.svg', what: 'other' }]);
    expect(there.set).not.toBe(here.set);
    expect(there.log).toMatchObject({ recorded: false, code: 'pages_not_recorded' });
  });

  it('ends with 2 where nothing was built, and where no city is', async () => {
    const nothingBuilt = await verify(town.url, '--built', join(folder, 'none'));
    expect([nothingBuilt.code, nothingBuilt.out]).toEqual([2, '']);
    expect(nothingBuilt.errors).toContain('pages_not_built');
    const noCity = await verify('city.example');
    expect([noCity.code, noCity.errors.includes('url_wrong')]).toEqual([2, true]);
  });
});
