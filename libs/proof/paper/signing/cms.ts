import { createHash } from 'node:crypto';
import { ecdsaWithSha256, namedBy } from './certificates.js';
import { element, integer, octets, oid, sequence, setOf } from './der.js';

const data = oid('1.2.840.113549.1.7.1');
const sha256 = sequence(oid('2.16.840.1.101.3.4.2.1'));

/**
 * A detached signature (CMS SignedData, RFC 5652) of the baseline of PAdES (EN 319 142-1, 5.3):
 * content type, digest and the certificate's hash (RFC 5035) are signed. The signing time is not
 * among them, which the baseline forbids: `/M` of the PDF has it.
 * @param digest SHA-256 of the signed bytes
 * @param certificate DER
 * @param sign ECDSA with SHA-256 on P-256 over the given bytes, as DER
 */
export function signedData(
  digest: Uint8Array,
  certificate: Uint8Array,
  sign: (bytes: Buffer) => Buffer,
): Buffer {
  const { issuer, serial } = namedBy(certificate);
  const hash = createHash('sha256').update(certificate).digest();
  const attribute = (type: string, value: Buffer) => sequence(oid(type), setOf(value));
  const attributes = setOf(
    attribute('1.2.840.113549.1.9.3', data),
    attribute('1.2.840.113549.1.9.4', octets(digest)),
    attribute('1.2.840.113549.1.9.16.2.47', sequence(sequence(sequence(octets(hash))))),
  );
  // What is signed is the SET itself; in the structure it has the tag [0] (RFC 5652, 5.4).
  const signature = sign(attributes);
  const implicit = Buffer.from(attributes);
  implicit[0] = 0xa0;
  const signer = sequence(
    integer(Buffer.of(1)),
    sequence(issuer, serial),
    sha256,
    implicit,
    ecdsaWithSha256,
    octets(signature),
  );
  const signed = sequence(
    integer(Buffer.of(1)),
    setOf(sha256),
    sequence(data),
    element(0xa0, certificate),
    setOf(signer),
  );
  return sequence(oid('1.2.840.113549.1.7.2'), element(0xa0, signed));
}
