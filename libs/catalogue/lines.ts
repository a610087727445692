import { isCreditCode, textFault } from '#libs/kernel';
import type {
  FieldKind,
  MatterDefinition,
  OriginalReason,
  PaperNumber,
  SelfService,
  TypeDefinition,
  TypeField,
} from './catalogue.events.js';
import { selfServices } from './catalogue.events.js';
import { LineInvalid, type LineRefusal } from './catalogue.errors.js';
import { fieldKinds, isOptional, knownKind } from './field-kinds.js';
import { knownPerson, personOf } from './field-owners.js';
import { fieldSchema } from './field-schema.js';
import { isParticipantRole } from './roles.js';

/** One line of a rules file: one answer to a material, or why it has none. */
export interface RuleLine {
  readonly matter: string;
  readonly material: string;
  readonly type: string;
  readonly whose: string;
  readonly fields: readonly string[];
  readonly indicative: boolean;
  readonly original: OriginalReason | null;
}

type Cells = Readonly<Record<string, string>>;

/**
 * A line of the types file. A field is a name of the catalogue, or `name:kind` for one of the
 * city's own.
 */
export function readType(cells: Cells): TypeDefinition {
  const code = coded(cells, 'code', /^[A-Z]{2}\d{3}$/);
  const nameZh = text(cells, 'name_zh');
  const owners = readOwners(cells);
  const written = list(cells, 'data_fields_zh');
  const english = englishNames(cells, 'fields_en', written.length);
  const fields = written.map((field, i) => readField(field, english[i], owners));
  const twice = fields.find(({ key }, i) => fields.findIndex((f) => f.key === key) !== i);
  if (twice) throw new LineInvalid('field_duplicate', twice.key);
  // A holder who reads English has to see which of two fields is meant.
  const alike = english.find((name, i) => name !== undefined && english.indexOf(name) !== i);
  if (alike !== undefined) throw new LineInvalid('field_duplicate', alike);
  const stray = [...owners.keys()].find((key) => !fields.some((field) => field.key === key));
  if (stray !== undefined) throw new LineInvalid('field_unknown', stray);
  const category = oneOf(cells, 'category', ['certificate', 'proof'], 'category_unknown');
  return {
    code,
    category,
    nameZh,
    nameEn: text(cells, 'name_en'),
    department: text(cells, 'issuing_department_zh'),
    ...departmentEn(cells),
    holder: oneOf(cells, 'holder', ['natural', 'legal', 'both'], 'holder_unknown'),
    ...decision(cells, category),
    validity: validity(optional(cells, 'validity')),
    nationalTypeCode: nationalTypeCode(optional(cells, 'national_type_code')),
    number: paperNumber(cells, fields),
    fields,
    schema: fieldSchema(nameZh, fields),
  };
}

/**
 * A line of the matters file. A matter at a place has a code `<basic code>.<4 digits>` and a place.
 */
export function readMatter(cells: Cells): MatterDefinition {
  const code = coded(cells, 'code', matterCode);
  const materialCodes = list(cells, 'material_codes');
  const names = list(cells, 'materials_zh');
  if (names.length !== materialCodes.length)
    throw new LineInvalid('materials_unequal', `${materialCodes.length} codes`);
  const twice = materialCodes.find((material, i) => materialCodes.indexOf(material) !== i);
  if (twice !== undefined) throw new LineInvalid('material_duplicate', 'material_codes');
  const english = englishNames(cells, 'materials_en', names.length);
  const place = cells['place_zh'] === undefined ? null : optional(cells, 'place_zh');
  if (code.includes('.') !== (place !== null)) throw new LineInvalid('value_missing', 'place_zh');
  return {
    code,
    nameZh: text(cells, 'name_zh'),
    nameEn: text(cells, 'name_en'),
    department: text(cells, 'department_zh'),
    ...departmentEn(cells),
    level: oneOf(cells, 'level', ['municipal', 'district', 'town', 'village'], 'level_unknown'),
    audience: oneOf(cells, 'audience', ['natural', 'legal'], 'audience_unknown'),
    place,
    bundle: optional(cells, 'scenario_zh'),
    materials: materialCodes.map((material, i) => ({
      code: material,
      nameZh: names[i] ?? '',
      ...named(english[i]),
    })),
    ...selfService(cells),
  };
}

