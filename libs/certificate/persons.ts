import type { FieldOwner, FieldPerson, TypeDefinition } from '#libs/catalogue';
import {
  isCreditCode,
  isDay,
  isPossibleBirth,
  type JsonObject,
  residentIdFacts,
  residentIdFault,
} from '#libs/kernel';
import { type Identifier, isWrittenAs, sameNumber } from '#libs/subject';
import { contradiction, type Expected, expectedForms, fieldWrong } from './field-faults.js';

/** A field that says something of a person, with what it says there. */
interface FieldClaim {
  readonly key: string;
  readonly value: string;
  readonly person: FieldPerson;
}

const parties: readonly FieldOwner[] = ['party-a', 'party-b', 'parties'];

/**
 * Compares what fields say of persons with the holders and with each other: a number has a right
 * check character and belongs to the field's person, and sex and day of birth are those that the
 * number encodes. The catalogue says whose a field is.
 * @param today the latest possible day of birth
 * @throws CertificateMalformed `field_wrong`, `field_contradicts`
 */
export function checkPersons(
  type: TypeDefinition,
  fields: JsonObject,
  holders: readonly Identifier[],
  today: string,
): void {
  const statements = claimsOf(type, fields);
  const numbers = statements.filter(({ person }) => isNumber(person));
  for (const number of numbers) checkNumber(type, number, holders, today);
  checkParties(type, numbers, holders);
  for (const statement of statements)
    if (!isNumber(statement.person)) checkTrait(type, statement, numbers, holders, today);
}

const isNumber = ({ says }: FieldPerson): boolean => says === 'number' || says === 'numbers';

function claimsOf(type: TypeDefinition, fields: JsonObject): FieldClaim[] {
  return type.fields.flatMap(({ key, person }) => {
    const value = Object.hasOwn(fields, key) ? fields[key] : undefined;
    return person === undefined || typeof value !== 'string' ? [] : [{ key, value, person }];
  });
}

/** What stands between the numbers of several persons in one field. */
const between = /[\s,，、;；/]+/;
const numbersIn = ({ value, person }: FieldClaim): readonly string[] =>
  person.says === 'numbers' ? value.split(between).filter((part) => part !== '') : [value];

function checkNumber(
  type: TypeDefinition,
  statement: FieldClaim,
  holders: readonly Identifier[],
  today: string,
): void {
  const { key, value, person } = statement;
  const own = residentPart(key, value);
  if (person.whose === 'holder' && holders.some((holder) => sameNumber(holder, own))) return;
  for (const number of numbersIn(statement)) {
    const expected = faultOf(key, residentPart(key, number), person, today);
    const rule = expected === expectedForms.residentBirth ? 'birth' : 'check';
    if (expected !== null) throw fieldWrong({ type, field: key, rule, value, expected });
  }
  if (person.whose === 'holder' && isComparable(own, person, holders))
    throw contradiction({
      type,
      field: key,
      rule: 'holder',
      value,
      expected: expectedForms.holdersNumber,
    });
}

/**
 * Names of fields in which no organisation's code is printed: one of 31 resident id numbers with a
 * wrong check character has the check of a credit code.
 */
const ofCitizens = /公民身份|身份证/u;

/** What is wrong with a number by itself, whosever it is. */
function faultOf(
  key: string,
  number: string,
  { kinds }: FieldPerson,
  today: string,
): Expected | null {
  const may = (kind: string) => kinds === undefined || kinds.includes(kind);
  const organisations = kinds === undefined ? !ofCitizens.test(key) : may('001');
  if (organisations && isCreditCode(number)) return null;
  if (may('111') && looksResident(number)) return residentFault(number, today);
  if (kinds === undefined) return anyNumber.test(number) ? null : expectedForms.number;
  if (kinds.length === 1 && may('001')) return expectedForms.creditCode;
  // Where numbers of citizens are printed, foreigners have numbers without a standard form.
  return may('111') || kinds.some((kind) => isWrittenAs(kind, number))
    ? null
    : expectedForms.number;
}

/**
 * Whether a number that no holder has must be one of theirs. Not where a number of another kind may
 * be printed than that by which a holder is known: but a citizen's or an organisation's number
 * always identifies its owner.
 */
