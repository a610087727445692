import type { TypeDefinition } from '#libs/catalogue';
import { CertificateMalformed } from './certificate.errors.js';
import { checkContent, type CheckedContent } from './content.js';
import { maxSdJwtLength, maxDisclosures, readClaims } from './sd-jwt.js';
import { type CertificateContent, formCertificate } from './forming.js';

/** Stands for the salts to come, which are as long. */
const anySalt = () => 'A'.repeat(22);
/** Letters of the header, the signature and what parts them. */
const around = 300;

/**
 * Judges a certificate before it is signed, by the rules by which the ledger will judge it when it
 * is handed in. What only the ledger knows (whether the issuer may, whether there is one already)
 * is left to it.
 * @param today the day in Asia/Shanghai
 * @throws CertificateMalformed, IdentifierInvalid, FieldNameTaken
 */
export function judgeContent(
  content: CertificateContent,
  type: TypeDefinition,
  today: string,
): CheckedContent {
  const { payload, disclosed, texts } = formCertificate(content, anySalt);
  const { claims } = readClaims({
    ...payload,
    _sd: [], // digests of salts that are not the real ones
  });
  const letters = texts.reduce((sum, text) => sum + text.length + 1, 0);
  if (
    texts.length > maxDisclosures ||
    letters + JSON.stringify(payload).length * 1.4 + around > maxSdJwtLength
  )
    throw new CertificateMalformed('sd_jwt_too_large', 'the certificate says too much', {
      maxSdJwtLength,
      maxDisclosures,
    });
  const disclosures = Object.entries(disclosed).map(([name, value]) => ({ name, value }));
  return checkContent({ claims, disclosures }, type, today);
}
