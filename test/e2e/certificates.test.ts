import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { type CertificateContent, formatIdentifier, signedDigest } from '#libs/certificate';
import { signCertificate, type SigningKey } from '#libs/department-client';
import { birthOf, inventedCreditCode, inventedResidentId, sexOf } from '../support/authority.js';
import { type TestCity, startCity } from '../support/city.js';
import { register, TestClient } from '../support/client.js';
import { TestKey } from '../support/keys.js';

interface Authority {
  readonly http: TestClient;
  readonly creditCode: string;
  readonly key: SigningKey;
}

let city: TestCity;
let police: Authority;
let other: Authority;

beforeAll(async () => {
  city = await startCity();
  police = await authority(['ZZ001', 'ZZ002', 'ZZ005', 'ZZ013']);
  other = await authority(['ZZ001']);
});
afterAll(() => city.stop());

async function authority(types: readonly string[]): Promise<Authority> {
  const jwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const key = new TestKey(jwk);
  const creditCode = inventedCreditCode();
  const details = {
    kind: 'issuing-authority',
    name: '示例颁发机构',
    department: '示例部门',
    authority: { creditCode, name: '示例颁发机构', types },
  };
  const { status, body } = await city.admin.post('/v1/clients', {
    ...details,
    keys: [await key.proved(details)],
  });
  expect(status).toBe(201);
  return {
    http: new TestClient(city.baseUrl, body.client, key, body.scopes),
    creditCode,
    key: { kid: key.jkt, alg: 'EdDSA', key: createPrivateKey({ key: jwk, format: 'jwk' }) },
  };
}

const aCard = (
  by: Authority,
  change: Partial<CertificateContent> = {},
  number = inventedResidentId(),
): CertificateContent => ({
  authority: by.creditCode,
  type: 'ZZ001',
  identifier:
    formatIdentifier({
      type: '11100000000013127D001',
      authority: by.creditCode,
      serial: number.slice(6, 17),
      version: change.version ?? 1,
    }) ?? '',
  validFrom: '2020-01-01',
  validUntil: '2040-01-01',
  holders: [{ role: 'holder', kind: '111', number }],
  fields: {
    姓名: '测试甲',
    性别: sexOf(number),
    民族: '汉',
    出生日期: birthOf(number),
    住址: '示例市示例路1号',
    公民身份号码: number,
    签发机关: '示例市公安局',
    有效期限: '2020.01.01-2040.01.01',
  },
  ...change,
});
const signed = (by: Authority, content = aCard(by)) => signCertificate(content, by.key);
const issue = async (by: Authority, content = aCard(by)) =>
  by.http.post('/v1/certificates', { sdJwt: await signed(by, content) });