const isComparable = (
  number: string,
  { kinds }: FieldPerson,
  holders: readonly Identifier[],
): boolean =>
  kinds === undefined ||
  holders.some(({ kind }) => kinds.includes(kind)) ||
  looksResident(number) ||
  isCreditCode(number);

/** Each holder is one of the parties: has one of the numbers that are printed of them. */
function checkParties(
  type: TypeDefinition,
  numbers: readonly FieldClaim[],
  holders: readonly Identifier[],
): void {
  const printed = numbers.filter(({ person }) => parties.includes(person.whose));
  const [first] = printed;
  if (first === undefined) return;
  const all = printed.flatMap(numbersIn);
  for (const holder of holders)
    if (!all.some((number) => sameNumber(holder, number)))
      throw contradiction({
        type,
        field: first.key,
        rule: 'parties',
        value: first.value,
        expected: expectedForms.partiesNumber,
      });
}

/**
 * Sex or day of birth, by itself and against the resident id number of the same person, where there
 * is one.
 */
function checkTrait(
  type: TypeDefinition,
  { key, value, person }: FieldClaim,
  numbers: readonly FieldClaim[],
  holders: readonly Identifier[],
  today: string,
): void {
  if (person.says === 'birth' && !isPossibleBirth(value, today))
    throw fieldWrong({
      type,
      field: key,
      rule: 'birth',
      value,
      expected: expectedForms.birthPossible,
    });
  if (person.says === 'sex' && !Object.hasOwn(sexes, value))
    throw fieldWrong({ type, field: key, rule: 'sex', value, expected: expectedForms.sexWritten });
  const facts = residentsOf(person.whose, numbers, holders).flatMap(
    (number) => residentIdFacts(number) ?? [],
  );
  if (facts.length === 0) return;
  if (person.says === 'sex') {
    const sex = sexes[value] ?? null;
    if (sex !== null && !facts.some((fact) => fact.sex === sex))
      throw contradiction({ type, field: key, rule: 'sex', value, expected: expectedForms.sex });
  }
  if (person.says === 'birth' && /^\d{4}(-\d\d){0,2}$/.test(value)) {
    const known = value.replace(/-00(-00)?$/, '');
    if (!facts.some(({ birth }) => birth === known || birth.startsWith(`${known}-`)))
      throw contradiction({
        type,
        field: key,
        rule: 'birth',
        value,
        expected: expectedForms.birth,
      });
  }
}

/**
 * The resident id numbers of whom a field is about: those printed of the same person; of a holder,
 * those by which holders are known.
 */
function residentsOf(
  whose: FieldOwner,
  numbers: readonly FieldClaim[],
  holders: readonly Identifier[],
): readonly string[] {
  const printed = numbers
    .filter(({ person }) => person.whose === whose)
    .map(({ key, value }) => residentPart(key, value))
    .filter((number) => residentIdFacts(number) !== null);
  if (printed.length > 0 || whose !== 'holder') return printed;
  return holders.filter(({ kind }) => kind === '111').map(({ number }) => number);
}

const sexes: Readonly<Record<string, 'male' | 'female' | null>> = {
  男: 'male',
  女: 'female',
  '男/M': 'male',
  '女/F': 'female',
  未知: null,
  未说明: null,
};

/**
 * 18 digits, or 17 and X in either case: nothing else is written so. The 15 digits that papers
 * printed before 1999 have no check.
 */
const looksResident = (number: string): boolean => /^(?:\d{15}|\d{17}[\dXx])$/.test(number);

/** A number of some kind: of a passport, a permit, a paper of the city's own. */
const anyNumber = /^[0-9A-Z\p{Script=Han}（）()〔〕/-]{2,64}$/u;

/**
 * The certificate of a disabled person bears the resident id number, two digits of category and
 * degree, and B and a digit where it was replaced.
 */
const residentPart = (key: string, number: string): string =>
  key === '残疾人证号' ? number.replace(/^(\d{17}[\dX])\d{2}(?:B\d{1,2})?$/, '$1') : number;

function residentFault(number: string, today: string): Expected | null {
  if (/^\d{15}$/.test(number))
    return isDay(`19${number.slice(6, 8)}-${number.slice(8, 10)}-${number.slice(10, 12)}`)
      ? null
      : expectedForms.residentBirth;
  const fault = residentIdFault(number, today);
  if (fault === null) return null;
  return fault === 'birth' ? expectedForms.residentBirth : expectedForms.residentId;
}
