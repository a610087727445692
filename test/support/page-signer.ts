import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { CertificatePageSigner, sampleCertificate } from '#libs/proof/paper';

export const signerName = '示例市人力资源和社会保障局';

export function sampleSigner(): {
  readonly signer: CertificatePageSigner;
  readonly key: KeyObject;
  readonly certificate: Buffer;
} {
  const { privateKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const certificate = sampleCertificate(
    key,
    signerName,
    '2026-11-01T00:00:00.000Z',
    '2027-11-01T00:00:00.000Z',
  );
  return { signer: new CertificatePageSigner(signerName, key, certificate), key, certificate };
}
