import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signCertificate } from '#libs/department-client';
import type { IdentifierKind } from '#libs/subject';
import { programFor } from '../../apps/cli/program.js';
import { inventedCreditCode, inventedResidentId } from '../support/authority.js';
import { startCity, type TestCity } from '../support/city.js';
import { TestClient } from '../support/client.js';
import { called } from '../support/command.js';
import { TestKey } from '../support/keys.js';
import { done } from '../support/town.js';

let city: TestCity;
let folder: string;
let own: Awaited<ReturnType<typeof anAuthority>>;
let other: Awaited<ReturnType<typeof anAuthority>>;

beforeAll(async () => {
  city = await startCity();
  folder = await mkdtemp(join(tmpdir(), 'mianzheng-own-'));
  own = await anAuthority('own');
  other = await anAuthority('other');
});
afterAll(async () => {
  await city.stop();
  await rm(folder, { recursive: true });
});

async function anAuthority(name: string) {
  const jwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const key = new TestKey(jwk);
  const creditCode = inventedCreditCode();
  const details = {
    kind: 'issuing-authority',
    name: '示例颁发机构',
    department: '示例部门',
    authority: { creditCode, name: '示例颁发机构', types: ['ZZ003', 'ZZ018'] },
  };
  const { client } = done(
    await city.admin.post('/v1/clients', { ...details, keys: [await key.proved(details)] }),
  );
  const file = join(folder, `${name}.jwk`);
  await writeFile(file, JSON.stringify(jwk), { mode: 0o600 });
  const http = new TestClient(city.baseUrl, client, key, ['certificates:issue']);
  const signing = {
    kid: key.jkt,
    alg: 'EdDSA' as const,
    key: createPrivateKey({ key: jwk, format: 'jwk' }),
  };
  const issue = async (
    whose: string | { kind: IdentifierKind; number: string; issuer: string } = inventedResidentId(),
    serial?: string,
  ) => {
    const holder = typeof whose === 'string' ? { kind: '111' as const, number: whose } : whose;
    const { number } = holder;
    const sdJwt = await signCertificate(
      {
        authority: creditCode,
        type: 'ZZ018',
        validFrom: '2026-01-01',
        validUntil: null,
        holders: [{ role: 'holder', ...holder }],
        fields: {
          户主姓名: '测试甲',
          公民身份号码: number,
          保障人数: 1,
          保障金额: 100,
          证号: serial ?? `D-${number}`,
        },
      },
      signing,
    );
    return done(await http.post('/v1/certificates', { sdJwt })).certificate as string;
  };
  return { http, client, file, issue, creditCode };
}

const search = async (sought: object, by = own) =>
  done(await by.http.post('/v1/certificates/search', sought)) as {
    certificates: { certificate: string; standing: string }[];
    next: string | null;
  };
const ids = ({ certificates }: Awaited<ReturnType<typeof search>>) =>
  certificates.map(({ certificate }) => certificate);

describe('an authority finds its own certificates', () => {
  test('by number, holder and state, and nobody else’s', async () => {
    const [number, elsewhere] = [inventedResidentId(), inventedResidentId()];
    const mine = await own.issue(number, '低保〔2026〕第 7 号');
    const second = await own.issue(elsewhere);
    const theirs = await other.issue(number, '低保〔2026〕第 7 号');
    await city.caughtUp();
    expect(ids(await search({ serial: '低保[2026]第7号' }))).toEqual([mine]);
    expect(ids(await search({ serial: '低保[2026]第7号', type: 'ZZ003' }))).toEqual([]);
    expect(ids(await search({ holder: { kind: '111', number } }))).toEqual([mine]);
    expect(ids(await search({ holder: { kind: '111', number } }, other))).toEqual([theirs]);
    expect(ids(await search({ holder: { kind: '111', number: inventedResidentId() } }))).toEqual(
      [],
    );
    done(await own.http.post(`/v1/certificates/${second}/suspend`, { reason: 'under_review' }));
    await city.caughtUp();
    expect(ids(await search({ state: 'suspended' }))).toEqual([second]);
    expect(ids(await search({}))).toEqual(expect.arrayContaining([mine, second]));
    expect(ids(await search({}))).not.toContain(theirs);
  });

  test('page by page, each once', async () => {
    const issued = new Set<string>();
    for (let n = 0; n < 103; n++) issued.add(await own.issue());
    await city.caughtUp();
    const first = await search({ type: 'ZZ018' });
    expect(first.certificates).toHaveLength(100);
    const second = await search({ type: 'ZZ018', after: first.next });
    expect(second.next).toBeNull();
    const all = [...ids(first), ...ids(second)];
    expect(new Set(all).size).toBe(all.length);
    for (const certificate of issued) expect(all).toContain(certificate);
  });
});

