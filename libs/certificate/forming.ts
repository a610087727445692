import { InvalidError, type JsonObject, type JsonValue } from '#libs/kernel';
import type { Identifier } from '#libs/subject';
import { clearClaims, disclosureDigest, type Supersedes } from './sd-jwt.js';

/**
 * A holder as the authority's own register knows it. Leaves the authority in a disclosure, and
 * stands nowhere in clear.
 */
export interface HolderClaim extends Identifier {
  /** `holder` where there is one; otherwise e.g. `spouse-a`, `spouse-b`. */
  readonly role: string;
}

/** What an authority attests with one version of a certificate. */
export interface CertificateContent {
  /** The authority's unified social credit code. */
  readonly authority: string;
  /** The type's code in the catalogue, e.g. `ZZ001`. */
  readonly type: string;
  /** GB/T 36904; `formatIdentifier` writes one. */
  readonly identifier?: string;
  /** Counts from 1, and is 1 if left out. */
  readonly version?: number;
  readonly supersedes?: Supersedes;
  /**
   * Of when this holds, in the form that `isAsOf` says: needed where the authority will send the
   * paper again.
   */
  readonly asOf?: string;
  /**
   * Days of Asia/Shanghai, inclusive; null for no expiry (`defaultValidUntil` follows the type).
   */
  readonly validFrom: string;
  readonly validUntil: string | null;
  readonly holders: readonly HolderClaim[];
  /** By the type's field keys. A field of kind image or file is a `FileClaim`. */
  readonly fields: Readonly<Record<string, JsonValue>>;
  /**
   * Files that belong to the certificate and are no field of its type, by a name of a–z, 0–9 and
   * `-`: `portrait`, `original`, …
   */
  readonly files?: Readonly<Record<string, FileClaim>>;
}

/**
 * What is said of a file: the file itself is handed in beside the certificate. `sha256` is of its
 * bytes, 64 hexadecimal digits.
 */
export interface FileClaim extends JsonObject {
  readonly sha256: string;
  readonly mediaType: string;
}

/**
 * Where salts come from: random ones, or `repeatable` ones for programs that must give the same
 * SD-JWT when they are run again.
 */
export type Salts = (position: number) => string;

/**
 * What is signed, before it is signed: the payload, the claims that it discloses, and the
 * disclosures' texts in their order.
 * @throws FieldNameTaken
 */
export function formCertificate(
  content: CertificateContent,
  salts: Salts,
): {
  readonly payload: JsonObject;
  readonly disclosed: Readonly<Record<string, JsonValue>>;
  readonly texts: readonly string[];
} {
  const disclosed: Record<string, JsonValue> = {};
  for (const [n, { role, kind, number, issuer }] of content.holders.entries())
    disclosed[`holder.${n}`] = { role, kind, number, ...(issuer != null && { issuer }) };
  if (content.identifier !== undefined) disclosed['identifier'] = content.identifier;
  for (const [name, value] of Object.entries(content.fields)) {
    if (name in disclosed || reserved.has(name)) throw new FieldNameTaken(name);
    disclosed[name] = value;
  }
  for (const [name, file] of Object.entries(content.files ?? {})) disclosed[`file.${name}`] = file;
  let position = 0;
  const texts = Object.entries(disclosed).map(([name, value]) =>
    base64url(JSON.stringify([salts(position++), name, value])),
  );
  const payload = {
    iss: content.authority,
    vct: content.type,
    version: content.version ?? 1,
    valid_from: content.validFrom,
    valid_until: content.validUntil,
    ...(content.asOf !== undefined && { as_of: content.asOf }),
    ...(content.supersedes && { supersedes: { ...content.supersedes } }),
    // RFC 9901, 4.2.4.1: the order of digests must not tell which is of which claim.
    _sd: texts.map(disclosureDigest).sort(),
    _sd_alg: 'sha-256',
  };
  return { payload, disclosed, texts };
}

const base64url = (text: string): string => Buffer.from(text, 'utf8').toString('base64url');

const reserved = new Set([...clearClaims, '...', '__proto__']);

/** A field that would take the place of a claim of the format. */
export class FieldNameTaken extends InvalidError<'field_name_taken'> {
  constructor(field: string) {
    super('field_name_taken', 'a field has the name of a claim of the format', { field });
  }
}
