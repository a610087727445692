import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CertificateVersion, DisclosureOpener } from '#libs/certificate';
import { saltSecretOf } from '#libs/department-client';
import { SubjectDirectory } from '#libs/subject';
import { ImportingCity } from '../../libs/department-client/certificate-import/city.js';
import { Contradictions } from '../../libs/department-client/certificate-import/contradictions.js';
import { importCertificates } from '../../libs/department-client/certificate-import/import.js';
import type { BadLine } from '../../libs/department-client/certificate-import/refusals.js';
import { openSource } from '../../libs/department-client/certificate-import/source.js';
import { inventedResidentId } from '../support/authority.js';
import type { TestCity } from '../support/city.js';
import { ImportingAuthority, permit, permitHeader } from '../support/importing.js';
import { admitSecond } from '../support/second-administrator.js';
import { done } from '../support/town.js';

let authority: ImportingAuthority;
let city: TestCity;
let folder: string;
let send: (request: Request) => Promise<Response>;

beforeAll(async () => {
  authority = await ImportingAuthority.start(['ZZ003', 'ZZ013', 'ZZ018']);
  ({ city, folder, send } = authority);
});
afterAll(() => authority.stop());

const recorded = () => authority.recorded();
const header = permitHeader;
const write = (name: string, lines: readonly string[], ending?: string) =>
  authority.write(name, lines, ending);

async function importing(file: string, through = send, linesOfBatch = 10, signAnew = false) {
  const bad: BadLine[] = [];
  const { creditCode, key } = authority;
  const importing = new ImportingCity(city.baseUrl, through, () => Promise.resolve());
  const { recorded, unchanged, refused } = await importCertificates({
    file,
    source: await openSource(file, importing),
    city: importing,
    issuer: { creditCode, cityCreditCode: creditCode, secret: saltSecretOf(key.key) },
    key,
    contradictions: new Contradictions(),
    linesOfBatch,
    signAnew,
    onBad: (line) => {
      bad.push(line);
    },
  });
  return { report: { recorded, unchanged, refused }, bad };
}

