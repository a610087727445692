import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import type { TypeDefinition } from '#libs/catalogue';
import { creditCodeCheck, type JsonValue, ProductError, residentIdCheck } from '#libs/kernel';
import type { Identifier } from '#libs/subject';
import { inventedCreditCode } from '../../test/support/authority.js';
import { readCatalogueFile } from '../catalogue/catalogue-file.js';
import { checkFields } from './fields.js';
import { checkPersons } from './persons.js';

/** The types as they ship. */
const types = new Map<string, TypeDefinition>();
const shipped = readCatalogueFile(
  readFileSync('contracts/catalogue/certificate-types.tsv', 'utf8'),
);
if (shipped.kind === 'types') for (const { value } of shipped.lines) types.set(value.code, value);

const resident = (birth: string, sequence: string) => {
  const first17 = `990000${birth.replaceAll('-', '')}${sequence}`;
  return first17 + (residentIdCheck(first17) ?? '');
};
const woman = resident('1985-03-02', '002');
const man = resident('1984-12-31', '003');
/** A resident id number with a wrong check character, which has the check of a credit code. */
const likeCreditCode = (() => {
  for (let sequence = 100; sequence < 1000; sequence++) {
    const first17 = resident('1985-03-02', String(sequence)).slice(0, 17);
    const last = creditCodeCheck(first17) ?? '';
    if (/\d/.test(last) && last !== residentIdCheck(first17)) return first17 + last;
  }
  throw new Error('no such number');
})();
const citizen = (number: string): Identifier => ({ kind: '111', number });
const foreigner: Identifier = { kind: '414', number: 'E12345678', issuer: 'FRA' };
const hongKong: Identifier = { kind: '516', number: 'H12345678' };
const officer: Identifier = { kind: '999', number: '军字第(01)号', issuer: '示例机关' };
const today = '2026-11-22';

function judged(code: string, given: Record<string, JsonValue>, holders: readonly Identifier[]) {
  const type = types.get(code);
  if (type === undefined) throw new Error(`no type ${code}`);
  const fields = { ...filled(type), ...given };
  try {
    checkFields(type, fields);
    checkPersons(type, fields, holders, today);
    return 'taken';
  } catch (error) {
    if (!(error instanceof ProductError)) throw error;
    const { field, rule } = error.facts;
    return `${String(error.code)} ${String(field)} ${String(rule)}`;
  }
}

/** Every field that says nothing of a person, with something in it. */
function filled(type: TypeDefinition): Record<string, JsonValue> {
  const values = {
    text: '示例',
    lines: '示例\n示例',
    code: 'S0001',
    date: '2020-01-01',
    'partial-date': '2020-01-01',
  };
  return Object.fromEntries(
    type.fields.flatMap(({ key, kind, person }): [string, JsonValue][] => {
      if (person !== undefined && person.says !== 'name') return [];
      if (kind === 'number') return [[key, 1]];
      if (kind === 'rows') return [[key, []]];
      return kind === 'image' || kind === 'file' ? [] : [[key, values[kind]]];
    }),
  );
}

const card = (change: Record<string, JsonValue> = {}) => ({
  公民身份号码: woman,
  性别: '女',
  出生日期: '1985-03-02',
  ...change,
});

