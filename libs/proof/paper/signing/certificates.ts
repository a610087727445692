import { createHash, createPublicKey, type KeyObject, randomBytes, sign } from 'node:crypto';
import type { Instant } from '#libs/kernel';
import {
  bits,
  element,
  elementAt,
  integer,
  octets,
  oid,
  sequence,
  setOf,
  time,
  utf8,
} from './der.js';

/** ecdsa-with-SHA256 (RFC 5758, 3.2). */
export const ecdsaWithSha256 = sequence(oid('1.2.840.10045.4.3.2'));

/** Issuer and serial number of a certificate (RFC 5280, 4.1), each as its DER. */
export function namedBy(certificate: Uint8Array): {
  readonly issuer: Uint8Array;
  readonly serial: Uint8Array;
} {
  const { contents } = elementAt(certificate, elementAt(certificate, 0).contents);
  // An explicit version stands first; a certificate of version 1 has none.
  const version = elementAt(certificate, contents);
  const at = certificate[contents] === 0xa0 ? contents + version.whole.length : contents;
  const serial = elementAt(certificate, at).whole;
  const algorithm = elementAt(certificate, at + serial.length).whole;
  const issuer = elementAt(certificate, at + serial.length + algorithm.length).whole;
  return { issuer, serial };
}

/**
 * A certificate for a trial (RFC 5280), signed by its own key: its subject says in both languages
 * that it is a sample, so that no reader takes the signature for an authority's.
 * @param key a private key on P-256
 * @returns DER
 */
export function sampleCertificate(
  key: KeyObject,
  issuer: string,
  from: Instant,
  to: Instant,
): Buffer {
  const name = sequence(
    ...[
      ['2.5.4.10', issuer],
      ['2.5.4.3', `样品 SAMPLE ${issuer}`],
    ].map(([type = '', text = '']) => setOf(sequence(oid(type), utf8(text)))),
  );
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' });
  const identifier = createHash('sha1').update(publicKey).digest();
  const extension = (type: string, isCritical: boolean, value: Buffer) =>
    sequence(oid(type), ...(isCritical ? [Buffer.of(1, 1, 0xff)] : []), octets(value));
  const content = sequence(
    element(0xa0, integer(Buffer.of(2))),
    integer(Buffer.concat([Buffer.of(0x4d), randomBytes(15)])),
    ecdsaWithSha256,
    name,
    sequence(time(from), time(to)),
    name,
    publicKey,
    element(
      0xa3,
      sequence(
        extension('2.5.29.14', false, octets(identifier)),
        // digitalSignature and nonRepudiation.
        extension('2.5.29.15', true, Buffer.of(3, 2, 6, 0xc0)),
      ),
    ),
  );
  return sequence(content, ecdsaWithSha256, bits(sign('sha256', content, key)));
}
