import { beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importing } from '../../test/support/catalogue.js';
import { MemoryEventStore } from '../event-store/memory/index.js';
import { CatalogueImport } from './catalogue-import.js';
import { spreadOverPlaces } from './places.js';
import { StreamCatalogue } from './catalogue.stream.js';
import { fileText } from './table.js';

const typeColumns =
  'code\tcategory\tname_zh\tname_en\tissuing_department_zh\tholder\tvalidity\tnational_type_code\tnumber_unique\tnumber_field\tdata_fields_zh';
const matterColumns =
  'code\tname_zh\tname_en\tdepartment_zh\tlevel\taudience\tmaterial_codes\tmaterials_zh\tscenario_zh';
const ruleColumns = 'matter\tmaterial\ttype\twhose\tfields\tindicative\treason';

const card =
  'ZZ001\tcertificate\t居民身份证\tIdentity Card\t公安\tnatural\tP20Y\t11100000000013127D001\tpaper\t公民身份号码\t姓名;公民身份号码;住址';
const licence =
  'ZZ046\tcertificate\t营业执照\tBusiness Licence\t市场监管\tlegal\t\t\tpaper\t统一社会信用代码\t名称;统一社会信用代码';
const enrolment = 'SX0001\t参保登记\tEnrolment\t人社\tdistrict\tnatural\tZZ001\t居民身份证\t';
const opening =
  'SX0002\t企业开办\tOpening\t市场监管\tdistrict\tlegal\tZZ001;ZZ046\t居民身份证;营业执照\t';

const file = (...lines: string[]) => lines.map((line) => `${line}\n`).join('');

