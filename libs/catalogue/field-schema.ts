import type { JsonObject } from '#libs/kernel';
import type { FieldKind, TypeField } from './catalogue.events.js';
import { isOptional } from './field-kinds.js';

/**
 * Numbers whose format is one standard's for every holder: GB 32100. The format of a person's
 * number depends on the kind by which the holder is known, and is checked on entry together with
 * check characters, not by the schema.
 */
const shapes: Readonly<Record<string, string>> = {
  统一社会信用代码: '^[0-9A-HJ-NPQRTUWXY]{18}$',
};

/**
 * `1977-08-23`, `1977-08`, `1977`, and as registers write what is not known: `1977-08-00`,
 * `1977-00-00`. Whether the day exists is judged on entry.
 */
const partialDate = '^\\d{4}(-(0[1-9]|1[0-2])(-(0[0-9]|[12][0-9]|3[01]))?|-00-00)?$';

/** Plain text on one line: no control characters, no white space at either end. */
const printed = '^[^\\s\\u0000-\\u001f\\u007f]([^\\u0000-\\u001f\\u007f]*[^\\s])?$';
/** The same on several lines. */
const printedLines =
  '^[^\\s\\u0000-\\u001f\\u007f]([^\\u0000-\\u0009\\u000b-\\u001f\\u007f]*[^\\s])?$';

/**
 * The JSON Schema of a certificate type's fields: an object of exactly these members, in keywords
 * that mean the same in draft-07 and 2020-12. An image or a file is named by the SHA-256 of its
 * bytes (64 hexadecimal digits).
 */
export function fieldSchema(title: string, fields: readonly TypeField[]): JsonObject {
  return {
    title,
    type: 'object',
    properties: Object.fromEntries(fields.map(({ key, kind }) => [key, schemaOf(key, kind)])),
    required: fields.filter(({ key }) => !isOptional(key)).map(({ key }) => key),
    additionalProperties: false,
  };
}

function schemaOf(key: string, kind: FieldKind): JsonObject {
  switch (kind) {
    case 'text':
      return { type: 'string', minLength: 1, maxLength: 2000, pattern: printed };
    case 'lines':
      return { type: 'string', minLength: 1, maxLength: 2000, pattern: printedLines };
    case 'date':
      return { type: 'string', format: 'date' };
    case 'partial-date':
      return { type: 'string', pattern: partialDate };
    case 'code':
      return { type: 'string', minLength: 1, maxLength: 100, pattern: shapes[key] ?? printed };
    case 'number':
      return { type: 'number' };
    case 'rows':
      return {
        type: 'array',
        maxItems: 1000,
        items: { type: 'object', additionalProperties: { type: ['string', 'number'] } },
      };
    case 'image':
    case 'file':
      return {
        type: 'object',
        properties: {
          sha256: { type: 'string', pattern: '^[0-9a-f]{64}$' },
          mediaType: { type: 'string', minLength: 3, maxLength: 100 },
        },
        required: ['sha256', 'mediaType'],
        additionalProperties: false,
      };
  }
}