/** Only an e-proof is either made on demand or a decision. */
function decision(cells: Cells, category: TypeDefinition['category']): { decision?: true } {
  if ((cells['decision'] ?? '') === '') return {};
  if (category !== 'proof' || cells['decision'] !== 'yes')
    throw new LineInvalid('value_malformed', 'decision');
  return { decision: true };
}

function selfService(cells: Cells): { selfService?: SelfService } {
  if ((cells['self_service'] ?? '') === '') return {};
  return { selfService: oneOf(cells, 'self_service', selfServices, 'value_malformed') };
}

/**
 * A line of the rules file. Without fields it exempts nothing and must say why; with fields it may
 * not.
 */
export function readRule(cells: Cells): RuleLine {
  const fields = cells['fields'] === '' ? [] : list(cells, 'fields');
  const twice = fields.find((field, i) => fields.indexOf(field) !== i);
  if (twice !== undefined) throw new LineInvalid('field_duplicate', 'fields');
  const whose = text(cells, 'whose');
  if (!isParticipantRole(whose)) throw new LineInvalid('role_unknown', 'whose');
  const reason = optional(cells, 'reason');
  if (fields.length === 0 && reason === null) throw new LineInvalid('reason_missing', 'reason');
  if (fields.length > 0 && reason !== null) throw new LineInvalid('reason_unwanted', 'reason');
  return {
    matter: coded(cells, 'matter', matterCode),
    material: text(cells, 'material'),
    type: text(cells, 'type'),
    whose,
    fields,
    indicative: oneOf(cells, 'indicative', ['yes', 'no'], 'indicative_unknown') === 'yes',
    original: reason === null ? null : originalReason(reason),
  };
}

const matterCode = /^[A-Z]{2}\d{4}(\.\d{4})?$/;

function originalReason(reason: string): OriginalReason {
  if (reason === 'original_surrendered' || reason === 'original_inspected') return reason;
  throw new LineInvalid('reason_unknown', 'reason');
}

/**
 * `field:whose` for each field that is not what its name says, or belongs to a person other than
 * the holder.
 */
function readOwners(cells: Cells): ReadonlyMap<string, string> {
  if ((cells['whose_fields'] ?? '') === '') return new Map();
  const owners = new Map<string, string>();
  for (const item of list(cells, 'whose_fields')) {
    const colon = item.lastIndexOf(':');
    const key = item.slice(0, Math.max(colon, 0));
    if (key === '') throw new LineInvalid('value_malformed', 'whose_fields');
    if (owners.has(key)) throw new LineInvalid('field_duplicate', key);
    owners.set(key, item.slice(colon + 1));
  }
  return owners;
}

/**
 * A catalogue without the column has no English names; in a cell the place of a name may be empty,
 * and none may be too many.
 */
function englishNames(
  cells: Cells,
  column: 'fields_en' | 'materials_en',
  count: number,
): readonly (string | undefined)[] {
  const cell = optional(cells, column);
  if (cell === null) return [];
  const names = cell.split(';').map((name) => name.trim());
  if (names.length !== count)
    throw new LineInvalid('names_unequal', `${column}: ${count} expected`);
  return names.map((name) => (name === '' ? undefined : name));
}

const named = (nameEn: string | undefined): { nameEn?: string } =>
  nameEn === undefined ? {} : { nameEn };

function departmentEn(cells: Cells): { departmentEn?: string } {
  const name = optional(cells, 'department_en');
  return name === null ? {} : { departmentEn: name };
}

function readField(
  written: string,
  nameEn: string | undefined,
  owners: ReadonlyMap<string, string>,
): TypeField {
  const field = { ...kindOfField(written), ...named(nameEn) };
  const owner = owners.get(field.key);
  const person =
    owner === undefined ? knownPerson(field.key) : personOf(field.key, field.kind, owner);
  return person === undefined ? field : { ...field, person };
}