describe('importing certificates', () => {
  test('takes good lines, tells the line and reason of bad ones, and is safe to run again', async () => {
    const before = (await recorded()).length;
    const lines = [
      `\ufeff${header}`,
      ...Array.from({ length: 25 }, () => permit()),
      permit('110105194912310021'), // a wrong check: line 27
      permit(undefined, { type: 'ZZ013' }), // has no such fields
      permit(undefined, { from: '2026-02-30' }),
      `${permit()},one cell too many`,
      '',
      permit(undefined, { number: '' }),
      permit(undefined, { type: 'QQ' }),
      permit(undefined, { kind: '111;111' }),
      permit(undefined, { id: '1' }),
      permit(),
    ];
    const file = await write('permits.csv', lines, '\r\n');
    const first = await importing(file);
    expect(first.report).toEqual({ recorded: 26, unchanged: 0, refused: 8 });
    expect(first.bad.map(({ line, code }) => [line, code])).toEqual([
      [27, 'identifier_check_failed'],
      [28, 'field_unknown'],
      [29, 'value_malformed'],
      [30, 'column_count'],
      [32, 'value_missing'],
      [33, 'type_unknown'],
      [34, 'holders_do_not_pair'],
      [35, 'field_wrong'],
    ]);
    for (const { line, raw } of first.bad) expect(raw).toBe(lines[line - 1]);
    expect((await importing(file)).report).toEqual({ recorded: 0, unchanged: 26, refused: 8 });
    expect((await recorded()).length - before).toBe(26);
  });

  test('goes on where a crash stopped it, and loses and doubles nothing', async () => {
    const before = (await recorded()).length;
    const file = await write('crash.csv', [header, ...Array.from({ length: 60 }, () => permit())]);
    let requests = 0;
    const failing = async (request: Request) => {
      const answer = await send(request);
      // The third batch is carried out, and the importing program dies before it hears of it.
      if (request.url.endsWith('/batch') && ++requests >= 3) throw new RangeError('killed');
      return answer;
    };
    await expect(importing(file, failing)).rejects.toThrow('killed');
    const { report } = await importing(file);
    expect(report.refused).toBe(0);
    expect(report.recorded + report.unchanged).toBe(60);
    expect(report.unchanged).toBeGreaterThan(0);
    expect((await recorded()).length - before).toBe(60);
  });

  test('is patient with a city that is busy or away for a moment', async () => {
    const file = await write('busy.csv', [header, permit(), permit()]);
    let requests = 0;
    const flaky = (request: Request) => {
      requests++;
      if (requests % 3 === 1) return Promise.reject(new TypeError('fetch failed'));
      if (requests % 3 === 2)
        return Promise.resolve(new Response('', { status: 503, headers: { 'retry-after': '1' } }));
      return send(request);
    };
    expect((await importing(file, flaky)).report.recorded).toBe(2);
    const away = () => Promise.reject(new TypeError('fetch failed'));
    await expect(importing(file, away)).rejects.toMatchObject({ code: 'city_unreachable' });
  });

  test('reads NDJSON, with several holders, days as the type says, and files', async () => {
    await writeFile(join(folder, 'original.pdf'), '%PDF-1.7 示例');
    const [a, b] = [inventedResidentId(), inventedResidentId()];
    const marriage = {
      type: 'ZZ013',
      holders: [
        { role: 'spouse-a', kind: '111', number: a },
        { role: 'spouse-b', kind: '111', number: b },
      ],
      validFrom: '2026-01-01',
      fields: {
        持证人: '测试甲',
        登记日期: '2026-01-01',
        结婚证字号: 'J990000-2026-000001',
        男方姓名: '测试甲',
        男方公民身份号码: a,
        女方姓名: '测试乙',
        女方公民身份号码: b,
        登记机关: '示例市民政局',
      },
      files: { original: 'original.pdf' },
    };
    const file = await write('marriages.ndjson', [
      JSON.stringify(marriage),
      '{"type":"ZZ013"}',
      'not json 测试甲',
      JSON.stringify({ ...marriage, validFrom: '2026-01-02', files: { original: 'absent.pdf' } }),
    ]);
    const { report, bad } = await importing(file);
    expect(report).toEqual({ recorded: 1, unchanged: 0, refused: 3 });
    expect(bad.map(({ line, code }) => [line, code])).toEqual([
      [2, 'line_malformed'],
      [3, 'line_malformed'],
      [4, 'file_unreadable'],
    ]);
    for (const { detail } of bad) expect(detail).not.toContain('测试甲');
    const data = (await recorded()).at(-1)?.body.data as unknown as {
      version: { holders: unknown[]; files: { name: string }[]; flags: string[]; validUntil: null };
    };
    expect(data.version.holders).toHaveLength(2);
    expect(data.version.files.map(({ name }) => name)).toEqual(['file.original']);
    expect(data.version.flags).toEqual(['identifier_type_local']);
    expect(data.version.validUntil).toBeNull();
    expect((await importing(file)).report.unchanged).toBe(1);
  });

  test('says of whom the ledger erased since, and signs anew for them when it is told to', async () => {
    const before = (await recorded()).length;
    const [number, other] = [inventedResidentId(), inventedResidentId()];
    const file = await write('returned.csv', [header, permit(number), permit(other)]);
    expect((await importing(file)).report).toEqual({ recorded: 2, unchanged: 0, refused: 0 });
    const second = await admitSecond(city.city.house.services.store, city.admin);
    for (let times = 1; times <= 2; times++) {
      const identifier = { kind: '111', number };
      const { erasure } = done(
        await city.admin.post('/v1/erasures', { identifier, reason: 'consent-withdrawn' }),
      );
      done(await second.post(`/v1/erasures/${erasure}/approve`));

      const { report, bad } = await importing(file);
      expect(report).toEqual({ recorded: 0, unchanged: 1, refused: 1 });
      expect(bad.map(({ line, code }) => [line, code])).toEqual([[2, 'holders_changed']]);
      const anew = () => importing(file, send, 10, true);
      expect((await anew()).report).toEqual({ recorded: 1, unchanged: 1, refused: 0 });
      expect((await anew()).report).toEqual({ recorded: 0, unchanged: 2, refused: 0 });
      expect((await recorded()).length - before).toBe(2 + times);

      // It opens for whom it is of now.
      const app = city.city.app;
      const subject = await app
        .get(SubjectDirectory, { strict: false })
        .find({ kind: '111', number });
      const { certificate, version } = (await recorded()).at(-1)?.body.data as unknown as {
        certificate: string;
        version: CertificateVersion;
      };
      const opened = await app
        .get(DisclosureOpener, { strict: false })
        .open(certificate, version, subject ?? '', ['公民身份号码']);
      expect(opened).toHaveLength(1);
    }
  });

  test('gives numbers as numbers, and ends validity as the type says', async () => {
    const number = inventedResidentId();
    const columns =
      'type,holder_kind,holder_number,valid_from,户主姓名,公民身份号码,保障人数,保障金额,证号';
    const line = (count: string) =>
      `ZZ018,111,${number},2026-01-01,测试甲,${number},${count},600.5,D1`;
    const file = await write('allowances.csv', [columns, line('3'), line('three')]);
    const { report, bad } = await importing(file);
    expect(report).toMatchObject({ recorded: 1, refused: 1 });
    expect(bad[0]).toMatchObject({ line: 3, code: 'value_malformed' });
    const { version } = (await recorded()).at(-1)?.body.data as unknown as {
      version: { validUntil: string };
    };
    expect(version.validUntil).toBe('2027-01-01');
  });

  test('refuses a file that lacks a column, has one twice, or is of no known kind', async () => {
    const refusal = async (name: string, lines: readonly string[]) => {
      const file = await write(name, lines);
      return importing(file).catch((error: unknown) => (error as { code: string }).code);
    };
    expect(await refusal('a.csv', ['type,holder_kind,valid_from', 'x,y,z'])).toBe(
      'import_column_missing',
    );
    expect(await refusal('b.csv', [`${header},姓名`, permit()])).toBe('import_column_repeated');
    expect(await refusal('c.csv', [])).toBe('import_empty');
    await expect((async () => importing(await write('d.xlsx', [])))()).rejects.toMatchObject({
      code: 'import_format_unknown',
    });
  });
});
