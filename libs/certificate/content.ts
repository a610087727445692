import type { FieldKind, TypeDefinition } from '#libs/catalogue';
import { isObject, type JsonValue } from '#libs/kernel';
import { identifierKey, normalIdentifier } from '#libs/subject';
import { isOfLaterDay } from './as-of.js';
import { CertificateMalformed } from './certificate.errors.js';
import { checkText } from './field-faults.js';
import { checkFields } from './fields.js';
import { flagsOf, type IdentifierFlag } from './identifier.js';
import { checkPeriods } from './periods.js';
import { checkPersons } from './persons.js';
import type { Disclosure, ReadSdJwt } from './sd-jwt.js';
import type { FileClaim, HolderClaim } from './forming.js';

/**
 * What a checked SD-JWT attests: of whom, which fields, which files. Numbers are in the form under
 * which they are looked up.
 */
export interface CheckedContent {
  readonly holders: readonly HolderClaim[];
  readonly flags: readonly IdentifierFlag[];
  /** The files that must come with it; `name` is the claim's. */
  readonly files: readonly { readonly name: string; readonly claim: FileClaim }[];
}

type Said = Pick<Disclosure, 'name' | 'value'>;

const maxHolders = 16;
const rolePattern = /^[a-z][a-z0-9-]{0,31}$/;
export const fileMediaTypes = [
  'application/pdf',
  'application/ofd',
  'image/jpeg',
  'image/png',
] as const;

/**
 * Judges what the disclosures say against the type in the catalogue: holders of the kinds that the
 * type knows with numbers whose check fits, every field one of the type's and as its schema says,
 * what fields say of persons in agreement with the holders, and of the paper's period with its
 * validity, files described fully, of no day to come. An odd identifier is told as flags and not
 * refused.
 * @param today the day in Asia/Shanghai
 * @throws CertificateMalformed, IdentifierInvalid
 */
export function checkContent(
  read: Pick<ReadSdJwt, 'claims'> & { readonly disclosures: readonly Said[] },
  type: TypeDefinition,
  today: string,
): CheckedContent {
  const { asOf } = read.claims;
  if (asOf !== null && isOfLaterDay(asOf, today))
    throw new CertificateMalformed('as_of_to_come', 'as_of is of a day to come', {
      claim: 'as_of',
      asOf,
    });
  const kinds = new Map<string, FieldKind>(type.fields.map(({ key, kind }) => [key, kind]));
  const fields: Record<string, JsonValue> = {};
  const files: { name: string; claim: FileClaim }[] = [];
  const holders: Said[] = [];
  let identifier: string | null = null;
  for (const disclosure of read.disclosures) {
    const { name, value } = disclosure;
    const kind = kinds.get(name);
    if (kind === 'file' || kind === 'image') files.push({ name, claim: readFile(name, value) });
    if (kind !== undefined) fields[name] = value;
    else if (/^holder\.\d+$/.test(name)) holders.push(disclosure);
    else if (/^file\.[a-z][a-z0-9-]{0,31}$/.test(name))
      files.push({ name, claim: readFile(name, value) });
    else if (name === 'identifier') identifier = readIdentifier(value);
    else
      throw new CertificateMalformed('field_unknown', 'a field is not one of the type', {
        type: type.code,
      });
  }
  const checked = readHolders(holders, type.holder, today);
  checkFields(type, fields);
  checkPersons(type, fields, checked, today);
  checkPeriods(type, fields, read.claims);
  return {
    holders: checked,
    files,
    flags: flagsOf(identifier, {
      type,
      authority: read.claims.authority,
      version: read.claims.version,
    }),
  };
}

function readIdentifier(value: JsonValue): string {
  if (typeof value !== 'string' || value.length > 128)
    throw new CertificateMalformed('claim_wrong', 'the identifier is not a text', {
      claim: 'identifier',
    });
  checkText(value, null);
  return value;
}

function readHolders(
  disclosures: readonly Said[],
  allowed: TypeDefinition['holder'],
  today: string,
): HolderClaim[] {
  if (disclosures.length === 0 || disclosures.length > maxHolders)
    throw holdersWrong(`a certificate has 1 to ${maxHolders} holders`);
  const byName = new Map(disclosures.map(({ name, value }) => [name, value]));
  const seen = new Set<string>();
  return disclosures.map((_, n) => {
    const value = byName.get(`holder.${n}`);
    if (!isObject(value))
      throw holdersWrong('holders are holder.0, holder.1, … with role, kind and number');
    const { role, kind, number, issuer, ...others } = value;
    if (Object.keys(others).length > 0)
      throw holdersWrong(
        'a holder has role, kind and number, and an issuer where the kind needs one',
      );
    if (typeof role !== 'string' || !rolePattern.test(role))
      throw holdersWrong('a role is a word of a–z, 0–9 and -');
    if (typeof kind !== 'string' || typeof number !== 'string')
      throw holdersWrong('kind and number are texts');
    if (issuer !== undefined && typeof issuer !== 'string')
      throw holdersWrong('an issuer is a text');
    const normal = normalIdentifier({ kind, number, issuer }, today);
    checkKind(normal.kind, allowed);
    const who = identifierKey(normal);
    if (seen.has(who)) throw holdersWrong('a holder stands twice');
    seen.add(who);
    return { role, ...normal };
  });
}

const holdersWrong = (why: string) => new CertificateMalformed('holders_wrong', why);

/**
 * 001 is the unified social credit code, which organisations have; every other kind is a natural
 * person's, but for 999, other.
 */
function checkKind(kind: string, allowed: TypeDefinition['holder']): void {
  if (allowed === 'both' || kind === '999') return;
  if ((kind === '001') !== (allowed === 'legal'))
    throw new CertificateMalformed(
      'holder_kind_wrong',
      'certificates of this type are not of such holders',
      { kind, holder: allowed },
    );
}

function readFile(name: string, value: JsonValue): FileClaim {
  const wrong = () =>
    new CertificateMalformed('file_wrong', 'a file is told by its sha256 and mediaType', { name });
  if (!isObject(value) || Object.keys(value).length !== 2) throw wrong();
  const { sha256, mediaType } = value;
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) throw wrong();
  if (typeof mediaType !== 'string' || !fileMediaTypes.some((known) => known === mediaType))
    throw wrong();
  return { sha256, mediaType };
}
