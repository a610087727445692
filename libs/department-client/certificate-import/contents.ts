import { createHmac, type KeyObject } from 'node:crypto';
import type { FieldKind, TypeDefinition } from '#libs/catalogue';
import {
  type CertificateContent,
  defaultValidUntil,
  type FileClaim,
  formatIdentifier,
  isAsOf,
  typeCodeOf,
} from '#libs/certificate';
import { canonicalize, isDay, type JsonValue } from '#libs/kernel';
import { LineRefused, type RawCertificate } from './rows.js';
import { paperOf } from './versions.js';

/** For whom certificates are made. */
export interface Issuer {
  readonly creditCode: string;
  /**
   * Stands in identifiers of types that have no national code; the authority's own where the city
   * has none to give.
   */
  readonly cityCreditCode: string;
  /** From which serials are made where a line names none. */
  readonly secret: KeyObject;
}

/** A file that a certificate names: `name` is the claim's, `path` where it lies. */
export interface NamedFile {
  readonly name: string;
  readonly path: string;
}

/**
 * The files of a line: those of fields of kind image or file, whose value is a path, and those
 * named beside the fields.
 */
export const filesOf = (raw: RawCertificate, type: TypeDefinition): NamedFile[] => [
  ...type.fields.flatMap(({ key, kind }) => {
    const path = raw.fields[key];
    return (kind === 'image' || kind === 'file') && typeof path === 'string'
      ? [{ name: key, path }]
      : [];
  }),
  ...Object.entries(raw.files).map(([name, path]) => ({ name: `file.${name}`, path })),
];

/**
 * The content signed for a line: validity by the type where the line has none, an identifier of
 * GB/T 36904 where it has none, and values of the kinds that the type's fields have. The same line
 * always gives the same content.
 * @param claims the claim about each file, by the claim's name
 * @throws LineRefused
 */
export function contentOf(
  raw: RawCertificate,
  type: TypeDefinition,
  issuer: Issuer,
  claims: ReadonlyMap<string, FileClaim>,
): CertificateContent {
  if (!isDay(raw.validFrom)) throw malformed('valid_from');
  if (raw.asOf !== undefined && !isAsOf(raw.asOf)) throw malformed('as_of');
  if (typeof raw.validUntil === 'string' && !isDay(raw.validUntil)) throw malformed('valid_until');
  const kinds = new Map<string, FieldKind>(type.fields.map(({ key, kind }) => [key, kind]));
  const fields: Record<string, JsonValue> = {};
  for (const [key, value] of Object.entries(raw.fields)) {
    const kind = kinds.get(key);
    if (kind === undefined)
      throw new LineRefused('field_unknown', 'the type has no such field', {
        column: key,
        type: type.code,
      });
    fields[key] = claims.get(key) ?? valueOf(key, kind, value);
  }
  const files: Record<string, FileClaim> = {};
  for (const name of Object.keys(raw.files)) {
    const claim = claims.get(`file.${name}`);
    if (claim !== undefined) files[name] = claim;
  }
  return {
    authority: issuer.creditCode,
    type: type.code,
    identifier: raw.identifier ?? identifierOf(raw, type, issuer, 1),
    validFrom: raw.validFrom,
    validUntil:
      raw.validUntil === undefined
        ? defaultValidUntil(raw.validFrom, type.validity)
        : raw.validUntil,
    ...(raw.asOf !== undefined && { asOf: raw.asOf }),
    holders: raw.holders,
    fields,
    ...(Object.keys(files).length > 0 && { files }),
  };
}

/** An identifier of GB/T 36904 for a version of what a line says. @throws LineRefused */
export function identifierOf(
  raw: RawCertificate,
  type: TypeDefinition,
  issuer: Issuer,
  version: number,
): string {
  const typeCode = typeCodeOf(type, issuer.cityCreditCode);
  const identifier =
    typeCode &&
    formatIdentifier({
      type: typeCode.code,
      authority: issuer.creditCode,
      serial: raw.serial ?? serialOf(raw, type, issuer.secret),
      version,
    });
  if (identifier === null) throw malformed('serial');
  return identifier;
}

/**
 * 20 letters that only this authority can make, and that it makes each time the paper is imported:
 * of its number, or where it has none, of all that the line says.
 */
function serialOf(raw: RawCertificate, type: TypeDefinition, secret: KeyObject): string {
  // JSON leaves out undefined members: the line's time does not identify its paper.
  const said = { ...raw, asOf: undefined };
  const of = type.number === null ? said : paperOf(raw, type);
  return createHmac('sha256', secret)
    .update(canonicalize(of))
    .digest('hex')
    .slice(0, 20)
    .toUpperCase();
}

function valueOf(field: string, kind: FieldKind, value: JsonValue): JsonValue {
  if (typeof value !== 'string') return value;
  switch (kind) {
    case 'number':
      if (!/^-?\d{1,15}(\.\d{1,10})?$/.test(value)) throw malformed(field);
      return Number(value);
    case 'rows':
      return jsonOf(field, value);
    case 'image':
    case 'file':
      throw malformed(field);
    case 'text':
    case 'lines':
    case 'date':
    case 'partial-date':
    case 'code':
      return value;
  }
}

function jsonOf(field: string, text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    throw malformed(field);
  }
}

const malformed = (column: string) =>
  new LineRefused('value_malformed', `${column} is not as it must be`, { column });
