import {
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto';

/** What a TLS server needs, in PEM. */
export interface TestCertificate {
  readonly key: string;
  readonly cert: string;
}

export interface CertificateRequest {
  /** DNS names and IPv4 addresses of the server; none for an authority. */
  readonly names?: readonly string[];
  /** Who signs it; by itself where none is given. */
  readonly issuer?: { readonly key: string; readonly name: string };
  readonly name: string;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

const day = 86_400_000;

/**
 * An X.509 certificate (RFC 5280) of a new P-256 key, made for one test: an authority, or a server
 * with its names.
 */
export function makeCertificate({
  names = [],
  issuer,
  name,
  notBefore = new Date(Date.now() - day),
  notAfter = new Date(Date.now() + day),
}: CertificateRequest): TestCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const signer: KeyObject | string = issuer?.key ?? key;
  const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'));
  const extensions = sequence(
    extension('551d13', true, sequence(...(names.length === 0 ? [boolean(true)] : []))),
    ...(names.length === 0 ? [] : [extension('551d11', false, sequence(...names.map(altName)))]),
  );
  const body = sequence(
    tagged(0xa0, tagged(0x02, Buffer.from([2]))),
    tagged(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ecdsaWithSha256,
    distinguishedName(issuer?.name ?? name),
    sequence(time(notBefore), time(notAfter)),
    distinguishedName(name),
    createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })).export({
      type: 'spki',
      format: 'der',
    }),
    tagged(0xa3, extensions),
  );
  const der = sequence(body, ecdsaWithSha256, bits(sign('sha256', body, signer)));
  const base64 = der.toString('base64').replace(/.{64}(?!$)/g, '$&\n');
  return { key, cert: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n` };
}

function tagged(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}
const sequence = (...parts: readonly Buffer[]) => tagged(0x30, ...parts);
const oid = (hex: string) => tagged(0x06, Buffer.from(hex, 'hex'));
const boolean = (value: boolean) => tagged(0x01, Buffer.from([value ? 0xff : 0]));
const bits = (bytes: Buffer) => tagged(0x03, Buffer.from([0]), bytes);
const time = (date: Date) =>
  tagged(0x18, Buffer.from(`${date.toISOString().replace(/[-:T]|\..*/g, '')}Z`));
const distinguishedName = (name: string) =>
  sequence(tagged(0x31, sequence(oid('550403'), tagged(0x0c, Buffer.from(name)))));
const extension = (id: string, critical: boolean, value: Buffer) =>
  sequence(oid(id), ...(critical ? [boolean(true)] : []), tagged(0x04, value));
const altName = (name: string) =>
  /^[\d.]+$/.test(name)
    ? tagged(0x87, Buffer.from(name.split('.').map(Number)))
    : tagged(0x82, Buffer.from(name));
