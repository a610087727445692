import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { CertificateReader, DisclosureOpener, readDisclosure } from '#libs/certificate';
import { saltSecretOf } from '#libs/department-client';
import type { JsonObject } from '#libs/kernel';
import { SubjectDirectory } from '#libs/subject';
import { ImportingCity } from '../../libs/department-client/certificate-import/city.js';
import { checkFile } from '../../libs/department-client/certificate-import/checking.js';
import { importCertificates } from '../../libs/department-client/certificate-import/import.js';
import type { BadLine } from '../../libs/department-client/certificate-import/refusals.js';
import { openSource } from '../../libs/department-client/certificate-import/source.js';
import { StreamClientDirectory } from '../../libs/identity/client-directory.js';
import { inventedResidentId } from '../support/authority.js';
import type { TestCity } from '../support/city.js';
import { ImportingAuthority } from '../support/importing.js';
import { TestKey } from '../support/keys.js';

let authority: ImportingAuthority;
let city: TestCity;

beforeAll(async () => {
  authority = await ImportingAuthority.start(['ZZ018']);
  ({ city } = authority);
});
afterAll(() => authority.stop());

const recorded = () => authority.recorded();
const write = (name: string, lines: readonly string[]) => authority.write(name, lines);

async function importing(file: string, linesOfBatch = 10, key = authority.key) {
  const bad: BadLine[] = [];
  const { creditCode, send } = authority;
  const through = new ImportingCity(city.baseUrl, send, () => Promise.resolve());
  const common = {
    file,
    city: through,
    issuer: { creditCode, cityCreditCode: creditCode, secret: saltSecretOf(key.key) },
    key,
  };
  const { contradictions } = await checkFile({
    ...common,
    source: await openSource(file, through),
    stop: { lines: null, percent: null },
    onBad: () => undefined,
  });
  const { recorded, unchanged, refused } = await importCertificates({
    ...common,
    source: await openSource(file, through),
    contradictions,
    linesOfBatch,
    onBad: (line) => {
      bad.push(line);
    },
  });
  return { report: { recorded, unchanged, refused }, bad };
}

describe('a paper that comes again', () => {
  const columns =
    'as_of,type,holder_kind,holder_number,valid_from,户主姓名,公民身份号码,保障人数,保障金额,证号';
  const someone = inventedResidentId();
  let papers = 0;
  const aPaper = () => `低保 ${++papers} 号`;
  const line = (paper: string, asOf: string, amount: string) =>
    [asOf, 'ZZ018', '111', someone, '2026-01-01', '测试甲', someone, '1', amount, paper].join(',');
  const file = (...lines: string[]) => write(`again-${++papers}.csv`, [columns, ...lines]);
  const days = ['2026-11-01', '2026-11-02', '2026-11-03'] as const;

  /** Certificates of a paper, each with its newest version's amount. */
  const amountsOf = async (paper: string): Promise<unknown[]> => {
    const app = city.city.app;
    const subject = await app
      .get(SubjectDirectory, { strict: false })
      .find({ kind: '111', number: someone });
    const reader = app.get(CertificateReader, { strict: false });
    const opener = app.get(DisclosureOpener, { strict: false });
    const said: unknown[] = [];
    for (const { body } of await recorded()) {
      if (body.data['type'] !== 'ZZ018') continue;
      const now = await reader.read(body.stream.slice('certificate-'.length), '2026-11-22');
      if (now === null || subject === null) continue;
      if (now.version.holders[0]?.subject !== subject) continue;
      const opened = await opener.open(now.certificate, now.version, subject, ['证号', '保障金额']);
      const values = new Map(
        opened.map(({ disclosure }) => {
          const { name, value } = readDisclosure(disclosure);
          return [name, value] as const;
        }),
      );
      if (values.get('证号') === paper) said.push(values.get('保障金额'));
    }
    return said;
  };

  test('is amended by each file that says something new, and ends as the newest says', async () => {
    const paper = aPaper();
    const outcomes = [];
    for (const [n, amount] of ['600', '0', '600'].entries())
      outcomes.push((await importing(await file(line(paper, days[n] ?? '', amount)))).report);
    expect(outcomes).toEqual(Array(3).fill({ recorded: 1, unchanged: 0, refused: 0 }));
    expect(await amountsOf(paper)).toEqual([600]);
  });

  test('is the same whatever the order in which its versions come, once and twice', async () => {
    const versions = [
      [days[0], '600'],
      [days[1], '0'],
      [days[2], '600'],
    ] as const;
    const orders = [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
    ];
    for (const order of orders) {
      const [apart, together] = [aPaper(), aPaper()];
      const linesOf = (paper: string) =>
        order.map((n) => {
          const [asOf, amount] = versions[n] ?? versions[0];
          return line(paper, asOf, amount);
        });
      for (let time = 1; time <= 2; time++) {
        for (const one of linesOf(apart)) await importing(await file(one));
        await importing(await file(...linesOf(together)), 2);
        expect(await amountsOf(apart)).toEqual([600]);
        expect(await amountsOf(together)).toEqual([600]);
      }
    }
  });

  test('is refused where nobody can tell which of two is meant', async () => {
    const paper = aPaper();
    const both = await importing(
      await file(line(paper, days[0], '600'), line(paper, days[0], '0')),
    );
    expect(both.bad.map(({ line: at, code }) => [at, code])).toEqual([
      [2, 'as_of_repeated'],
      [3, 'as_of_repeated'],
    ]);
    expect(await amountsOf(paper)).toEqual([]);
    await importing(await file(line(paper, days[1], '600')));
    const codeOf = async (asOf: string, amount: string) =>
      (await importing(await file(line(paper, asOf, amount)))).bad.map(({ code }) => code);
    expect(await codeOf(days[1], '0')).toEqual(['as_of_repeated']);
    expect(await codeOf(days[0], '0')).toEqual(['version_outdated']);
    expect(await codeOf('', '0')).toEqual(['as_of_missing']);
    expect(await codeOf('2026-11-2', '0')).toEqual(['value_malformed']);
    expect(await codeOf('', '600')).toEqual([]);
  });

  test('is unchanged under a new key', async () => {
    const jwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
    const rotated = new TestKey(jwk);
    const paper = aPaper();
    const sent = await file(line(paper, days[0], '600'));
    await importing(sent);
    const store = city.city.house.services.store;
    const stream = `client-${authority.client}`;
    const records = await store.readStream(stream);
    await store.append(stream, records.length - 1, [
      {
        id: randomBytes(16).toString('hex'),
        type: 'ClientKeyRotated',
        schema: 1,
        time: new Date().toISOString(),
        actor: { client: 'administrator' },
        data: {
          added: { kid: rotated.jkt, alg: 'EdDSA', jwk: rotated.jwk as JsonObject },
          retired: [],
        },
      },
    ]);
    city.city.app.get(StreamClientDirectory, { strict: false }).forget(authority.client);
    const signing = {
      kid: rotated.jkt,
      alg: 'EdDSA' as const,
      key: createPrivateKey({ key: jwk, format: 'jwk' }),
    };
    const { report, bad } = await importing(sent, 10, signing);
    expect(bad).toEqual([]);
    expect(report).toEqual({ recorded: 0, unchanged: 1, refused: 0 });
  });
});