describe('an issuing authority, through the door,', () => {
  test('issues, looks at, suspends, reinstates, amends and revokes a certificate', async () => {
    const content = aCard(police);
    const sdJwt = await signed(police, content);
    const issued = await police.http.post('/v1/certificates', { sdJwt });
    expect(issued).toMatchObject({
      status: 201,
      body: { type: 'ZZ001', version: 1, state: 'recorded', flags: [] },
    });
    const path = `/v1/certificates/${issued.body.certificate}`;
    const again = await police.http.post('/v1/certificates', { sdJwt });
    expect(again.body).toEqual({ ...issued.body, state: 'unchanged' });

    const standing = async () => (await police.http.get<{ standing: string }>(path)).body.standing;
    expect(await standing()).toBe('valid');
    expect(await police.http.post(`${path}/suspend`, { reason: 'under_review' })).toMatchObject({
      status: 200,
      body: { status: 'suspended', state: 'recorded' },
    });
    expect(await standing()).toBe('suspended');
    await police.http.post(`${path}/reinstate`, { reason: 'review_closed' });

    const amendment = await signed(police, {
      ...content,
      version: 2,
      supersedes: { digest: signedDigest(sdJwt.split('~')[0] ?? ''), reason: 'change' },
      fields: { ...content.fields, 住址: '示例市示例路2号' },
    });
    expect(await police.http.post(`${path}/amend`, { sdJwt: amendment })).toMatchObject({
      status: 200,
      body: { version: 2, flags: ['identifier_version_unexpected'] },
    });
    expect(await police.http.post(`${path}/revoke`, { reason: 'wrongly_issued' })).toMatchObject({
      status: 200,
      body: { status: 'revoked' },
    });
    expect(await police.http.post(`${path}/cancel`, { reason: 'holder_request' })).toMatchObject({
      status: 409,
      body: { code: 'certificate_revoked' },
    });
    const view = await police.http.get(path);
    expect(view.body.versions).toHaveLength(2);
    expect(JSON.stringify(view.body)).not.toContain('测试甲');
  });

  test('finds no certificate of another authority, and changes none', async () => {
    const { body } = await issue(police);
    const path = `/v1/certificates/${body.certificate}`;
    expect(await other.http.get(path)).toMatchObject({
      status: 404,
      body: { code: 'certificate_unknown' },
    });
    expect(await other.http.post(`${path}/revoke`, { reason: 'penalty' })).toMatchObject({
      status: 404,
    });
    expect((await police.http.get<{ standing: string }>(path)).body.standing).toBe('valid');
  });

  test('is refused what is not its own to issue, with a reason and without a trace', async () => {
    const before = await city.city.house.services.store.head();
    const refusals = [
      [await issue(other, aCard(other, { type: 'ZZ002' })), 403, 'type_not_of_authority'],
      [await issue(police, aCard(other)), 403, 'issuer_not_caller'],
      [
        await police.http.post('/v1/certificates', { sdJwt: await signed(other) }),
        403,
        'key_not_of_caller',
      ],
      [await issue(police, aCard(police, { fields: { 姓名: '标记姓名' } })), 400, 'field_wrong'],
      [
        await issue(police, aCard(police, {}, '110105194912310021')),
        400,
        'identifier_check_failed',
      ],
      [await police.http.post('/v1/certificates', { sdJwt: 'x' }), 400, 'sd_jwt_malformed'],
      [await police.http.post('/v1/certificates', { sdJwt: 7 }), 400, 'request_invalid'],
      [await police.http.post('/v1/certificates', { sdJwt: 'x', more: 1 }), 400, 'request_invalid'],
      [
        await police.http.post('/v1/certificates/AAAAAAAAAAAAAAAAAAAAAA/revoke', {
          reason: '标记姓名',
        }),
        400,
        'request_invalid',
      ],
    ] as const;
    for (const [answer, status, code] of refusals) {
      expect(answer).toMatchObject({ status, body: { code } });
      expect(JSON.stringify(answer.body)).not.toMatch(/标记姓名|110105194912310021/);
    }
    expect(await city.city.house.services.store.head()).toBe(before);
  });

  test('hands in no certificate whose record would be larger than the log can publish', async () => {
    const long = Object.fromEntries(
      ['车辆类型', '所有人', '住址', '使用性质', '品牌型号', '检验有效期'].map((name) => [
        name,
        '𠮷'.repeat(2000),
      ]),
    );
    const fields = {
      ...long,
      号牌号码: '示A00001',
      车辆识别代号: 'S0001',
      发动机号码: 'S0001',
      注册日期: '2020-01-01',
    };
    const answer = await issue(police, aCard(police, { type: 'ZZ005', fields }));
    expect(answer).toMatchObject({ status: 413, body: { code: 'event_too_large' } });
  });

  test('is the only kind of client that is let in here', async () => {
    const department = await register(city.admin, { kind: 'department', department: '人社' });
    expect(
      await department.post('/v1/certificates', { sdJwt: await signed(police) }),
    ).toMatchObject({ status: 403 });
  });
});

