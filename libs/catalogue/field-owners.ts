import type { FieldKind, FieldPerson } from './catalogue.events.js';
import { fieldOwners } from './field-owner.js';
import { LineInvalid } from './catalogue.errors.js';

/**
 * The default owner of the catalogue's field names that are about persons: the holder. A type whose
 * field belongs to another person says so in `whose_fields`; otherwise its certificates are
 * refused.
 */
const known: ReadonlyMap<string, FieldPerson> = new Map<string, FieldPerson>([
  ...[
    '公民身份号码',
    '身份证件号码',
    '身份证号',
    '证件号码',
    '证件号',
    '男方公民身份号码',
    '女方公民身份号码',
    '收养人身份证件号',
    '母亲身份证件号码',
    '父亲身份证件号码',
  ].map((name) => [name, { says: 'number', whose: 'holder' }] as const),
  // For foreigners these are separate numbers, which identify no subject.
  ['社会保障号码', { says: 'number', whose: 'holder', kinds: ['111'] }],
  ['残疾人证号', { says: 'number', whose: 'holder', kinds: ['111'] }],
  ['纳税人识别号', { says: 'number', whose: 'holder', kinds: ['001', '111'] }],
  ['统一社会信用代码', { says: 'number', whose: 'holder', kinds: ['001'] }],
  ['双方公民身份号码', { says: 'numbers', whose: 'parties' }],
  ['性别', { says: 'sex', whose: 'holder' }],
  ['出生日期', { says: 'birth', whose: 'holder' }],
]);

const ofKind: Readonly<Partial<Record<FieldKind, FieldPerson['says']>>> = {
  text: 'name',
  code: 'number',
  date: 'birth',
  'partial-date': 'birth',
};

/**
 * What a field says of a person unless its type says otherwise; undefined where it says nothing.
 */
export const knownPerson = (key: string): FieldPerson | undefined => known.get(key);

/**
 * What a field says of a person according to `written`: one of the owners; `holder-` and kinds of
 * numbers with `/` between them, where only these kinds are printed there; `paper` where it is the
 * paper's own number. Undefined for that.
 * @throws LineInvalid `owner_unknown`
 */
export function personOf(key: string, kind: FieldKind, written: string): FieldPerson | undefined {
  if (written === 'paper') return undefined;
  const [, ofKinds] = /^holder-(\d{3}(?:\/\d{3})*)$/.exec(written) ?? [];
  const whose = ofKinds === undefined ? fieldOwners.find((owner) => owner === written) : 'holder';
  const says = known.get(key)?.says ?? ofKind[kind];
  if (whose === undefined || says === undefined) throw new LineInvalid('owner_unknown', key);
  if (ofKinds === undefined) return { says, whose };
  if (says !== 'number') throw new LineInvalid('owner_unknown', key);
  return { says, whose, kinds: ofKinds.split('/') };
}