describe('an import of catalogue files', () => {
  let store: MemoryEventStore;
  let catalogue: StreamCatalogue;
  let imports: CatalogueImport;

  beforeEach(async () => {
    store = new MemoryEventStore('city.example');
    catalogue = new StreamCatalogue(store);
    imports = new CatalogueImport(store, catalogue);
    await take(file(typeColumns, card, licence));
    await take(file(matterColumns, enrolment, opening));
  });

  /** Through a file on disk, read as the program reads files. */
  async function take(content: string | Uint8Array, key?: string) {
    const folder = await mkdtemp(join(tmpdir(), 'catalogue-'));
    try {
      await writeFile(join(folder, 'file.tsv'), content);
      return await imports.importText(
        fileText(await readFile(join(folder, 'file.tsv'))),
        importing(key),
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  const records = async () => (await store.readAll(0n, 1000)).length;

  it('takes a byte order mark, CRLF, empty lines and CSV as it takes plain TSV', async () => {
    const plain = [typeColumns, card, licence];
    for (const content of [
      `\ufeff${file(...plain)}`,
      `\ufeff${plain.join('\r\n')}\r\n`,
      `${plain.join('\r\n\r\n')}\r\n\r\n`,
      plain.join('\n'),
      file(...plain.map((line) => line.replaceAll('\t', ','))),
      file(...plain.map((line) => `"${line.replaceAll('\t', '","')}"`)),
    ])
      expect(await take(content)).toMatchObject({
        kind: 'types',
        lookalikes: [],
        added: 0,
        changed: 0,
        unchanged: 2,
        refused: [],
      });
    const marked = await imports.importText(
      `\ufeff${file(...plain.map((line) => `"${line.replaceAll('\t', '","')}"`))}`,
      importing(),
    );
    expect(marked).toMatchObject({ unchanged: 2 });
  });

  const englishTypes = `${typeColumns}\tdepartment_en\tfields_en`;
  const englishMatters = `${matterColumns}\tdepartment_en\tmaterials_en`;

  it('keeps the English names of departments, fields and materials', async () => {
    const types = await take(
      file(englishTypes, `${card}\tPublic Security\tName;Citizen identity number;Address`),
    );
    expect(types).toMatchObject({ changed: 1, englishMissing: [] });
    const type = await catalogue.type('ZZ001');
    expect(type?.departmentEn).toBe('Public Security');
    expect(type?.fields.map(({ key, nameEn }) => [key, nameEn])).toEqual([
      ['姓名', 'Name'],
      ['公民身份号码', 'Citizen identity number'],
      ['住址', 'Address'],
    ]);
    const matters = await take(
      file(englishMatters, `${enrolment}\tSocial Security\tIdentity Card`),
    );
    expect(matters).toMatchObject({ changed: 1, englishMissing: [] });
    const found = await catalogue.matter('SX0001');
    expect(found?.matter.departmentEn).toBe('Social Security');
    expect(found?.materials[0]?.nameEn).toBe('Identity Card');
  });

  it('takes names without an English one, and tells each once, where it stands first and in how many lines', async () => {
    const report = await take(
      file(
        englishTypes,
        `${card}\t\tName;;Address`,
        `${card.replace('ZZ001', 'ZZ003')}\tPublic Security\tName;;`,
        `${licence}\tMarket Regulation\t`,
      ),
    );
    expect(report.refused).toEqual([]);
    expect(report.englishMissing).toEqual([
      { reason: 'department_en_missing', nameZh: '公安', line: 2, lines: 1 },
      { reason: 'field_en_missing', nameZh: '公民身份号码', line: 2, lines: 2 },
      { reason: 'field_en_missing', nameZh: '住址', line: 3, lines: 1 },
      { reason: 'field_en_missing', nameZh: '名称', line: 4, lines: 1 },
      { reason: 'field_en_missing', nameZh: '统一社会信用代码', line: 4, lines: 1 },
    ]);
    expect((await catalogue.type('ZZ046'))?.fields[0]).not.toHaveProperty('nameEn');
    expect((await take(file(matterColumns, enrolment, opening))).englishMissing).toEqual([
      { reason: 'department_en_missing', nameZh: '人社', line: 2, lines: 1 },
      { reason: 'material_en_missing', nameZh: '居民身份证', line: 2, lines: 2 },
      { reason: 'department_en_missing', nameZh: '市场监管', line: 3, lines: 1 },
      { reason: 'material_en_missing', nameZh: '营业执照', line: 3, lines: 1 },
    ]);
  });

  it('refuses English names that are too few, the same for two fields, or hold what cannot be seen', async () => {
    const report = await take(
      file(
        englishTypes,
        `${card}\tPublic Security\tName;Number`,
        `${card}\tPublic Security\tName;Number;Number`,
        `${card}\tPublic Security\tName;Number;Add\u202eress`,
        `${card}\tPublic\u200b Security\tName;Number;Address`,
      ),
    );
    expect(report.added + report.changed).toBe(0);
    expect(report.refused.map(({ reason, detail }) => [reason, detail])).toEqual([
      ['names_unequal', 'fields_en: 3 expected'],
      ['field_duplicate', 'Number'],
      ['value_malformed', 'fields_en: U+202E, character 16'],
      ['value_malformed', 'department_en: U+200B, character 7'],
    ]);
    const matters = await take(
      file(englishMatters, `${enrolment}\tSocial Security\tIdentity Card;Household Register`),
    );
    expect(matters.refused[0]).toMatchObject({
      reason: 'names_unequal',
      detail: 'materials_en: 1 expected',
    });
  });

  it('refuses a line of CSV with a mark that is not closed, or stands within a cell, and joins no other to it', async () => {
    const lines = [card, card, card].map((line, n) => line.replace('ZZ001', `ZZ00${n + 3}`));
    const [first = '', second = '', third = ''] = lines.map((line) => line.replaceAll('\t', ','));
    const report = await take(
      file(
        typeColumns.replaceAll('\t', ','),
        first.replace('居民身份证', '"居民身份证'),
        second.replace('居民身份证', '居民"身份证"'),
        third.replace('居民身份证', '"居民身份证"'),
      ),
    );
    expect(report).toMatchObject({
      added: 1,
      refused: [
        { line: 2, reason: 'quotation_wrong', detail: 'quote_unclosed' },
        { line: 3, reason: 'quotation_wrong', detail: 'quote_in_text' },
      ],
    });
  });

  it('takes quotes in TSV as letters', async () => {
    const report = await take(
      file(matterColumns, enrolment.replace('参保登记', '"参保"登记').replace('SX0001', 'SX0003')),
    );
    expect(report.added).toBe(1);
    expect((await catalogue.matter('SX0003'))?.matter.nameZh).toBe('"参保"登记');
  });

  it('refuses a file with a missing, unknown or doubled column, naming no cell of it, and takes nothing', async () => {
    const before = await records();
    await expect(take(file(typeColumns.replace('\tvalidity', ''), card))).rejects.toMatchObject({
      code: 'column_missing',
      facts: { kind: 'types', missing: ['validity'] },
    });
    await expect(take(file(`${typeColumns}\t测试甲`, `${card}\t1`))).rejects.toMatchObject({
      code: 'column_unknown',
      facts: { kind: 'types', column: 12 },
    });
    await expect(take(file(`${typeColumns}\tcode`, `${card}\tZZ001`))).rejects.toMatchObject({
      code: 'column_twice',
    });
    await expect(take('')).rejects.toMatchObject({ code: 'file_empty' });
    await expect(take(file(`${typeColumns.replaceAll('\t', ',')},"x`, card))).rejects.toMatchObject(
      {
        code: 'file_malformed',
      },
    );
    for (const separator of ['\t', ','])
      await expect(take(`code${separator.repeat(100_000)}`)).rejects.toMatchObject({
        code: 'columns_too_many',
      });
    await expect(
      imports.importText(`${typeColumns}\n${'1\n'.repeat(100_000)}`, importing(), {
        maxLines: 20_000,
      }),
    ).rejects.toMatchObject({ code: 'file_too_long' });
    await expect(take(Buffer.from([0xd6, 0xd0, 0xb9, 0xfa]))).rejects.toMatchObject({
      code: 'file_not_utf8',
    });
    expect(await records()).toBe(before);
  });

  it('says whose fields are, and refuses an owner that there is not or a field that the type has not', async () => {
    const columns = `${typeColumns}\twhose_fields`;
    const book = card.replace('ZZ001', 'ZZ003').replace('住址', '户主姓名');
    expect(await take(file(columns, `${book}\t户主姓名:head`))).toMatchObject({ added: 1 });
    expect((await catalogue.type('ZZ003'))?.fields).toEqual(
      expect.arrayContaining([
        { key: '户主姓名', kind: 'text', person: { says: 'name', whose: 'head' } },
        { key: '公民身份号码', kind: 'code', person: { says: 'number', whose: 'holder' } },
      ]),
    );
    for (const [cell, reason] of [
      ['户主姓名:neighbour', 'owner_unknown'],
      ['户主姓名:holder-414', 'owner_unknown'],
      ['住址:head', 'field_unknown'],
      ['户主姓名:head;户主姓名:other', 'field_duplicate'],
      ['户主姓名', 'value_malformed'],
    ])
      expect(await take(file(columns, `${book}\t${cell}`))).toMatchObject({
        unchanged: 0,
        refused: [{ line: 2, reason }],
      });
  });

  it('tells departments that look alike, and takes them', async () => {
    const alike = card.replace('ZZ001', 'ZZ004').replace('\t公安', '\t公安Ａ');
    const other = card.replace('ZZ001', 'ZZ005').replace('\t公安', '\t公安A');
    expect(await take(file(typeColumns, alike, other))).toMatchObject({
      added: 2,
      refused: [],
      lookalikes: [['公安A', '公安Ａ']],
    });
  });

  const wrongTypes: [string, string, string][] = [
    ['a code of another shape', 'code_malformed', card.replace('ZZ001', 'ZZ1')],
    ['no name', 'value_missing', card.replace('居民身份证', '')],
    ['a control character', 'value_malformed', card.replace('居民身份证', '居民\u0007身份证')],
    ['an override of direction', 'value_malformed', card.replace('居民身份证', '居民\u202e身份证')],
    ['a line separator', 'value_malformed', card.replace('居民身份证', '居民\u2028身份证')],
    ['a zero-width space', 'value_malformed', card.replace('\t公安', '\t公\u200b安')],
    ['a tag character', 'value_malformed', card.replace('\t公安', '\t公安\u{e0041}')],
    ['an unknown category', 'category_unknown', card.replace('certificate', 'paper')],
    ['an unknown kind of holder', 'holder_unknown', card.replace('natural', 'everybody')],
    ['years instead of a duration', 'validity_malformed', card.replace('P20Y', '20年')],
    ['a duration of nothing', 'validity_malformed', card.replace('P20Y', 'P')],
    ['a duration of hours', 'validity_malformed', card.replace('P20Y', 'PT20H')],
    [
      'a national code with a wrong check',
      'national_code_check',
      card.replace('11100000000013127D001', '11100000000013127E001'),
    ],
    [
      'a national code of another length',
      'national_code_malformed',
      card.replace('11100000000013127D001', '11100000000013127D01'),
    ],
    ['a field that nobody knows', 'field_unknown', card.replace('住址', '爱好')],
    ['a field twice', 'field_duplicate', card.replace('住址', '姓名')],
    ['a field of an unknown kind', 'kind_unknown', card.replace('住址', '爱好:song')],
    ['an empty field name', 'value_malformed', card.replace('住址', '')],
    ['a cell too few', 'columns_wrong', card.replace('\tP20Y', '')],
    ['a cell too many', 'columns_wrong', `${card}\tmore`],
    ['a code that stood before', 'code_duplicate', licence],
  ];
  it.each(wrongTypes)('refuses a type with %s (%s) and goes on', async (_, reason, line) => {
    const before = await records();
    const report = await take(
      file(typeColumns, licence, line, card.replace('ZZ001', 'ZZ002').replace('P20Y', 'P10Y')),
    );
    expect(report).toMatchObject({ added: 1, unchanged: 1, refused: [{ line: 3, reason }] });
    expect(await records()).toBe(before + 1);
  });

  const wrongMatters: [string, string, string][] = [
    ['an unknown type', 'type_unknown', enrolment.replace('ZZ001', 'ZZ999')],
    ['an unknown level', 'level_unknown', enrolment.replace('district', 'galaxy')],
    ['an unknown audience', 'audience_unknown', enrolment.replace('natural', 'cats')],
    ['more materials than names', 'materials_unequal', enrolment.replace('ZZ001', 'ZZ001;ZZ046')],
    [
      'a material twice',
      'material_duplicate',
      enrolment.replace('ZZ001', 'ZZ001;ZZ001').replace('居民身份证', '居民身份证;居民身份证'),
    ],
    [
      'a place in its code and none in its line',
      'value_missing',
      enrolment.replace('SX0001', 'SX0001.0001'),
    ],
    ['a code that stood before', 'code_duplicate', opening],
  ];
  it.each(wrongMatters)('refuses a matter with %s (%s) and goes on', async (_, reason, line) => {
    const report = await take(
      file(matterColumns, opening, line, enrolment.replace('SX0001', 'SX0009')),
    );
    expect(report).toMatchObject({ added: 1, unchanged: 1, refused: [{ line: 3, reason }] });
  });

  const good = 'SX0001\tZZ001\tZZ001\tapplicant\t姓名;公民身份号码\tyes\t';
  const wrongRules: [string, string, string][] = [
    ['an unknown matter', 'matter_unknown', good.replace('SX0001', 'SX0404')],
    ['a material that is not asked for', 'material_unknown', good.replace('ZZ001', 'ZZ046')],
    ['an unknown type', 'type_unknown', good.replace('\tZZ001\tapplicant', '\tZZ999\tapplicant')],
    ['a field that the type has not', 'field_unknown', good.replace('姓名', '名称')],
    ['an unknown role', 'role_unknown', good.replace('applicant', 'neighbour')],
    ['a role that cannot hold it', 'role_cannot_hold', good.replace('applicant', 'legal-person')],
    ['a field twice', 'field_duplicate', good.replace('姓名', '公民身份号码')],
    ['no fields and no reason', 'reason_missing', good.replace('姓名;公民身份号码', '')],
    ['fields and a reason against them', 'reason_unwanted', `${good}original_surrendered`],
    ['an unknown reason', 'reason_unknown', `${good.replace('姓名;公民身份号码', '')}because`],
    ['neither yes nor no', 'indicative_unknown', good.replace('yes', 'perhaps')],
  ];
  it.each(wrongRules)('refuses a rule with %s (%s) and goes on', async (_, reason, line) => {
    const other = 'SX0002\tZZ046\tZZ046\tlegal-person\t名称\tyes\t';
    const report = await take(file(ruleColumns, line, other));
    expect(report).toMatchObject({ added: 1, changed: 0, refused: [{ line: 2, reason }] });
    expect((await catalogue.matter('SX0001'))?.ruleVersion).toBe(0);
    expect((await catalogue.matter('SX0002'))?.materials).toEqual([
      { material: 'ZZ001', nameZh: '居民身份证', answers: [] },
      {
        material: 'ZZ046',
        nameZh: '营业执照',
        answers: [{ type: 'ZZ046', whose: 'legal-person', fields: ['名称'] }],
      },
    ]);
  });

  it('keeps the rule that a material had where one of its new lines is refused', async () => {
    await take(file(ruleColumns, good));
    const report = await take(
      file(
        ruleColumns,
        good.replace('姓名;公民身份号码', '公民身份号码'),
        good.replace('applicant', 'spouse').replace('姓名', '爱好'),
      ),
    );
    expect(report.refused).toEqual([
      { line: 2, code: 'SX0001', reason: 'sibling_refused', detail: 'ZZ001' },
      { line: 3, code: 'SX0001', reason: 'field_unknown', detail: '爱好' },
    ]);
    const found = await catalogue.matter('SX0001');
    expect(found).toMatchObject({ ruleVersion: 1 });
    expect(found?.materials[0]?.answers[0]?.fields).toEqual(['姓名', '公民身份号码']);
  });

  it('tells what changed, and counts rule versions up', async () => {
    await take(file(ruleColumns, good));
    const fewer = good.replace('姓名;公民身份号码', '公民身份号码');
    expect(await take(file(ruleColumns, fewer))).toMatchObject({ changed: 1, added: 0 });
    expect(await take(file(matterColumns, enrolment.replace('参保登记', '参保')))).toMatchObject({
      changed: 1,
      unchanged: 0,
    });
    const found = await catalogue.matter('SX0001');
    expect(found).toMatchObject({ ruleVersion: 2, matter: { nameZh: '参保' } });
  });

  it('reports the same when the same request is sent again, and appends nothing', async () => {
    const rules = file(
      ruleColumns,
      good,
      good.replace('\tZZ001\tZZ001', '\tZZ046\tZZ046'),
      good.replace('SX0001', 'SX0404'),
    );
    for (const content of [rules, file(typeColumns, card.replace('P20Y', 'P10Y'))]) {
      const first = await take(content, 'one-and-the-same-request');
      const before = await records();
      expect(await take(content, 'one-and-the-same-request')).toEqual(first);
      expect(await records()).toBe(before);
    }
  });

  it('leaves alone what is there when it is told to add only what is absent', async () => {
    await take(file(ruleColumns, good));
    const before = await records();
    for (const content of [
      file(typeColumns, card.replace('P20Y', 'P10Y')),
      file(matterColumns, enrolment.replace('参保登记', '参保')),
      file(ruleColumns, good.replace('姓名;公民身份号码', '公民身份号码')),
    ])
      expect(await imports.importText(content, importing(), { onlyAbsent: true })).toMatchObject({
        unchanged: 1,
        changed: 0,
        added: 0,
      });
    expect(await records()).toBe(before);
  });

  it('counts lines on from a part of a larger file', async () => {
    const report = await imports.importText(
      file(ruleColumns, good.replace('姓名', '爱好')),
      importing(),
      { lineOffset: 4000 },
    );
    expect(report.refused[0]?.line).toBe(4002);
  });

  it('lets a city define types with fields of its own, and refuses unknown members by their schema', async () => {
    await take(file(typeColumns, card.replace('ZZ001', 'ZZ201').replace('住址', '照片:image')));
    const type = await catalogue.type('ZZ201');
    expect(type?.fields.at(-1)).toEqual({ key: '照片', kind: 'image' });
    expect(type?.schema).toMatchObject({
      additionalProperties: false,
      required: ['姓名', '公民身份号码', '照片'],
    });
  });
});

describe('a matter at a place', () => {
  it('follows the rules of its basic matter until it has its own', async () => {
    const store = new MemoryEventStore('city.example');
    const catalogue = new StreamCatalogue(store);
    const imports = new CatalogueImport(store, catalogue);
    const rule = 'SX0001\tZZ001\tZZ001\tapplicant\t姓名;公民身份号码\tyes\t';
    const spread = spreadOverPlaces(file(matterColumns, enrolment), {
      above: 31,
      townsAndVillages: 9,
    });
    for (const content of [
      file(typeColumns, card, licence),
      file(matterColumns, enrolment),
      file(ruleColumns, rule),
      file(ruleColumns, rule.replace('姓名;公民身份号码', '公民身份号码')),
      spread,
    ])
      expect((await imports.importText(content, importing())).refused).toEqual([]);

    const inherited = await catalogue.matter('SX0001.0031');
    expect(inherited).toMatchObject({ ruleVersion: 2, matter: { place: '示例区031' } });
    expect(inherited?.materials[0]?.answers[0]?.fields).toEqual(['公民身份号码']);

    await imports.importText(file(ruleColumns, rule.replace('SX0001', 'SX0001.0031')), importing());
    const own = await catalogue.matter('SX0001.0031');
    expect(own).toMatchObject({ ruleVersion: 1 });
    expect(own?.materials[0]?.answers[0]?.fields).toEqual(['姓名', '公民身份号码']);
    expect((await catalogue.matter('SX0001.0030'))?.ruleVersion).toBe(2);
  });
});
