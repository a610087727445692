import type { FieldKind, TypeDefinition } from '#libs/catalogue';
import { isObject, type JsonValue } from '#libs/kernel';
import { normalIdentifier } from '#libs/privacy';
import { CertificateMalformed } from './certificate.errors.js';
import { checkFields } from './fields.js';
import { flagsOf, type IdentifierFlag } from './identifier.js';
import type { Disclosure, ReadSdJwt } from './sd-jwt.js';
import type { FileClaim, HolderClaim } from './signing.js';

/** What a checked SD-JWT attests: of whom, which fields, which files. Numbers are in the form under which they are looked up. */
export interface CheckedContent {
  readonly holders: readonly HolderClaim[];
  readonly flags: readonly IdentifierFlag[];
  /** The files that must come with it; `name` is the claim's. */
  readonly files: readonly { readonly name: string; readonly claim: FileClaim }[];
}

const mostHolders = 16;
const rolePattern = /^[a-z][a-z0-9-]{0,31}$/;
export const fileMediaTypes = [
  'application/pdf',
  'application/ofd',
  'image/jpeg',
  'image/png',
] as const;

/**
 * Judges what the disclosures say against the type in the catalogue: holders of the kinds that the type knows with numbers whose check
 * fits, every field one of the type's and as its schema says, files described fully. An odd identifier is told as flags and not refused.
 * @throws CertificateMalformed, IdentifierInvalid
 */
export function checkContent(read: ReadSdJwt, type: TypeDefinition): CheckedContent {
  const kinds = new Map<string, FieldKind>(type.fields.map(({ key, kind }) => [key, kind]));
  const fields: Record<string, JsonValue> = {};
  const files: { name: string; claim: FileClaim }[] = [];
  const holders: Disclosure[] = [];
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
  checkFields(type, fields);
  return {
    holders: readHolders(holders, type.holder),
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
  return value;
}

function readHolders(
  disclosures: readonly Disclosure[],
  allowed: TypeDefinition['holder'],
): HolderClaim[] {
  if (disclosures.length === 0 || disclosures.length > mostHolders)
    throw holdersWrong(`a certificate has 1 to ${mostHolders} holders`);
  const byName = new Map(disclosures.map(({ name, value }) => [name, value]));
  const seen = new Set<string>();
  return disclosures.map((_, n) => {
    const value = byName.get(`holder.${n}`);
    if (!isObject(value) || Object.keys(value).length !== 3)
      throw holdersWrong('holders are holder.0, holder.1, … with role, kind and number');
    const { role, kind, number } = value;
    if (typeof role !== 'string' || !rolePattern.test(role))
      throw holdersWrong('a role is a word of a–z, 0–9 and -');
    if (typeof kind !== 'string' || typeof number !== 'string')
      throw holdersWrong('kind and number are texts');
    const normal = normalIdentifier(kind, number);
    checkKind(normal.kind, allowed);
    const who = `${normal.kind} ${normal.number}`;
    if (seen.has(who)) throw holdersWrong('a holder stands twice');
    seen.add(who);
    return { role, ...normal };
  });
}

const holdersWrong = (why: string) => new CertificateMalformed('holders_wrong', why);

/** 001 is the unified social credit code, which organisations have; every other kind is a natural person's, but for 999, other. */
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