function kindOfField(written: string): TypeField {
  const colon = written.lastIndexOf(':');
  if (colon < 0) {
    const kind = knownKind(written);
    if (kind === null) throw new LineInvalid('field_unknown', written);
    return { key: written, kind };
  }
  const key = written.slice(0, colon);
  const kind = written.slice(colon + 1);
  if (key === '' || key.includes(':')) throw new LineInvalid('field_unknown', written);
  if (!isFieldKind(kind)) throw new LineInvalid('kind_unknown', written);
  return { key, kind };
}

const isFieldKind = (text: string): text is FieldKind =>
  (fieldKinds as readonly string[]).includes(text);

/** ISO 8601 duration of whole years, months or days: what a certificate can be valid for. */
function validity(written: string | null): string | null {
  if (written === null) return null;
  if (!/^P(?=\d)(?:[1-9]\d{0,2}Y)?(?:[1-9]\d{0,2}M)?(?:[1-9]\d{0,3}D)?$/.test(written))
    throw new LineInvalid('validity_malformed', 'validity');
  return written;
}

/** GB/T 36904: the defining ministry's unified social credit code and three digits. */
function nationalTypeCode(written: string | null): string | null {
  if (written === null) return null;
  if (!/^[0-9A-Z]{18}\d{3}$/.test(written))
    throw new LineInvalid('national_code_malformed', 'national_type_code');
  if (!isCreditCode(written.slice(0, 18)))
    throw new LineInvalid('national_code_check', 'national_type_code');
  return written;
}

/**
 * The number is a field that every paper of the type has, as text: what a paper can lack, or what
 * is measured, names none.
 */
function paperNumber(cells: Cells, fields: readonly TypeField[]): PaperNumber | null {
  const unique = oneOf(
    cells,
    'number_unique',
    ['paper', 'paper-and-holder', 'none'],
    'number_unique_unknown',
  );
  const key = optional(cells, 'number_field');
  if (unique === 'none') {
    if (key !== null) throw new LineInvalid('number_field_wrong', 'number_field');
    return null;
  }
  const field = fields.find((known) => known.key === key);
  if (field === undefined || isOptional(field.key) || !['code', 'text'].includes(field.kind))
    throw new LineInvalid('number_field_wrong', 'number_field');
  return { field: field.key, unique };
}

function text(cells: Cells, column: string): string {
  const value = optional(cells, column);
  if (value === null) throw new LineInvalid('value_missing', column);
  return value;
}

/** Cells with the names of many materials or fields. */
const lists = new Set(['material_codes', 'materials_zh', 'materials_en']);

/**
 * Names and lists: one line, at most 2,000 characters, or 8,000 of a list of materials. They
 * stand in what holders sign: what cannot be seen is refused by its code point.
 */
function optional(cells: Cells, column: string): string | null {
  const value = cells[column] ?? '';
  if (value.length > (lists.has(column) ? 8000 : 2000))
    throw new LineInvalid('value_malformed', column);
  const fault = textFault(value);
  if (fault !== null)
    throw new LineInvalid(
      'value_malformed',
      `${column}: ${fault.codePoint}, character ${fault.at}`,
    );
  return value === '' ? null : value;
}

function coded(cells: Cells, column: string, shape: RegExp): string {
  const value = text(cells, column);
  if (!shape.test(value)) throw new LineInvalid('code_malformed', column);
  return value;
}

function list(cells: Cells, column: string): string[] {
  const items = text(cells, column)
    .split(';')
    .map((item) => item.trim());
  if (items.includes('')) throw new LineInvalid('value_malformed', column);
  return items;
}

function oneOf<const Choice extends string>(
  cells: Cells,
  column: string,
  choices: readonly Choice[],
  refusal: LineRefusal,
): Choice {
  const value = text(cells, column);
  const choice = choices.find((known) => known === value);
  if (choice === undefined) throw new LineInvalid(refusal, column);
  return choice;
}
