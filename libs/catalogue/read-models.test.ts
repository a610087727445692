import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { importing } from '../../test/support/catalogue.js';
import { CatalogueDatabase } from '../../test/support/catalogue-database.js';
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.js';
import { MatterExemptionsHandler, MatterExemptionsQuery } from './queries/exemptions.js';
import { type MattersWanted, SearchMatters, SearchMattersHandler } from './queries/matters.js';
import { ListTypesHandler } from './queries/types.js';
import { MatterSearch } from './search/matter-search.js';

const ruleColumns = 'matter\tmaterial\ttype\twhose\tfields\tindicative\treason';

describe('the read models of the catalogue, with a district full of matters', () => {
  let database: TestDatabase;
  let catalogue: CatalogueDatabase;
  let searched: MatterSearch;

  beforeAll(async () => {
    database = await freshDatabase();
    catalogue = await CatalogueDatabase.open(database.url);
    searched = new MatterSearch(catalogue.pool);
    await catalogue.fill(true);
    // 13,428 streams, each durable: a busy machine takes its time.
  }, 180_000);
  afterAll(async () => {
    await catalogue.close();
    await database.drop();
  });

  const exemptions = (matter: string) =>
    new MatterExemptionsHandler(catalogue.pool).execute(new MatterExemptionsQuery(matter));
  const search = (wanted: Partial<MattersWanted>) =>
    new SearchMattersHandler(searched).execute(new SearchMatters({ page: 1, size: 20, ...wanted }));

  it('hold 7,016 matters at district level and above and 6,220 in towns and villages, beside the 192', async () => {
    const at = async (...levels: NonNullable<MattersWanted['level']>[]) =>
      (await Promise.all(levels.map((level) => search({ level })))).reduce(
        (sum, { total }) => sum + total,
        0,
      );
    expect(await at('municipal', 'district')).toBe(7016 + 145);
    expect(await at('town', 'village')).toBe(6220 + 47);
    expect((await search({})).total).toBe(13_236 + 192);
  });

  it('tell which materials of a matter are exemptible, by which types, whose, and with which fields', async () => {
    expect(await exemptions('SX0001')).toEqual({
      matter: 'SX0001',
      nameZh: '灵活就业人员参保登记',
      rulesOf: 'SX0001',
      ruleVersion: 1,
      indicative: true,
      materials: [
        {
          material: 'ZZ001',
          nameZh: '居民身份证',
          nameEn: 'Resident Identity Card',
          exemptible: true,
          reason: null,
          answers: [{ type: 'ZZ001', whose: 'applicant', fields: ['姓名', '公民身份号码'] }],
        },
        {
          material: 'ZZ019',
          nameZh: '社会保障卡',
          nameEn: 'Social Security Card',
          exemptible: true,
          reason: null,
          answers: [{ type: 'ZZ019', whose: 'applicant', fields: ['社会保障号码'] }],
        },
      ],
    });
  });

  it('tell why a material is not exemptible', async () => {
    const { materials } = await exemptions('SX0016');
    expect(materials.find(({ material }) => material === 'ZZ013')).toMatchObject({
      exemptible: false,
      reason: 'original_surrendered',
      answers: [],
    });
  });

  it('answer at a place by the basic matter, until the place has rules of its own', async () => {
    const place = 'SX0001.0031';
    expect(await exemptions(place)).toMatchObject({ matter: place, rulesOf: 'SX0001' });
    await catalogue.imports.importText(
      `${ruleColumns}\n${place}\tZZ001\tZZ001\tapplicant\t公民身份号码\tno\t\n`,
      importing(),
    );
    await catalogue.fold();
    const own = await exemptions(place);
    expect(own).toMatchObject({ rulesOf: place, ruleVersion: 1, indicative: false });
    expect(own.materials.map(({ reason }) => reason)).toEqual([null, 'no_rule']);
    expect(own.materials[0]?.answers[0]?.fields).toEqual(['公民身份号码']);
    expect(await exemptions('SX0001.0030')).toMatchObject({ rulesOf: 'SX0001' });
  });

  it('say so when there is no such matter', async () => {
    await expect(exemptions('SX9999')).rejects.toMatchObject({ code: 'matter_unknown' });
  });

  it('answer as the streams do, for every matter that ships', async () => {
    const { matters } = await search({ level: 'town', size: 100 });
    for (const { code } of matters) {
      const [read, written] = await Promise.all([
        exemptions(code),
        catalogue.catalogue.matter(code),
      ]);
      expect(read.ruleVersion).toBe(written?.ruleVersion);
      expect(read.materials.map(({ material, answers }) => ({ material, answers }))).toEqual(
        written?.materials.map(({ material, answers }) => ({ material, answers })),
      );
    }
  });

  it('find a matter by any part of its Chinese name, by several words, by place, bundle and department', async () => {
    const codes = async (wanted: Partial<MattersWanted>) =>
      (await search(wanted)).matters.map(({ code }) => code);
    expect(await codes({ q: '人员参保', size: 1 })).toEqual(['SX0001']);
    expect(await codes({ q: '公积金 退休', size: 1 })).toEqual(['SX0056']);
    expect(await codes({ q: 'SX0056', size: 1 })).toEqual(['SX0056']);
    expect(await codes({ q: 'divorce', size: 1 })).toEqual(['SX0016']);
    expect(await codes({ q: '婚', place: '示例镇001', bundle: '公民婚育' })).toEqual([
      'SX0018.0001',
      'SX0019.0001',
    ]);
    expect((await search({ q: '婚', department: '海关' })).total).toBe(0);
  });

  it('take the wildcards of a pattern as letters', async () => {
    for (const q of ['%', '_', '\\', '100%', "';"]) expect((await search({ q })).total).toBe(0);
  });

  it('page through everything once, without words in the order of codes', async () => {
    const all = async (wanted: Partial<MattersWanted>) => {
      const { total } = await search(wanted);
      const seen: string[] = [];
      for (let page = 1; seen.length < total; page++) {
        const { matters } = await search({ ...wanted, page, size: 100 });
        if (matters.length === 0) break;
        seen.push(...matters.map(({ code }) => code));
      }
      expect(seen).toHaveLength(total);
      expect(new Set(seen).size).toBe(total);
      return seen;
    };
    await all({ q: '医保' });
    const ofTown = await all({ level: 'town' });
    expect(ofTown).toEqual(ofTown.toSorted());
  });

  it('find a matter by pinyin, by its first letters and with a typing error, the likeliest first', async () => {
    const first = async (q: string, wanted: Partial<MattersWanted> = {}) =>
      (await search({ q, ...wanted })).matters[0]?.nameZh;
    expect(await first('lhjydj')).toBe('灵活就业登记');
    expect(await first('linghuojiuyedengji')).toBe('灵活就业登记');
    expect(await first('jingjikunnan')).toBe('经济困难证明');
    expect(await first('经济困唯证明')).toBe('经济困难证明');
    expect(await first('jingjikunann')).toBe('经济困难证明');
    expect(await first('hardsip')).toBe('经济困难证明');
    expect(
      (await search({ q: '经济困难证明 示例村003' })).matters.map(({ place }) => place),
    ).toEqual(['示例村003']);
    expect((await search({ q: 'SX0006' })).matters[0]?.code).toBe('SX0006');
  });

  it('find what was imported a moment ago', async () => {
    const header =
      'code\tname_zh\tname_en\tdepartment_zh\tdepartment_en\tlevel\taudience\tmaterial_codes\tmaterials_zh\tmaterials_en\tscenario_zh\tplace_zh';
    const cells =
      'SX0001.9001\t示例赛龙舟登记\tRegistration of a dragon boat\t文旅广电\t\tvillage\tnatural\tZZ001\t居民身份证\t\t\t示例村901';
    expect((await search({ q: '赛龙舟' })).total).toBe(0);
    await catalogue.imports.importText(`${header}\n${cells}\n`, importing());
    await catalogue.fold();
    for (const q of ['赛龙舟', 'slszdj', '示例村901'])
      expect((await search({ q })).matters.map(({ code }) => code)).toEqual(['SX0001.9001']);
  });

  it('list every type with its fields', async () => {
    const types = await new ListTypesHandler(catalogue.dataSource).execute();
    expect(types).toHaveLength(186);
    expect(types.find(({ code }) => code === 'ZZ019')).toMatchObject({
      nameZh: '社会保障卡',
      holder: 'natural',
      departmentEn: 'Human Resources and Social Security',
      fields: expect.arrayContaining([
        { key: '发卡日期', nameEn: 'Date of card issue', kind: 'date' },
      ]),
    });
  });

  it('come back the same when they are made again, whatever the size of the pages', async () => {
    const kept = await rows();
    await catalogue.empty();
    await catalogue.fold(997);
    expect(await rows()).toEqual(kept);
  });

  async function rows() {
    const tables = catalogue.projections.flatMap((projection) => projection.tables);
    const texts: string[] = [];
    for (const table of tables) {
      const { rows: found } = await catalogue.pool.query<{ t: string }>(
        `SELECT md5(string_agg(t::text, E'\\n' ORDER BY code)) AS t FROM ${table} t`,
      );
      texts.push(`${table} ${found[0]?.t ?? ''}`);
    }
    return texts;
  }
});
