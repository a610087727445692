import { isCreditCode, mod37x36 } from '#libs/kernel';

/**
 * Certificate identifiers of GB/T 36904: `1.2.156.3005.2.<type 21>.<issuing authority
 * 18>.<serial>.<version 3>.<check 1>`. The check character is ISO 7064 hybrid MOD 37,36 over
 * type‖authority‖serial‖version, without dots and without the root.
 */
export interface CertificateIdentifier {
  /**
   * The defining ministry's unified social credit code and three digits; for types without a known
   * national code see `typeCodeOf`.
   */
  readonly type: string;
  /** A unified social credit code, where the data are clean. */
  readonly authority: string;
  readonly serial: string;
  /** Three digits, as they stand. */
  readonly version: string;
  readonly check: string;
}

const root = '1.2.156.3005.2.';
const shape =
  /^1\.2\.156\.3005\.2\.([0-9A-Z]{21})\.([0-9A-Z]{6,18})\.([0-9A-Z]{1,32})\.(\d{3})\.([0-9A-Z])$/;

/**
 * The parts of an identifier; null where the text has another shape. Whether the check fits is
 * asked with `checkFits`.
 */
export function parseIdentifier(text: string): CertificateIdentifier | null {
  const found = shape.exec(text);
  if (!found) return null;
  const [, type = '', authority = '', serial = '', version = '', check = ''] = found;
  return { type, authority, serial, version, check };
}

const checkOf = (parts: Omit<CertificateIdentifier, 'check'>): string | null =>
  mod37x36(parts.type + parts.authority + parts.serial + parts.version);

export const checkFits = (identifier: CertificateIdentifier): boolean =>
  checkOf(identifier) === identifier.check;

/**
 * Writes an identifier with its check character; null where a part has a letter outside 0–9A–Z or
 * the wrong length.
 * @param version counts from 1, at most 999
 */
export function formatIdentifier(parts: {
  type: string;
  authority: string;
  serial: string;
  version: number;
}): string | null {
  const { type, authority, serial } = parts;
  const version = String(parts.version).padStart(3, '0');
  const check = checkOf({ type, authority, serial, version });
  if (check === null) return null;
  const text = `${root}${type}.${authority}.${serial}.${version}.${check}`;
  return shape.test(text) ? text : null;
}

/**
 * The 21 characters that stand for a type of the catalogue: its national code where one is known,
 * otherwise the city's own credit code and the catalogue's serial (ZZ = 001–160, ZM = 900 + n),
 * which says nothing outside the city and is marked `local`. Null where the code is not one of the
 * catalogue's.
 */
export function typeCodeOf(
  type: { readonly code: string; readonly nationalTypeCode: string | null },
  cityCreditCode: string,
): { readonly code: string; readonly local: boolean } | null {
  if (type.nationalTypeCode !== null) return { code: type.nationalTypeCode, local: false };
  const serial = localSerialOf(type.code);
  return serial === null ? null : { code: cityCreditCode + serial, local: true };
}

function localSerialOf(code: string): string | null {
  const found = /^(ZZ|ZM)(\d{3})$/.exec(code);
  if (!found) return null;
  const n = Number(found[2]);
  return String(found[1] === 'ZM' ? 900 + n : n).padStart(3, '0');
}

/**
 * What is odd about an identifier. The data of the field are dirty: such a certificate is taken,
 * and the oddity told.
 */
export const identifierFlags = [
  'identifier_missing',
  'identifier_malformed',
  'identifier_check_wrong',
  'identifier_type_unexpected',
  'identifier_type_local',
  'identifier_authority_malformed',
  'identifier_authority_unexpected',
  'identifier_version_unexpected',
] as const;
export type IdentifierFlag = (typeof identifierFlags)[number];

/**
 * Compares an identifier with what the certificate says of itself. `identifier_type_local` is a
 * mark and no fault.
 */
export function flagsOf(
  text: string | null,
  expected: {
    readonly type: { readonly code: string; readonly nationalTypeCode: string | null };
    readonly authority: string;
    readonly version: number;
  },
): IdentifierFlag[] {
  if (text === null) return ['identifier_missing'];
  const identifier = parseIdentifier(text);
  if (!identifier) return ['identifier_malformed'];
  const flags: IdentifierFlag[] = [];
  if (!checkFits(identifier)) flags.push('identifier_check_wrong');
  flags.push(...typeFlags(identifier.type, expected.type));
  if (!isCreditCode(identifier.authority)) flags.push('identifier_authority_malformed');
  else if (identifier.authority !== expected.authority)
    flags.push('identifier_authority_unexpected');
  if (Number(identifier.version) !== expected.version) flags.push('identifier_version_unexpected');
  return flags;
}

function typeFlags(
  written: string,
  type: { readonly code: string; readonly nationalTypeCode: string | null },
): IdentifierFlag[] {
  if (type.nationalTypeCode !== null)
    return written === type.nationalTypeCode ? [] : ['identifier_type_unexpected'];
  const local =
    isCreditCode(written.slice(0, 18)) && written.slice(18) === localSerialOf(type.code);
  return [local ? 'identifier_type_local' : 'identifier_type_unexpected'];
}
