import type { JsonObject } from '#libs/kernel';
import type { FieldKind, TypeField } from './catalogue.events.js';
import { isOptional } from './field-kinds.js';

/** Numbers of the field whose shape is a standard's: GB 11643 and GB 32100. The check character is judged on entry, not by the schema. */
const shapes: Readonly<Record<string, string>> = {
  公民身份号码: '^\\d{17}[\\dX]$',
  统一社会信用代码: '^[0-9A-HJ-NPQRTUWXY]{18}$',
};

/** Plain text on one line or several: no control characters but line breaks, no white space at either end. */
const printed = '^[^\\s\\u0000-\\u001f\\u007f]([^\\u0000-\\u0009\\u000b-\\u001f\\u007f]*[^\\s])?$';

/**
 * The JSON Schema of a certificate type's fields: an object of exactly these members. Written with keywords that mean the same in draft-07
 * and 2020-12, so that any validator takes it. An image or a file is named by the SHA-256 of its bytes (64 hexadecimal digits).
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
    case 'date':
      return { type: 'string', format: 'date' };
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
