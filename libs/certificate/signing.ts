import { createHmac, createSecretKey, hash, type KeyObject, randomBytes, sign } from 'node:crypto';
import { InvalidError, type JsonObject, type JsonValue } from '#libs/kernel';
import type { IdentifierKind } from '#libs/privacy';
import { disclosureDigest, sdJwtType, type Supersedes } from './sd-jwt.js';

/** A holder as the authority's own register knows it. Leaves the authority in a disclosure, and stands nowhere in clear. */
export interface HolderClaim {
  /** `holder` where there is one; otherwise e.g. `spouse-a`, `spouse-b`. */
  readonly role: string;
  readonly kind: IdentifierKind;
  readonly number: string;
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
  /** Days of Asia/Shanghai, inclusive; null for no expiry (`defaultValidUntil` follows the type). */
  readonly validFrom: string;
  readonly validUntil: string | null;
  readonly holders: readonly HolderClaim[];
  /** By the type's field keys. A field of kind image or file is a `FileClaim`. */
  readonly fields: Readonly<Record<string, JsonValue>>;
  /** Files that belong to the certificate and are no field of its type, by a name of a–z, 0–9 and `-`: `portrait`, `original`, … */
  readonly files?: Readonly<Record<string, FileClaim>>;
}

/** What is said of a file: the file itself is handed in beside the certificate. `sha256` is of its bytes, 64 hexadecimal digits. */
export interface FileClaim extends JsonObject {
  readonly sha256: string;
  readonly mediaType: string;
}

/** The private key that the authority registered; `kid` is its RFC 7638 thumbprint. */
export interface SigningKey {
  readonly kid: string;
  readonly alg: 'EdDSA' | 'ES256';
  readonly key: KeyObject;
}

/** Where salts come from: random ones, or `repeatable` ones for programs that must give the same SD-JWT when they are run again. */
export type Salts = (position: number) => string;
export const randomSalts: Salts = () => randomBytes(16).toString('base64url');

/**
 * Salts that depend on a secret of the authority and on what is attested, and on nothing else: an import that is run again after a crash
 * hands in the same signed parts, which the ledger knows again. Nobody without the secret can guess them.
 * @param secret at least 32 bytes, for example `saltSecretOf(key)`; a KeyObject, because Node takes many times as long over bytes
 * @param anew how often before the same was signed for a holder who was erased since: each time has salts of its own
 */
export function repeatableSalts(secret: KeyObject, content: CertificateContent, anew = 0): Salts {
  const seed = createHmac('sha256', secret)
    .update(JSON.stringify(content) + (anew === 0 ? '' : `\0${anew}`))
    .digest('hex');
  return (position) => hash('sha256', `${seed}/${position}`, 'buffer').toString('base64url', 0, 16);
}

/** A secret for `repeatableSalts` that whoever holds the private key can make again. */
export const saltSecretOf = (key: KeyObject): KeyObject =>
  createSecretKey(
    createHmac('sha256', key.export({ format: 'der', type: 'pkcs8' }))
      .update('mianzheng certificate salts v1')
      .digest(),
  );

/**
 * Signs one version of a certificate as an SD-JWT (RFC 9901) in compact form with all its disclosures. Runs at the authority: the ledger
 * never sees the private key, and checks what comes in for itself.
 * @throws FieldNameTaken
 */
export async function signCertificate(
  content: CertificateContent,
  key: SigningKey,
  salts: Salts = randomSalts,
): Promise<string> {
  const disclosed: Record<string, JsonValue> = {};
  for (const [n, { role, kind, number }] of content.holders.entries())
    disclosed[`holder.${n}`] = { role, kind, number };
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
    ...(content.supersedes && { supersedes: { ...content.supersedes } }),
    // RFC 9901, 4.2.4.1: the order of digests must not tell which is of which claim.
    _sd: texts.map(disclosureDigest).sort(),
    _sd_alg: 'sha-256',
  };
  const header = { alg: key.alg, typ: sdJwtType, kid: key.kid };
  const words = `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(payload))}`;
  return `${words}.${await signature(words, key)}~${texts.join('~')}~`;
}

const base64url = (text: string): string => Buffer.from(text, 'utf8').toString('base64url');

const reserved = new Set([
  'iss',
  'vct',
  'version',
  'valid_from',
  'valid_until',
  'supersedes',
  '_sd',
  '_sd_alg',
  '...',
  '__proto__',
]);

/** A field that would take the place of a claim of the format. */
export class FieldNameTaken extends InvalidError<'field_name_taken'> {
  constructor(field: string) {
    super('field_name_taken', 'a field has the name of a claim of the format', { field });
  }
}

function signature(data: string, { alg, key }: SigningKey): Promise<string> {
  const bytes = Buffer.from(data, 'ascii');
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const done = (error: Error | null, signed: Buffer) => {
    if (error) reject(error);
    else resolve(signed.toString('base64url'));
  };
  // With a callback the work goes to Node's thread pool, so that a batch is signed on all cores.
  if (alg === 'EdDSA') sign(null, bytes, key, done);
  else sign('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }, done);
  return promise;
}