describe('the command', () => {
  const run = async (...args: string[]) => {
    const said: string[] = [];
    const spy = jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
      said.push(String(text));
      return true;
    });
    try {
      const words = ['certificates', ...args, '--key', own.file, '--client', own.client];
      const program = await programFor(words);
      await program.parseAsync([...words, '--url', city.baseUrl], { from: 'user' });
    } finally {
      spy.mockRestore();
    }
    return said.join('');
  };

  test('shows and changes a certificate, named by its id or by a number in a file', async () => {
    const number = inventedResidentId();
    const certificate = await own.issue(number);
    await city.caughtUp();
    expect(await run('show', certificate)).toContain('version 1: 2026-01-01 to –');
    const file = join(folder, 'number.txt');
    await writeFile(file, `D-${number}\n`);
    const answer = JSON.parse(
      await run('suspend', '--serial-from-file', file, '--reason', 'court_order', '--json'),
    ) as object;
    expect(answer).toMatchObject({ certificate, status: 'suspended' });
    await run('reinstate', certificate, '--reason', 'decision_lifted');
    await run('cancel', certificate, '--reason', 'purpose_ended');
    await city.caughtUp();
    expect(await run('search', '--serial-from-file', file)).toContain(
      `${certificate}  ZZ018  cancelled`,
    );
    await expect(run('revoke', certificate, '--reason', 'penalty')).rejects.toMatchObject({
      facts: { problem: 'certificate_cancelled' },
    });
    await expect(run('show')).rejects.toMatchObject({ code: 'certificate_unnamed' });
    await writeFile(file, 'D-0');
    await expect(run('show', '--serial-from-file', file)).rejects.toMatchObject({
      code: 'certificate_unknown',
    });
    expect(await run('search', '--serial-from-file', file)).toContain('没有符合的证照');
    expect(await run('search', '--serial-from-file', file, '--json')).toBe('');
    for (const [words, choices] of [
      [['revoke', certificate, '--reason', 'nonsense'], /^--reason .*obtained_by_fraud/],
      [['search', '--state', 'bogus'], /^--state .*suspended/],
      [['search', '--holder-issuer', 'USA'], /^--holder-issuer .*--holder-from-file/],
    ] as const)
      await expect(run(...words)).rejects.toMatchObject({
        code: 'option_wrong',
        message: expect.stringMatching(choices),
      });
  });

  test('finds a foreigner by a number and the state that gave it', async () => {
    const number = 'E12345678';
    const certificate = await own.issue({ kind: '414', number, issuer: 'USA' });
    await city.caughtUp();
    const file = join(folder, 'passport.txt');
    await writeFile(file, `${number}\n`);
    const sought = ['search', '--holder-from-file', file, '--holder-kind', '414'];
    expect(await run(...sought, '--holder-issuer', 'USA')).toContain(certificate);
    expect(await run(...sought, '--holder-issuer', 'FRA')).toContain('没有符合的证照');
  });

  test('shows until when a version was confirmed, which is what older lines are refused by', async () => {
    const number = inventedResidentId();
    const file = join(folder, 'confirmed.csv');
    const header =
      'type,holder_kind,holder_number,valid_from,户主姓名,公民身份号码,保障人数,保障金额,证号';
    const cells = [
      'ZZ018',
      '111',
      number,
      '2026-01-01',
      '测试甲',
      number,
      '1',
      '100',
      `D-${number}`,
    ];
    await writeFile(file, `${header}\n${cells.join(',')}\n`);
    for (const asOf of ['2026-11-01', '2026-11-20'])
      await called(
        ...['import', 'certificates', file, '--as-of', asOf, '--authority', own.creditCode],
        ...['--key', own.file, '--client', own.client, '--url', city.baseUrl],
      );
    await city.caughtUp();
    const serial = join(folder, 'confirmed.txt');
    await writeFile(serial, `D-${number}`);
    const shown = await run('show', '--serial-from-file', serial);
    expect(shown).toMatch(/version 1: .*, as of 2026-11-01\n {2}confirmed as of 2026-11-20/);
  });

  test('amends a certificate as of a later time, and says the same once', async () => {
    const number = inventedResidentId();
    const certificate = await own.issue(number);
    const file = join(folder, 'now.csv');
    const header =
      'type,holder_kind,holder_number,valid_from,户主姓名,公民身份号码,保障人数,保障金额,证号';
    const amend = async (sum: number, ...options: string[]) => {
      const cells = ['ZZ018', '111', number, '2026-01-01', '测试甲', number, '1', String(sum)];
      await writeFile(file, `${header}\n${[...cells, `D-${number}`].join(',')}\n`);
      const words = ['--from', file, '--authority', own.creditCode, '--json', ...options];
      return JSON.parse(await run('amend', certificate, ...words)) as object;
    };
    const reason = (word: string) => ['--reason', word];
    const later = ['--as-of', '2026-11-22', ...reason('change')];
    await expect(amend(200, ...reason('change'))).rejects.toMatchObject({ code: 'as_of_missing' });
    expect(await amend(200, ...later)).toMatchObject({
      certificate,
      version: 2,
      state: 'recorded',
    });
    expect(await amend(200, ...later)).toMatchObject({
      version: 2,
      state: 'unchanged',
      resultsFile: join(folder, 'now.results.2.csv'),
    });
    expect(await readFile(join(folder, 'now.results.csv'), 'utf8')).toMatch(
      new RegExp(
        `^\ufeffline,id,version,record,state,flags\n2,${certificate},2,[0-9a-f]{64},recorded,[a-z_ ]*\n$`,
      ),
    );
    await expect(amend(300, ...later)).rejects.toMatchObject({ code: 'as_of_repeated' });
    await expect(
      amend(300, '--as-of', '2026-11-21', ...reason('correction')),
    ).rejects.toMatchObject({ code: 'version_outdated' });
    await run('revoke', certificate, '--reason', 'wrongly_issued');
    const last = ['--as-of', '2026-11-23'];
    await expect(amend(300, ...last, ...reason('change'))).rejects.toMatchObject({
      code: 'certificate_revoked',
    });
    expect(await amend(300, ...last, ...reason('reissue'))).toMatchObject({ version: 3 });
    expect(await run('show', certificate)).toContain('as of 2026-11-23');
  });

  test('amends nothing with a file of another type, or of two certificates', async () => {
    const certificate = await own.issue();
    const number = inventedResidentId();
    const line = (type: string) =>
      JSON.stringify({
        type,
        holders: [{ kind: '111', number }],
        validFrom: '2026-01-01',
        asOf: '2026-11-22',
        fields: {
          姓名: '测试甲',
          公民身份号码: number,
          居住地住址: '示例市示例路1号',
          签发机关: '示例市公安局',
          签注有效期: '一年',
        },
      });
    const file = join(folder, 'other.ndjson');
    const words = ['--from', file, '--authority', own.creditCode, '--reason', 'change'];
    await writeFile(file, `${line('ZZ003')}\n`);
    await expect(run('amend', certificate, ...words)).rejects.toMatchObject({
      code: 'type_changed',
    });
    await writeFile(file, `${line('ZZ003')}\n${line('ZZ003')}\n`);
    await expect(run('amend', certificate, ...words)).rejects.toMatchObject({
      code: 'amendment_not_one',
    });
    expect(await run('show', certificate)).not.toContain('version 2');
  });
});
