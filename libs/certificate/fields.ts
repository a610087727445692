import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { TypeDefinition } from '#libs/catalogue';
import type { JsonObject } from '#libs/kernel';
import { CertificateMalformed } from './certificate.errors.js';

/** `allErrors` is off: how long a check takes must not depend on how wrong the input is. */
const ajv = new Ajv2020({ strict: false, allErrors: false, ownProperties: true });
addFormats.default(ajv, ['date', 'date-time']);

const compiled = new Map<string, { schema: string; validate: ValidateFunction }>();

/**
 * Checks fields against the type's JSON Schema (2020-12). The error names the field and the rule, never the value.
 * @throws CertificateMalformed
 */
export function checkFields(type: TypeDefinition, fields: JsonObject): void {
  const validate = validatorOf(type);
  if (validate(fields)) return;
  const [first] = validate.errors ?? [];
  const params = first?.params as Readonly<Record<string, unknown>> | undefined;
  const missing = params?.['missingProperty'];
  const at = first?.instancePath.split('/')[1]?.replaceAll('~1', '/').replaceAll('~0', '~');
  const field = typeof missing === 'string' ? missing : at;
  throw new CertificateMalformed('field_wrong', 'a field is not as the type says', {
    type: type.code,
    // Only names of the catalogue are repeated: any other came in with the request.
    field: type.fields.some(({ key }) => key === field) ? (field ?? null) : null,
    rule: first?.keyword ?? null,
  });
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