describe('what a certificate prints of its holder', () => {
  test.each([
    ['the holder’s own number', card(), 'taken'],
    ['another one’s number', card({ 公民身份号码: man }), 'field_contradicts 公民身份号码 holder'],
    [
      'a number whose check is wrong',
      card({ 公民身份号码: `${woman.slice(0, 17)}${woman.endsWith('1') ? '2' : '1'}` }),
      'field_wrong 公民身份号码 check',
    ],
    [
      'a number whose check is wrong, and a credit code’s',
      card({ 公民身份号码: likeCreditCode }),
      'field_wrong 公民身份号码 check',
    ],
    [
      'a number in small letters',
      card({ 公民身份号码: '11010519491231002x' }),
      'field_wrong 公民身份号码 check',
    ],
    ['a number that is none', card({ 公民身份号码: '不详?' }), 'field_wrong 公民身份号码 check'],
    ['another sex', card({ 性别: '男' }), 'field_contradicts 性别 sex'],
    ['a sex that is none', card({ 性别: '1' }), 'field_wrong 性别 sex'],
    ['an unknown sex', card({ 性别: '未知' }), 'taken'],
    ['another day of birth', card({ 出生日期: '1985-02-03' }), 'field_contradicts 出生日期 birth'],
    ['a month of birth that is the number’s', card({ 出生日期: '1985-03' }), 'taken'],
    [
      'an unknown day of another year',
      card({ 出生日期: '1977-00-00' }),
      'field_contradicts 出生日期 birth',
    ],
    ['31 February', card({ 出生日期: '1985-02-31' }), 'field_wrong 出生日期 day'],
    ['a day with strokes', card({ 出生日期: '1985/3/2' }), 'field_wrong 出生日期 pattern'],
    [
      'the number of 15 digits that old papers print',
      card({ 公民身份号码: woman.slice(0, 6) + woman.slice(8, 17) }),
      'taken',
    ],
    [
      'a day that is none in a period',
      card({ 有效期限: '2020.02.31-2040.02.28' }),
      'field_wrong 有效期限 day',
    ],
    ['a period', card({ 有效期限: '2020.02.29-长期' }), 'taken'],
  ])('with %s', (_, fields, verdict) => {
    expect(judged('ZZ001', fields, [citizen(woman)])).toBe(verdict);
  });

  test.each(['ZZ077', 'ZZ083', 'ZZ020', 'ZZ067', 'ZM016'])(
    'of type %s has the number by which a foreigner is known',
    (code) => {
      const number = (公民身份号码: string) => ({ 公民身份号码 });
      expect(judged(code, number('E12345678'), [foreigner])).toBe('taken');
      expect(judged(code, number('H1234567801'), [hongKong])).toBe('taken');
      expect(judged(code, number('H12345678'), [hongKong])).toBe('taken');
      expect(judged(code, number('军字第（01）号'), [officer])).toBe('taken');
      for (const holder of [foreigner, hongKong, officer])
        expect(judged(code, number(woman), [holder])).toBe('field_contradicts 公民身份号码 holder');
      expect(judged(code, number('H87654321'), [hongKong])).toBe(
        'field_contradicts 公民身份号码 holder',
      );
    },
  );

  test.each([
    '2190-01-01',
    '2190',
    '2190-00-00',
    '2026-11-23',
    '2026-12',
    '1799-01-01',
    '1799-00-00',
    '1799',
  ])('of type ZZ011 is not born %s, also where no number says it', (birth) => {
    expect(judged('ZZ011', { 证件号码: 'H12345678', 出生日期: birth }, [hongKong])).toBe(
      'field_wrong 出生日期 birth',
    );
  });

  test.each(
    [...types.values()].flatMap(({ code, fields }) =>
      fields.flatMap(({ key, person }) => (person?.says === 'birth' ? [[code, key] as const] : [])),
    ),
  )('of type %s is born by now in %s', (code, key) => {
    const type = types.get(code);
    const others = Object.fromEntries(
      (type?.fields ?? []).flatMap((field): [string, string][] => {
        if (field.person?.says === 'number') return [[field.key, 'H12345678']];
        return field.person?.says === 'sex' ? [[field.key, '女']] : [];
      }),
    );
    const born = (day: string) => judged(code, { ...others, [key]: day }, [hongKong]);
    expect(born('1985-03-02')).toBe('taken');
    expect(born('2190-01-01')).toBe(`field_wrong ${key} birth`);
  });

  test('a number of somebody born in 1799 is refused for the birth', () => {
    expect(
      judged('ZZ001', card({ 公民身份号码: resident('1799-12-31', '002') }), [citizen(woman)]),
    ).toBe('field_wrong 公民身份号码 birth');
  });

  test('a health certificate of ZZ070 is a foreigner’s, too, and unknown days are a foreigner’s', () => {
    expect(judged('ZZ070', { 公民身份号码: 'E12345678' }, [foreigner])).toBe('taken');
    expect(judged('ZZ007', { 护照号: 'E12345678', 出生日期: '1977-00-00' }, [foreigner])).toBe(
      'taken',
    );
    expect(judged('ZZ007', { 护照号: 'E12345679', 出生日期: '1977' }, [foreigner])).toBe(
      'field_contradicts 护照号 holder',
    );
    expect(judged('ZZ078', { 毕业日期: '2026-03' }, [citizen(woman)])).toBe('taken');
    expect(judged('ZZ078', { 毕业日期: '2026-13' }, [citizen(woman)])).toBe(
      'field_wrong 毕业日期 pattern',
    );
  });

  test('a paper’s own number is nobody’s, and a permit’s is its holder’s where it names it', () => {
    expect(
      judged('ZZ008', { 证件号码: 'C12345678', 出生日期: '1985-03-02' }, [citizen(woman)]),
    ).toBe('taken');
    expect(judged('ZZ011', { 证件号码: 'H1234567801', 出生日期: '1985-03-02' }, [hongKong])).toBe(
      'taken',
    );
    expect(judged('ZZ011', { 证件号码: 'H87654321', 出生日期: '1985-03-02' }, [hongKong])).toBe(
      'field_contradicts 证件号码 holder',
    );
    expect(judged('ZZ004', { 证号: woman }, [citizen(woman)])).toBe('taken');
    expect(judged('ZZ004', { 证号: man }, [citizen(woman)])).toBe('field_contradicts 证号 holder');
    expect(judged('ZZ131', { 残疾人证号: `${woman}43` }, [citizen(woman)])).toBe('taken');
    expect(judged('ZZ131', { 残疾人证号: `${man}43B1` }, [citizen(woman)])).toBe(
      'field_contradicts 残疾人证号 holder',
    );
  });

  test('a social security number is the holder’s, or one that foreigners have', () => {
    const number = (社会保障号码: string) => ({ 社会保障号码 });
    expect(judged('ZZ019', number(woman), [citizen(woman)])).toBe('taken');
    expect(judged('ZZ019', number(man), [citizen(woman)])).toBe(
      'field_contradicts 社会保障号码 holder',
    );
    expect(judged('ZZ019', number('FRA0E1234567800001'), [foreigner])).toBe('taken');
    expect(judged('ZZ019', number(woman), [foreigner])).toBe(
      'field_contradicts 社会保障号码 holder',
    );
  });
});

