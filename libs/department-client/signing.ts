import { createHmac, createSecretKey, hash, type KeyObject, randomBytes, sign } from 'node:crypto';
import { type CertificateContent, formCertificate, type Salts, sdJwtType } from '#libs/certificate';

/** The private key that the authority registered; `kid` is its RFC 7638 thumbprint. */
export interface SigningKey {
  readonly kid: string;
  readonly alg: 'EdDSA' | 'ES256';
  readonly key: KeyObject;
}

export const randomSalts: Salts = () => randomBytes(16).toString('base64url');

/**
 * Salts derived from a secret of the authority and the attested content alone: an import that is
 * repeated after a crash submits the same signed parts, which the ledger recognises, and without
 * the secret they cannot be guessed.
 * @param secret at least 32 bytes, for example `saltSecretOf(key)`; a KeyObject, because Node takes
 *   many times as long over bytes
 * @param anew how often before the same was signed for a holder who was erased since: each time has
 *   salts of its own
 */
export function repeatableSalts(secret: KeyObject, content: CertificateContent, anew = 0): Salts {
  const seed = createHmac('sha256', secret)
    .update(JSON.stringify(content) + (anew === 0 ? '' : `\0${anew}`))
    .digest('hex');
  return (position) => hash('sha256', `${seed}/${position}`, 'buffer').toString('base64url', 0, 16);
}

/** A secret for `repeatableSalts` that can be derived again from the private key. */
export const saltSecretOf = (key: KeyObject): KeyObject =>
  createSecretKey(
    createHmac('sha256', key.export({ format: 'der', type: 'pkcs8' }))
      .update('mianzheng certificate salts v1')
      .digest(),
  );

/**
 * Signs one version of a certificate as an SD-JWT (RFC 9901) in compact form with all its
 * disclosures. Runs at the authority: the ledger never sees the private key, and checks what comes
 * in for itself.
 * @throws FieldNameTaken
 */
export async function signCertificate(
  content: CertificateContent,
  key: SigningKey,
  salts: Salts = randomSalts,
): Promise<string> {
  const { payload, texts } = formCertificate(content, salts);
  const header = { alg: key.alg, typ: sdJwtType, kid: key.kid };
  const words = `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(payload))}`;
  return `${words}.${await signature(words, key)}~${texts.join('~')}~`;
}

const base64url = (text: string): string => Buffer.from(text, 'utf8').toString('base64url');

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
