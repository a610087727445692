import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fold } from '#libs/kernel';
import type { MatterDefinition, MatterEvent, TypeDefinition } from './catalogue.events.js';
import { RuleRefused } from './catalogue.errors.js';
import { matterDecider, type SetRules } from './matter.decider.js';
import { typeDecider } from './type.decider.js';

const card: TypeDefinition = {
  code: 'ZZ001',
  category: 'certificate',
  nameZh: '居民身份证',
  nameEn: 'Resident Identity Card',
  department: '公安',
  holder: 'natural',
  validity: 'P20Y',
  nationalTypeCode: null,
  fields: [{ key: '姓名', kind: 'text' }],
  schema: {},
};

describe('a certificate type', () => {
  const given = (...definitions: TypeDefinition[]) => ({
    whenDefinedAs: (definition: TypeDefinition) =>
      typeDecider.decide(
        { does: 'define-type', definition },
        fold(
          typeDecider,
          definitions.map((data, i) => ({
            type: i === 0 ? ('TypeDefined' as const) : ('TypeChanged' as const),
            data,
          })),
        ),
      ),
  });

  it('is defined once', () => {
    expect(given().whenDefinedAs(card)).toEqual([{ type: 'TypeDefined', data: card }]);
  });

  it('stays as it is when it is defined as it already was', () => {
    expect(given(card).whenDefinedAs({ ...card })).toEqual([]);
  });

  it('changes when anything of it does', () => {
    const changed = { ...card, validity: 'P10Y' };
    expect(given(card).whenDefinedAs(changed)).toEqual([{ type: 'TypeChanged', data: changed }]);
    expect(given(card, changed).whenDefinedAs(card)).toEqual([{ type: 'TypeChanged', data: card }]);
  });
});

const enrolment: MatterDefinition = {
  code: 'SX0001',
  nameZh: '灵活就业人员参保登记',
  nameEn: 'Enrolment',
  department: '人社',
  level: 'district',
  audience: 'natural',
  place: null,
  bundle: null,
  materials: [
    { code: 'ZZ001', nameZh: '居民身份证' },
    { code: 'ZZ019', nameZh: '社会保障卡' },
  ],
};
const defined: MatterEvent = { type: 'MatterDefined', data: enrolment };
const rule = (material: string, ...fields: string[]) => ({
  material,
  answers: fields.length === 0 ? [] : [{ type: material, whose: 'applicant', fields }],
});

describe('the rules of a matter', () => {
  const given = (...events: MatterEvent[]) => ({
    when: (command: Omit<SetRules, 'does'>) =>
      matterDecider.decide({ does: 'set-rules', ...command }, fold(matterDecider, events)),
  });
  const both = given(defined).when({
    indicative: true,
    materials: [rule('ZZ019', '社会保障号码'), rule('ZZ001', '姓名')],
  });

  it('are counted from one, and stand in the order of the materials, under their names', () => {
    expect(both).toEqual([
      {
        type: 'RulesSet',
        data: {
          rules: 1,
          indicative: true,
          materials: [
            { ...rule('ZZ001', '姓名'), nameZh: '居民身份证' },
            { ...rule('ZZ019', '社会保障号码'), nameZh: '社会保障卡' },
          ],
        },
      },
    ]);
  });

  it('stay when they are set as they were', () => {
    expect(
      given(defined, ...both).when({ indicative: true, materials: [rule('ZZ001', '姓名')] }),
    ).toEqual([]);
  });

  it('of a material that is not named stay when another changes', () => {
    const [event] = given(defined, ...both).when({
      indicative: true,
      materials: [rule('ZZ001', '姓名', '公民身份号码')],
    });
    expect(event?.data).toMatchObject({
      rules: 2,
      materials: [
        { material: 'ZZ001', answers: [{ fields: ['姓名', '公民身份号码'] }] },
        { material: 'ZZ019', answers: [{ fields: ['社会保障号码'] }] },
      ],
    });
  });

  it('remain indicative until every one of them was confirmed', () => {
    const one = given(defined, ...both).when({
      indicative: false,
      materials: [rule('ZZ001', '公民身份号码')],
    });
    expect(one[0]?.data).toMatchObject({ indicative: true });
    const all = given(defined, ...both, ...one).when({
      indicative: false,
      materials: [rule('ZZ001', '公民身份号码'), rule('ZZ019', '社会保障号码')],
    });
    expect(all[0]?.data).toMatchObject({ rules: 3, indicative: false });
  });

  it('are refused for a matter that is not defined, and for a material that it does not ask for', () => {
    expect(() => given().when({ indicative: true, materials: [] })).toThrow(
      expect.objectContaining({ code: 'matter_unknown' }),
    );
    expect(() =>
      given(defined).when({ indicative: true, materials: [rule('ZZ046', '名称')] }),
    ).toThrow(RuleRefused);
  });

  it('outlive a change of the matter, but for materials that it asks for no more', () => {
    const changed: MatterEvent = {
      type: 'MatterChanged',
      data: { ...enrolment, materials: enrolment.materials.slice(0, 1) },
    };
    const [event] = given(defined, ...both, changed).when({
      indicative: true,
      materials: [rule('ZZ001', '公民身份号码')],
    });
    expect(event?.data).toMatchObject({ rules: 2, materials: [{ material: 'ZZ001' }] });
  });

  it('never change twice by the same command', () => {
    const materials = fc.subarray(['ZZ001', 'ZZ019'], { minLength: 1 });
    const command = fc.record({
      indicative: fc.boolean(),
      materials: materials.chain((codes) =>
        fc.tuple(
          ...codes.map((code) =>
            fc.subarray(['姓名', '公民身份号码', '卡号']).map((fields) => rule(code, ...fields)),
          ),
        ),
      ),
    });
    fc.assert(
      fc.property(fc.array(command, { minLength: 1, maxLength: 6 }), (commands) => {
        let events: MatterEvent[] = [defined];
        for (const next of commands) events = [...events, ...given(...events).when(next)];
        const last = commands.at(-1)!;
        expect(given(...events).when(last)).toEqual([]);
        const versions = events.flatMap((event) =>
          event.type === 'RulesSet' ? [event.data.rules] : [],
        );
        expect(versions).toEqual(versions.map((_, i) => i + 1));
      }),
    );
  });
});
