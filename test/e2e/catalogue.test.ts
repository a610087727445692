import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { spreadOverPlaces } from '#libs/catalogue';
import { catalogueFolder } from '../support/catalogue.js';
import { startCity, type TestCity } from '../support/city.js';
import { register, type TestClient } from '../support/client.js';

const ruleColumns = 'matter\tmaterial\ttype\twhose\tfields\tindicative\treason';
const typeColumns =
  'code\tcategory\tname_zh\tname_en\tissuing_department_zh\tholder\tvalidity\tnational_type_code\tnumber_unique\tnumber_field\tdata_fields_zh';
const proof = 'proof\t示例证明\tExample\t人社\tnatural\tP3M\t\tnone\t\t姓名;公民身份号码';

describe('the catalogue through the door', () => {
  let house: TestCity;
  let terminal: TestClient;

  beforeAll(async () => {
    house = await startCity();
    terminal = await register(house.admin, {
      kind: 'terminal',
      department: '人社',
      window: 'hall-1-03',
    });
    await house.caughtUp();
  });
  afterAll(async () => {
    await house.stop();
  });

  const take = (content: string, lineOffset?: number) =>
    house.admin.post('/v1/catalogue/import', { content, lineOffset });
  const lines = (...of: string[]) => of.map((line) => `${line}\n`).join('');

  test('a city starts with 186 types, 192 matters of windows, 27 of kiosks, and their rules', async () => {
    expect(house.city.catalogue.map(({ added, refused }) => [added, refused.length])).toEqual([
      [186, 0],
      [192 + 27, 0],
      [479 + 26 + 160, 0],
    ]);
    const types = await terminal.get('/v1/types');
    expect(types).toMatchObject({ status: 200 });
    expect(types.body.types).toHaveLength(186);
    expect(await terminal.get('/v1/matters?size=1')).toMatchObject({
      status: 200,
      body: { total: 192, page: 1, size: 1, matters: [{ code: 'SX0001' }] },
    });
  });

  test('a window sees which materials of a matter are exemptible, and which fields it would get', async () => {
    const found = await terminal.get(`/v1/matters?q=${encodeURIComponent('灵活就业人员参保登记')}`);
    expect(found.body).toMatchObject({ total: 1, matters: [{ code: 'SX0001' }] });
    const { status, body } = await terminal.get('/v1/matters/SX0001/exemptions');
    expect(status).toBe(200);
    expect(body).toMatchObject({ ruleVersion: 1, indicative: true });
    expect(body.materials).toContainEqual({
      material: 'ZZ001',
      nameZh: '居民身份证',
      nameEn: 'Resident Identity Card',
      exemptible: true,
      reason: null,
      answers: [{ type: 'ZZ001', whose: 'applicant', fields: ['姓名', '公民身份号码'] }],
    });
  });

  test('a type comes with the schema of its fields', async () => {
    const { body } = await terminal.get('/v1/types/ZZ001');
    expect(body).toMatchObject({
      nationalTypeCode: '11100000000013127D001',
      schema: {
        additionalProperties: false,
        properties: { 出生日期: { type: 'string', pattern: expect.stringContaining('-00-00') } },
      },
    });
  });

  test('what nobody knows is not there, and what is no code is not a request', async () => {
    for (const [path, code] of [
      ['/v1/matters/SX9999', 'matter_unknown'],
      ['/v1/matters/SX9999/exemptions', 'matter_unknown'],
      ['/v1/types/ZZ999', 'type_unknown'],
    ] as const)
      expect(await terminal.get(path)).toMatchObject({ status: 404, body: { code } });
    for (const path of [
      '/v1/matters/SX1',
      '/v1/matters?page=0',
      '/v1/matters?size=101',
      '/v1/matters?level=galaxy',
      '/v1/matters?unknown=1',
      '/v1/matters?q=',
    ])
      expect(await terminal.get(path)).toMatchObject({
        status: 400,
        body: { code: 'request_invalid' },
      });
    expect(await terminal.get('/v1/types/%00')).toMatchObject({
      status: 400,
      body: { code: 'request_malformed' },
    });
  });

  test('an import tells what it added, changed, left and why it refused a line; the others go on', async () => {
    const content = lines(
      typeColumns,
      `ZM101\t${proof}`,
      `ZM102\t${proof.replace('P3M', 'three months')}`,
      `ZM101\t${proof}`,
      `ZM103\t${proof}`,
    );
    expect(await take(content)).toMatchObject({
      status: 200,
      body: {
        kind: 'types',
        added: 2,
        changed: 0,
        unchanged: 0,
        refused: [
          { line: 3, code: 'ZM102', reason: 'validity_malformed', detail: 'validity' },
          { line: 4, code: 'ZM101', reason: 'code_duplicate', detail: 'ZM101' },
        ],
      },
    });
    const marked = `\ufeff${content.replaceAll('\n', '\r\n')}`.replace('P3M', 'P6M');
    expect((await take(marked, 100)).body).toMatchObject({
      added: 0,
      changed: 1,
      unchanged: 1,
      refused: [{ line: 103 }, { line: 104 }],
    });
  });

  test('a preview tells what an import would change, member by member, and changes nothing', async () => {
    const preview = (content: string) => house.admin.post('/v1/catalogue/preview', { content });
    await take(lines(typeColumns, `ZM110\t${proof}`));
    const content = lines(
      typeColumns,
      `ZM110\t${proof.replace('示例证明', '示例凭证')}`,
      `ZM111\t${proof}`,
      `ZM112\t${proof.replace('P3M', 'three months')}`,
    );
    const head = await house.city.house.services.store.head();
    expect(await preview(content)).toMatchObject({
      status: 200,
      body: {
        kind: 'types',
        rows: [
          {
            line: 2,
            code: 'ZM110',
            change: 'changed',
            differs: [{ member: 'nameZh', before: '示例证明', after: '示例凭证' }],
          },
          { line: 3, code: 'ZM111', change: 'added', differs: [] },
        ],
        refused: [{ line: 4, code: 'ZM112', reason: 'validity_malformed' }],
      },
    });
    const rules = lines(
      ruleColumns,
      'SX0001\tZZ001\tZZ001\tapplicant\t姓名\tyes\t',
      'SX9999\tZZ001\tZZ001\tapplicant\t姓名\tyes\t',
    );
    expect((await preview(rules)).body).toMatchObject({
      kind: 'rules',
      rows: [
        {
          line: 2,
          code: 'SX0001',
          material: 'ZZ001',
          change: 'changed',
          differs: [
            {
              member: 'answers',
              before: 'ZZ001 applicant 姓名、公民身份号码',
              after: 'ZZ001 applicant 姓名',
            },
          ],
        },
      ],
      refused: [{ line: 3, reason: 'matter_unknown' }],
    });
    expect(await house.city.house.services.store.head()).toBe(head);
    expect(await terminal.post('/v1/catalogue/preview', { content })).toMatchObject({
      status: 403,
    });
    expect((await take(content)).body).toMatchObject({ added: 1, changed: 1 });
    expect(await house.admin.get('/v1/types/ZM110/versions')).toMatchObject({
      status: 200,
      body: {
        versions: [
          { version: 0, change: 'defined', rules: null, client: 'administrator', operator: null },
          { version: 1, change: 'changed', rules: null, client: 'administrator', operator: null },
        ],
      },
    });
  });

  test('a matter has versions, its rules among them; what is not there has none', async () => {
    const versions = (path: string) => house.admin.get(`/v1/${path}/versions`);
    expect((await versions('matters/SX0001')).body).toMatchObject({
      versions: [
        { version: 0, change: 'defined' },
        { change: 'rules-set', rules: 1 },
      ],
    });
    for (const [path, code] of [
      ['matters/SX9999', 'matter_unknown'],
      ['types/ZZ999', 'type_unknown'],
    ] as const)
      expect(await versions(path)).toMatchObject({ status: 404, body: { code } });
  });

  test('a file that is none changes nothing', async () => {
    const head = await house.city.house.services.store.head();
    for (const [content, code] of [
      [lines(typeColumns.replace('holder\t', ''), `ZM104\t${proof}`), 'column_missing'],
      ['姓名,号码\n测试甲,1\n', 'column_missing'],
      ['\n', 'file_empty'],
    ] as const) {
      const { status, body } = await take(content);
      expect({ status, code: body.code }).toEqual({ status: 400, code });
      expect(JSON.stringify(body)).not.toContain('测试甲');
    }
    expect(await house.city.house.services.store.head()).toBe(head);
  });

  test('only an administrator imports, and an import is not repeated by its retry', async () => {
    const content = lines(typeColumns, `ZM105\t${proof}`);
    expect(await terminal.post('/v1/catalogue/import', { content })).toMatchObject({ status: 403 });
    const sending = { idempotencyKey: 'import-of-the-test-of-retries' };
    const first = await house.admin.post('/v1/catalogue/import', { content }, sending);
    expect(first.body).toMatchObject({ added: 1 });
    const again = await house.admin.post('/v1/catalogue/import', { content }, sending);
    expect(again.body).toEqual(first.body);
    const other = await house.admin.post('/v1/catalogue/import', { content: 'x' }, sending);
    expect(other).toMatchObject({ status: 409, body: { code: 'idempotency_key_reused' } });
  });

  test('new rules hold at once where cases are opened, and soon where they are read', async () => {
    const rule = 'SX0002\tZZ001\tZZ001\tapplicant\t公民身份号码\tno\t';
    expect((await take(lines(ruleColumns, rule))).body).toMatchObject({ changed: 1 });
    await house.caughtUp();
    const { body } = await terminal.get('/v1/matters/SX0002/exemptions');
    expect(body.ruleVersion).toBe(2);
    expect(body.materials[0].answers[0].fields).toEqual(['公民身份号码']);
    expect(body.materials).toHaveLength(3);
    expect(body.materials[1].exemptible).toBe(true);
  });

  test('matters at places come in, are found by their place, and follow the basic rules', async () => {
    const matters = await readFile(new URL('matters.tsv', catalogueFolder), 'utf8');
    const spread = spreadOverPlaces(matters, { above: 290, townsAndVillages: 94 });
    expect((await take(spread)).body).toMatchObject({ added: 384, refused: [] });
    await house.caughtUp();
    const place = encodeURIComponent('示例镇002');
    const found = await terminal.get(`/v1/matters?place=${place}&q=${encodeURIComponent('补贴')}`);
    expect(found.body.total).toBeGreaterThan(0);
    const { code } = found.body.matters[0] as { code: string };
    expect(await terminal.get(`/v1/matters/${code}/exemptions`)).toMatchObject({
      body: { matter: code, rulesOf: code.slice(0, 6) },
    });
  });
});
