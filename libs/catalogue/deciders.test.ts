import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { givenTo } from '../../test/support/given.js';
import type {
  MatterDefinition,
  MatterEvent,
  TypeDefinition,
  TypeEvent,
} from './catalogue.events.js';
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
  number: null,
  fields: [{ key: '姓名', kind: 'text' }],
  schema: {},
};

describe('a certificate type', () => {
  const given = givenTo(typeDecider);
  const define = (definition: TypeDefinition) => ({ kind: 'define-type', definition }) as const;
  const cardDefined: TypeEvent = { type: 'TypeDefined', data: card };

  it('is defined once', () => {
    given().when(define(card)).then(cardDefined);
  });

  it('stays as it is when it is defined as it already was', () => {
    given(cardDefined)
      .when(define({ ...card }))
      .then();
  });

  it('changes when anything of it does', () => {
    const changed = { ...card, validity: 'P10Y' };
    const cardChanged: TypeEvent = { type: 'TypeChanged', data: changed };
    given(cardDefined).when(define(changed)).then(cardChanged);
    given(cardDefined, cardChanged).when(define(card)).then({ type: 'TypeChanged', data: card });
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
  const given = givenTo(matterDecider);
  const set = (command: Omit<SetRules, 'kind'>) => ({ kind: 'set-rules', ...command }) as const;
  const setBoth = set({
    indicative: true,
    materials: [rule('ZZ019', '社会保障号码'), rule('ZZ001', '姓名')],
  });
  const both = given(defined).when(setBoth).events();

  it('are counted from one, and stand in the order of the materials, under their names', () => {
    given(defined)
      .when(setBoth)
      .then({
        type: 'RulesSet',
        data: {
          rules: 1,
          indicative: true,
          materials: [
            { ...rule('ZZ001', '姓名'), nameZh: '居民身份证' },
            { ...rule('ZZ019', '社会保障号码'), nameZh: '社会保障卡' },
          ],
        },
      });
  });

  it('have the English names that the matter has now, and none that it lost', () => {
    const named: MatterEvent = {
      type: 'MatterChanged',
      data: {
        ...enrolment,
        materials: enrolment.materials.map((material) => ({ ...material, nameEn: 'A Paper' })),
      },
    };
    const english = given(defined, named)
      .when(set({ indicative: true, materials: [rule('ZZ001', '姓名')] }))
      .events();
    expect(english[0]?.data).toMatchObject({ materials: [{ nameEn: 'A Paper' }] });
    const renamed: MatterEvent = { type: 'MatterChanged', data: enrolment };
    const [event] = given(defined, named, ...english, renamed)
      .when(
        set({
          indicative: true,
          materials: [rule('ZZ019', '社会保障号码')],
        }),
      )
      .events();
    expect(event?.data).toMatchObject({
      materials: [
        { ...rule('ZZ001', '姓名'), nameZh: '居民身份证' },
        { ...rule('ZZ019', '社会保障号码'), nameZh: '社会保障卡' },
      ],
    });
    expect(JSON.stringify(event)).not.toContain('A Paper');
  });

  it('stay when they are set as they were', () => {
    given(defined, ...both)
      .when(set({ indicative: true, materials: [rule('ZZ001', '姓名')] }))
      .then();
  });

  it('of a material that is not named stay when another changes', () => {
    const [event] = given(defined, ...both)
      .when(
        set({
          indicative: true,
          materials: [rule('ZZ001', '姓名', '公民身份号码')],
        }),
      )
      .events();
    expect(event?.data).toMatchObject({
      rules: 2,
      materials: [
        { material: 'ZZ001', answers: [{ fields: ['姓名', '公民身份号码'] }] },
        { material: 'ZZ019', answers: [{ fields: ['社会保障号码'] }] },
      ],
    });
  });

  it('remain indicative until every one of them was confirmed', () => {
    const one = given(defined, ...both)
      .when(
        set({
          indicative: false,
          materials: [rule('ZZ001', '公民身份号码')],
        }),
      )
      .events();
    expect(one[0]?.data).toMatchObject({ indicative: true });
    const all = given(defined, ...both, ...one)
      .when(
        set({
          indicative: false,
          materials: [rule('ZZ001', '公民身份号码'), rule('ZZ019', '社会保障号码')],
        }),
      )
      .events();
    expect(all[0]?.data).toMatchObject({ rules: 3, indicative: false });
  });

  it('are refused for a matter that is not defined, and for a material that it does not ask for', () => {
    given()
      .when(set({ indicative: true, materials: [] }))
      .refuses('matter_unknown');
    given(defined)
      .when(set({ indicative: true, materials: [rule('ZZ046', '名称')] }))
      .refuses('material_unknown');
  });

  it('outlive a change of the matter, but for materials that it asks for no more', () => {
    const changed: MatterEvent = {
      type: 'MatterChanged',
      data: { ...enrolment, materials: enrolment.materials.slice(0, 1) },
    };
    const [event] = given(defined, ...both, changed)
      .when(
        set({
          indicative: true,
          materials: [rule('ZZ001', '公民身份号码')],
        }),
      )
      .events();
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
        for (const next of commands)
          events = [
            ...events,
            ...given(...events)
              .when(set(next))
              .events(),
          ];
        const last = commands.at(-1)!;
        given(...events)
          .when(set(last))
          .then();
        const versions = events.flatMap((event) =>
          event.type === 'RulesSet' ? [event.data.rules] : [],
        );
        expect(versions).toEqual(versions.map((_, i) => i + 1));
      }),
    );
  });
});