describe('a batch, through the door,', () => {
  const ndjson = { contentType: 'application/x-ndjson' };
  const linesOf = (text: string) =>
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  test('is answered line by line, and sent again it changes nothing', async () => {
    const sdJwts = await Promise.all([signed(police), signed(police), signed(other)]);
    const body = [
      JSON.stringify({ sdJwt: sdJwts[0] }),
      '{"sdJwt": "x", "sdJwt": "y"}',
      '',
      JSON.stringify({ sdJwt: sdJwts[1], remark: '标记姓名' }),
      JSON.stringify({ sdJwt: sdJwts[1] }),
      JSON.stringify({ sdJwt: sdJwts[2] }),
    ].join('\r\n');
    const first = await police.http.post('/v1/certificates/batch', body, ndjson);
    expect(first.status).toBe(200);
    expect(first.headers.get('content-type')).toContain('application/x-ndjson');
    const text = String(first.body);
    expect(linesOf(text).map(({ line, state, code }) => [line, state, code])).toEqual([
      [1, 'recorded', undefined],
      [2, 'refused', 'json_duplicate_member'],
      [4, 'refused', 'line_malformed'],
      [5, 'recorded', undefined],
      [6, 'refused', 'key_not_of_caller'],
    ]);
    expect(text).not.toContain('标记姓名');
    for (const { state, hint, hintZh } of linesOf(text))
      if (state === 'refused')
        expect([hint, hintZh]).toEqual([
          expect.stringMatching(/^[A-Z].*\.$/),
          expect.stringMatching(/[\u4e00-\u9fff].*。$/),
        ]);
    const before = await city.city.house.services.store.head();
    const second = await police.http.post('/v1/certificates/batch', body, ndjson);
    expect(linesOf(String(second.body)).map(({ state }) => state)).toEqual([
      'unchanged',
      'refused',
      'refused',
      'unchanged',
      'refused',
    ]);
    expect(await city.city.house.services.store.head()).toBe(before);
  });

  test('comes as CSV too, with a byte order mark and CRLF', async () => {
    const sdJwt = await signed(police);
    const csv = { contentType: 'text/csv' };
    const answer = await police.http.post(
      '/v1/certificates/batch',
      `\ufeffsd_jwt,note\r\n${sdJwt},x\r\n,y\r\n`,
      csv,
    );
    expect(linesOf(String(answer.body))).toMatchObject([
      { line: 2, state: 'recorded' },
      { line: 3, state: 'refused', code: 'line_malformed' },
    ]);
    expect(await police.http.post('/v1/certificates/batch', 'jwt\nx\n', csv)).toMatchObject({
      status: 400,
      body: { code: 'batch_column_missing' },
    });
  });

  test('is refused whole where it is none', async () => {
    const post = (body: string | Uint8Array, contentType = 'application/x-ndjson') =>
      police.http.post('/v1/certificates/batch', body, { contentType });
    expect(await post('\n\n')).toMatchObject({ status: 400, body: { code: 'batch_empty' } });
    expect(await post('{}\n'.repeat(1001))).toMatchObject({
      status: 400,
      body: { code: 'batch_too_long' },
    });
    expect(await post(new Uint8Array([0xff, 0xfe]))).toMatchObject({
      status: 400,
      body: { code: 'batch_not_text' },
    });
    expect(await post('{}', 'application/json')).toMatchObject({ status: 415 });
    expect(await post('x'.repeat(17 * 1024 * 1024))).toMatchObject({ status: 413 });
  });
});

test('a file is stored sealed, and only with its key does a certificate name it', async () => {
  const pdf = new TextEncoder().encode('%PDF-1.7 示例');
  const kept = await police.http.post('/v1/files', pdf, { contentType: 'application/pdf' });
  expect(kept.status).toBe(201);
  const { blob, key, sha256 } = kept.body;
  const content = aCard(police, {
    files: { original: { sha256, mediaType: 'application/pdf' } },
  });
  const sdJwt = await signed(police, content);
  const hand = (files: unknown) => police.http.post('/v1/certificates', { sdJwt, files });
  expect(await hand([{ name: 'file.original', blob, key: 'A'.repeat(43) }])).toMatchObject({
    status: 400,
    body: { code: 'file_missing' },
  });
  expect(await hand([{ name: 'file.original', blob, key }])).toMatchObject({ status: 201 });
  expect(await police.http.post('/v1/files', pdf, { contentType: 'image/png' })).toMatchObject({
    status: 400,
    body: { code: 'file_wrong' },
  });
  expect(await police.http.post('/v1/files', pdf, { contentType: 'text/html' })).toMatchObject({
    status: 415,
  });
});