describe('what a certificate prints of others', () => {
  const marriage = (男方公民身份号码: string, 女方公民身份号码: string) => ({
    男方公民身份号码,
    女方公民身份号码,
  });
  test('both spouses are holders, or one of them is', () => {
    expect(judged('ZZ013', marriage(man, woman), [citizen(man), citizen(woman)])).toBe('taken');
    expect(judged('ZZ013', marriage(man, woman), [citizen(woman)])).toBe('taken');
    expect(judged('ZZ013', marriage('E12345678', woman), [foreigner, citizen(woman)])).toBe(
      'taken',
    );
  });
  test('a holder who is neither of them is refused', () => {
    const stranger = citizen(resident('1990-01-01', '001'));
    expect(judged('ZZ013', marriage(man, woman), [stranger])).toBe(
      'field_contradicts 男方公民身份号码 parties',
    );
    expect(judged('ZZ014', { 双方公民身份号码: `${man}、${woman}` }, [citizen(woman)])).toBe(
      'taken',
    );
    expect(judged('ZZ014', { 双方公民身份号码: `${man}、${woman}` }, [stranger])).toBe(
      'field_contradicts 双方公民身份号码 parties',
    );
  });
  test('a number of somebody else has a check that fits, and is compared with nobody', () => {
    const birth = (母亲身份证件号码: string) => ({
      性别: '男',
      出生时间: '2026年1月2日',
      母亲身份证件号码,
      父亲身份证件号码: man,
    });
    expect(judged('ZZ062', birth(woman), [citizen(woman)])).toBe('taken');
    expect(judged('ZZ062', birth('110105194912310021'), [citizen(woman)])).toBe(
      'field_wrong 母亲身份证件号码 check',
    );
    expect(judged('ZZ062', birth(likeCreditCode), [citizen(woman)])).toBe(
      'field_wrong 母亲身份证件号码 check',
    );
    expect(judged('ZZ062', birth(resident('2026-11-23', '002')), [citizen(woman)])).toBe(
      'field_wrong 母亲身份证件号码 birth',
    );
    expect(judged('ZZ062', { ...birth(woman), 出生时间: '2026年2月30日' }, [citizen(woman)])).toBe(
      'field_wrong 出生时间 day',
    );
    expect(judged('ZZ063', { 身份证件号码: man, 死亡日期: '2026-01-02' }, [citizen(woman)])).toBe(
      'taken',
    );
  });
  test('a licence has its own company’s code', () => {
    const [own, other] = [inventedCreditCode(), inventedCreditCode()];
    const company: Identifier = { kind: '001', number: own };
    expect(judged('ZZ046', { 统一社会信用代码: own }, [company])).toBe('taken');
    expect(judged('ZZ046', { 统一社会信用代码: other }, [company])).toBe(
      'field_contradicts 统一社会信用代码 holder',
    );
    expect(judged('ZZ046', { 统一社会信用代码: '11430112000000001X' }, [company])).toBe(
      'field_wrong 统一社会信用代码 check',
    );
    expect(judged('ZM011', { 纳税人识别号: other }, [company])).toBe(
      'field_contradicts 纳税人识别号 holder',
    );
  });
});

test('every personal number of the shipped catalogue has an owner, and other persons are named', () => {
  const silent = [...types.values()].flatMap(({ code, fields }) =>
    fields
      .filter(({ key, person }) => /身份.*号|信用代码|社会保障号|纳税人识别号/.test(key) && !person)
      .map(({ key }) => `${code} ${key}`),
  );
  expect(silent).toEqual([]);
  expect(types.get('ZZ002')?.fields.find(({ key }) => key === '户主姓名')?.person).toEqual({
    says: 'name',
    whose: 'head',
  });
});
