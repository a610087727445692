import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient, readKey } from '#libs/api-client';
import { inventedCreditCode } from '../support/authority.js';
import { startCity, type TestCity } from '../support/city.js';
import { freePort } from '../support/ports.js';

jest.setTimeout(240_000); // each step is a program of its own

const root = fileURLToPath(new URL('../../', import.meta.url));

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly said: string;
}

function run(program: string, args: readonly string[], env: Record<string, string> = {}) {
  const { promise, resolve } = Promise.withResolvers<Ended>();
  execFile(program, args, { env: { ...process.env, ...env } }, (error, out, said) => {
    resolve({ code: error === null ? 0 : Number(error.code), out, said });
  });
  return promise;
}

describe('mianzheng clients', () => {
  let city: TestCity;
  let folder: string;
  beforeAll(async () => {
    city = await startCity();
    await city.caughtUp();
    folder = await mkdtemp(join(tmpdir(), 'mianzheng-clients-'));
  });
  afterAll(async () => {
    await city.stop();
    await rm(folder, { recursive: true });
  });

  const mianzheng = (...args: string[]) =>
    run(process.execPath, [join(root, 'scripts/mianzheng.mjs'), ...args], {
      DATA_DIR: city.dataDir,
      MIANZHENG_URL: city.baseUrl,
    });
  const file = (name: string) => join(folder, name);
  async function json(ended: Promise<Ended>): Promise<Record<string, unknown>> {
    const { code, out, said } = await ended;
    expect([code, said]).toEqual([0, '']);
    return JSON.parse(out) as Record<string, unknown>;
  }
  const window = [
    '--kind',
    'terminal',
    '--name',
    '三号窗口',
    '--department',
    '人社',
    '--window',
    'hall-1-03',
  ];
  /** What a client may do with a key file. */
  async function reads(client: string, keyFile: string): Promise<number> {
    const key = await readKey(JSON.parse(await readFile(keyFile, 'utf8')));
    const api = createClient({ baseUrl: city.baseUrl, client, key, scopes: ['matters:read'] });
    return api.GET('/v1/matters', { params: { query: { q: '参保' } } }).then(
      ({ response }) => response.status,
      () => 401,
    );
  }

  test('the first job: a key is made and proved where it stands, registered elsewhere, and what is printed is enough to call', async () => {
    const made = await mianzheng('keys', 'new', file('window.jwk'));
    expect(made.code).toBe(0);
    expect((await stat(file('window.jwk'))).mode & 0o777).toBe(0o600);
    const proved = await mianzheng('keys', 'prove', file('window.jwk'), ...window);
    expect(proved.said).toBe('');
    const { d } = JSON.parse(await readFile(file('window.jwk'), 'utf8')) as { d: string };
    expect(proved.out).not.toContain(d);
    await writeFile(file('window.json'), proved.out);
    const registered = await mianzheng('clients', 'register', file('window.json'));
    expect(registered.said).toBe('');
    const [client = ''] = /^\S+/.exec(registered.out) ?? [];
    expect(registered.out).toContain(`client id   ${client}`);
    expect(registered.out).toContain(
      `issuer      ${city.baseUrl}/identity: the audience of its assertions, exactly`,
    );
    expect(registered.out).toContain(
      'scopes      subjects:identify cases:open releases:pull matters:read',
    );
    expect(await reads(client, file('window.jwk'))).toBe(200);
  });

  test('a department whose name looks like another’s is registered, and told by the command and by the API', async () => {
    const registered = async (department: string, ...more: string[]) => {
      const key = file(`${Math.random()}.jwk`);
      await mianzheng('keys', 'new', key);
      return mianzheng(
        ...['clients', 'register', '--holder-key', key, '--kind', 'auditor', '--name', '示例'],
        ...['--department', department, ...more],
      );
    };
    expect((await registered('人社')).out).not.toContain('look alike');
    for (const [department, points] of [
      ['入社', '(U+4EBA U+793E) / 入社 (U+5165 U+793E)'],
      ['人 社', '人 社 (U+4EBA U+0020 U+793E)'],
      ['\uf9d1社', '六社 (U+516D U+793E) / \uf9d1社 (U+F9D1 U+793E)'],
    ] as const) {
      const { out } = await registered(department);
      expect(out).toContain('部门名称相似，请核对');
      expect(out).toContain(points);
    }
    expect((await registered('示例局A')).out).not.toContain('look alike');
    for (const department of ['示例局А', '示例局Ａ']) {
      const told = JSON.parse((await registered(department, '--json')).out) as Record<
        string,
        unknown
      >;
      expect(told['lookalikes']).toContainEqual(['示例局A', department].sort());
    }
    // What the catalogue names counts as well: 公安 issues types.
    const told = JSON.parse((await registered('公 安', '--json')).out) as Record<string, unknown>;
    expect(told['lookalikes']).toContainEqual(['公 安', '公安']);
  });

  test('shown, listed, shut out, let in again, given another key: each in words, as JSON and in silence', async () => {
    await mianzheng('keys', 'new', file('a.jwk'));
    const view = await json(
      mianzheng(
        'clients',
        'register',
        '--holder-key',
        file('a.jwk'),
        '--kind',
        'auditor',
        '--name',
        '审计',
        '--department',
        '审计局',
        '--json',
      ),
    );
    const client = String(view['client']);
    expect(view['handOver']).toMatchObject({
      client,
      tokenEndpoint: `${city.baseUrl}/identity/token`,
    });
    expect((await mianzheng('clients', 'show', client)).out).toMatch(
      /enabled\n  kind        auditor\n/,
    );
    const listed = await json(mianzheng('clients', 'list', '--json'));
    expect(listed['clients']).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ client, enabled: true }),
        expect.objectContaining({ client: 'administrator' }),
      ]),
    );
    expect(await mianzheng('clients', 'disable', client, '--reason', 'lost', '--quiet')).toEqual({
      code: 0,
      out: `${client}\n`,
      said: '',
    });
    expect(await reads(client, file('a.jwk'))).toBe(401);
    expect((await mianzheng('clients', 'list')).out).toMatch(
      new RegExp(`^${client} +DISABLED`, 'm'),
    );
    await json(mianzheng('clients', 'enable', client, '--reason', 'returned', '--json'));
    expect(await reads(client, file('a.jwk'))).toBe(200);
    await mianzheng('keys', 'new', file('b.jwk'));
    await writeFile(
      file('b.json'),
      (await mianzheng('keys', 'prove', file('b.jwk'), '--client', client)).out,
    );
    const rotated = await json(
      mianzheng('clients', 'rotate-key', client, file('b.json'), '--json'),
    );
    expect(rotated['keys']).toHaveLength(1);
    expect([await reads(client, file('a.jwk')), await reads(client, file('b.jwk'))]).toEqual([
      401, 200,
    ]);
  });

  test('an authority gets types and loses some, and keeps one at least', async () => {
    await mianzheng('keys', 'new', file('authority.jwk'));
    const options = ['--kind', 'issuing-authority', '--name', '示例机构', '--department', '示例'];
    const registered = await json(
      mianzheng(
        ...['clients', 'register', '--holder-key', file('authority.jwk'), ...options],
        ...['--credit-code', inventedCreditCode(), '--types', 'ZZ001', '--json'],
      ),
    );
    const client = String(registered['client']);
    const changed = await json(
      mianzheng('clients', 'change-types', client, '--add', 'ZZ003,ZZ018', '--json'),
    );
    expect(changed['authority']).toMatchObject({ types: ['ZZ001', 'ZZ003', 'ZZ018'] });
    const less = await mianzheng('clients', 'change-types', client, '--remove', 'ZZ001,ZZ018');
    expect(less.out).toMatch(/: ZZ003$/m);
    const none = await mianzheng('clients', 'change-types', client, '--remove', 'ZZ003');
    expect([none.code, none.said]).toEqual([1, expect.stringContaining('at least one')]);
    expect((await mianzheng('clients', 'change-types', client)).said).toContain('options_missing');
    const unknown = await mianzheng('clients', 'change-types', client, '--add', 'ZZ003,ZZ999');
    expect([unknown.code, unknown.said]).toEqual([
      1,
      expect.stringMatching(/no certificate type ZZ999.*client_authority_type_unknown/s),
    ]);
  });

  test.each([
    [
      'no administrator’s key where it is looked for',
      () => ['clients', 'list', '--key', file('none.jwk')],
      /none\.jwk is not there \(key_file_absent\)/,
    ],
    [
      'a client that there is not',
      () => ['clients', 'show', 'nobody'],
      /no such client is registered.*\(city_refused\)\nclient_unknown/s,
    ],
    [
      'a value that is not allowed',
      () => [
        'clients',
        'register',
        '--holder-key',
        file('window.jwk'),
        '--kind',
        'wizard',
        '--name',
        'x',
        '--department',
        'y',
      ],
      /--kind .*: terminal, kiosk.*option_wrong/,
    ],
    [
      'details that are missing',
      () => ['keys', 'prove', file('window.jwk'), '--kind', 'auditor'],
      /--kind, --name and --department are needed/,
    ],
    [
      'a request that the register would refuse: a wrong credit code',
      () => [
        ...['keys', 'prove', file('window.jwk'), '--city', 'trial.city.example', '--name', 'x'],
        ...['--department', 'y', '--kind', 'issuing-authority', '--types', 'ZZ003'],
        ...['--credit-code', '11430112000000001X'],
      ],
      /--credit-code .*credit_code_wrong/,
    ],
    [
      'a request that the register would refuse: a terminal without its window',
      () => [
        ...['keys', 'prove', file('window.jwk'), '--city', 'trial.city.example', '--name', 'x'],
        ...['--department', 'y', '--kind', 'terminal'],
      ],
      /--window.*options_missing/,
    ],
    [
      'a request that the register would refuse: types that are no codes',
      () => [
        ...['keys', 'prove', file('window.jwk'), '--city', 'trial.city.example', '--name', 'x'],
        ...['--department', 'y', '--kind', 'issuing-authority', '--types', 'id-cards'],
        ...['--credit-code', '11430112000000001P'],
      ],
      /--types .*id-cards.*option_wrong/,
    ],
    [
      'a reason that is no code',
      () => ['clients', 'disable', 'x', '--reason', 'because'],
      /Allowed choices are lost, stolen/,
    ],
  ])('say what is wrong and end with 1: %s', async (_, args, words) => {
    const { code, out, said } = await mianzheng(...args());
    expect(said).toMatch(words);
    expect(said).not.toMatch(/\n\s+at /);
    expect([code, out]).toEqual([1, '']);
  });

  test('a city that does not answer is said to be away', async () => {
    const url = `http://127.0.0.1:${String(await freePort())}`;
    const { code, said } = await mianzheng('clients', 'list', '--url', url);
    expect(said).toMatch(/city_unreachable/);
    expect(code).toBe(1);
  });

  test('a key needs nothing of this checkout but one file', async () => {
    const make = () =>
      run(process.execPath, [join(root, 'scripts/new-key.mjs'), file('alone.jwk')]);
    expect(JSON.parse((await make()).out)).toMatchObject({ kty: 'OKP', crv: 'Ed25519' });
    expect((await make()).code).toBe(1);
    const who = ['--kind', 'auditor', '--name', '审计', '--department', '审计局', '--json'];
    const view = await json(
      mianzheng('clients', 'register', '--holder-key', file('alone.jwk'), ...who),
    );
    expect(await reads(String(view['client']), file('alone.jwk'))).toBe(200);
  });
});
