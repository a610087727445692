import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { printsDays, type TypeDefinition, type TypeField } from '#libs/catalogue';
import { isDay, type JsonObject, type JsonValue } from '#libs/kernel';
import { checkText, expectedForms, fieldWrong } from './field-faults.js';

/** `allErrors` is off: how long a check takes must not depend on how wrong the input is. */
const ajv = new Ajv2020({ strict: false, allErrors: false, ownProperties: true });
addFormats.default(ajv, ['date', 'date-time']);

const compiled = new Map<string, { schema: string; validate: ValidateFunction }>();

/**
 * Checks fields against the type's JSON Schema (2020-12), their texts against the rule for texts,
 * and the days in them against the calendar. The error names the field, the rule and the expected
 * form, and shows of the value how it is written.
 * @throws CertificateMalformed
 */
export function checkFields(type: TypeDefinition, fields: JsonObject): void {
  for (const field of type.fields) {
    const value = Object.hasOwn(fields, field.key) ? fields[field.key] : undefined;
    if (value !== undefined) checkTexts(value, field);
  }
  const validate = validatorOf(type);
  if (!validate(fields)) throw schemaFault(type, fields, validate);
  for (const { key, kind } of type.fields) {
    const value = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (typeof value === 'string' && !daysExist(value, key, kind))
      throw fieldWrong({
        type,
        field: key,
        rule: 'day',
        value,
        ...(/^(text|lines)$/.test(kind) && { expected: expectedForms.days }),
      });
  }
}

function schemaFault(type: TypeDefinition, fields: JsonObject, validate: ValidateFunction) {
  const [first] = validate.errors ?? [];
  const params = first?.params as Readonly<Record<string, unknown>> | undefined;
  const missing = params?.['missingProperty'];
  const at = first?.instancePath.split('/')[1]?.replaceAll('~1', '/').replaceAll('~0', '~');
  return typeof missing === 'string' && first?.instancePath === ''
    ? fieldWrong({ type, field: missing, rule: 'required', expected: expectedForms.missing })
    : fieldWrong({
        type,
        field: at,
        rule: first?.keyword ?? 'schema',
        value: at === undefined ? undefined : fields[at],
      });
}

/**
 * Texts of several lines are those of kind lines, as a scope of business. Names of members within
 * rows are texts, too.
 */
function checkTexts(value: JsonValue, { key, kind }: TypeField): void {
  if (typeof value === 'string') checkText(value, key, kind === 'lines' ? 'several' : 'one');
  else if (typeof value === 'object' && value !== null)
    for (const [name, member] of Object.entries(value as Readonly<Record<string, JsonValue>>)) {
      checkText(name, key);
      checkTexts(member, { key, kind: 'code' });
    }
}

/** A day as papers print it within a text: 2020.01.31, 2020年1月31日, 2020-1-31. */
const printedDay = /(?<!\d)(\d{4})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})(?!\d)/g;

function daysExist(value: string, key: string, kind: TypeField['kind']): boolean {
  if (kind === 'date') return isDay(value);
  if (kind === 'partial-date')
    return !/^\d{4}-\d{2}-\d{2}$/.test(value) || /-00$/.test(value) || isDay(value);
  if ((kind !== 'text' && kind !== 'lines') || !printsDays(key)) return true;
  for (const [, year = '', month = '', day = ''] of value.matchAll(printedDay))
    if (!isDay(`${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`)) return false;
  return true;
}

/** Compiling takes milliseconds, and a type's schema changes seldom. */
function validatorOf(type: TypeDefinition): ValidateFunction {
  const known = compiledFor.get(type.schema);
  if (known !== undefined) return known;
  const schema = JSON.stringify(type.schema);
  let entry = compiled.get(type.code);
  if (entry?.schema !== schema) {
    entry = { schema, validate: ajv.compile(withoutId(type.schema)) };
    compiled.set(type.code, entry);
  }
  compiledFor.set(type.schema, entry.validate);
  return entry.validate;
}
const compiledFor = new WeakMap<JsonObject, ValidateFunction>();

/** ajv refuses a second schema under one `$id`; here the type's code is what tells them apart. */
const withoutId = (schema: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(schema).filter(([name]) => name !== '$id'));
