import { createHash, type KeyObject, sign, X509Certificate } from 'node:crypto';
import type { Instant } from '#libs/kernel';
import { PaperPartWrong } from '../paper.errors.js';
import { PageSigner } from '../ports.js';
import { signedData } from './cms.js';
import { unsignedRevision, withSignature } from './revision.js';

/** Signs pages with a key on P-256 and its X.509 certificate, which this process holds. */
export class CertificatePageSigner extends PageSigner {
  readonly #certificate: X509Certificate;

  /**
   * @param by whom the signature names, as readers of PDF show it
   * @param certificate DER
   * @throws PaperPartWrong where the certificate is not of the key
   */
  constructor(
    private readonly by: string,
    private readonly key: KeyObject,
    certificate: Uint8Array,
  ) {
    super();
    this.#certificate = new X509Certificate(certificate);
    if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
      throw new PaperPartWrong('signer', 'the key that signs pages is not on P-256');
    if (!this.#certificate.checkPrivateKey(key))
      throw new PaperPartWrong(
        'signer',
        'the certificate of the signer of pages is of another key',
      );
  }

  override sign(pdf: Uint8Array, at: Instant): Promise<Uint8Array> {
    const { validFromDate, validToDate, raw } = this.#certificate;
    const moment = new Date(at);
    if (moment < validFromDate || moment > validToDate)
      throw new PaperPartWrong('signer', 'the certificate of the signer of pages is not valid now');
    const revision = unsignedRevision(pdf, this.by, at);
    const [from, to] = revision.hole;
    const digest = createHash('sha256')
      .update(revision.bytes.subarray(0, from))
      .update(revision.bytes.subarray(to))
      .digest();
    const signature = signedData(digest, raw, (bytes) => sign('sha256', bytes, this.key));
    return Promise.resolve(withSignature(revision, signature));
  }
}
