import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import { fromBase64url } from '#libs/kernel';
import { SealBroken } from './vault.errors.js';
import { randomPooled } from './random.js';

// Node 24 takes four times as long with a key as bytes than as a KeyObject: hence `keyObject`
// below.
const ivLength = 12;
const tagLength = 16;

/**
 * A 256-bit key. Callers that use one several times pass a KeyObject, which costs as much to make
 * as to use.
 */
type SealKey = Uint8Array | KeyObject;

const keyObject = (key: SealKey): KeyObject =>
  key instanceof Uint8Array ? createSecretKey(key) : key;

/** Bytes that sealing adds. */
export const SEAL_OVERHEAD = ivLength + tagLength;

/** A fresh 256-bit key, e.g. for one version of a certificate. */
export const newKey = (): Buffer => randomPooled(32);

/**
 * A256GCM (NIST SP 800-38D) under a 256-bit key with a random 96-bit nonce; text is sealed as
 * UTF-8. `aad` binds the seal to its place (which certificate, version, claim): it is not in the
 * result and must be given again to open.
 * @returns base64url(iv ‖ ciphertext ‖ tag)
 */
export const seal = (
  key: SealKey,
  plaintext: Uint8Array | string,
  aad: Uint8Array | string,
): string => sealBytes(key, plaintext, aad).toString('base64url');

/** `seal` for files: iv ‖ ciphertext ‖ tag as bytes. */
export function sealBytes(
  key: SealKey,
  plaintext: Uint8Array | string,
  aad: Uint8Array | string,
): Buffer {
  const iv = randomPooled(ivLength);
  const cipher = createCipheriv('aes-256-gcm', keyObject(key), iv);
  cipher.setAAD(bytesOf(aad));
  const first = cipher.update(bytesOf(plaintext));
  return Buffer.concat([iv, first, cipher.final(), cipher.getAuthTag()]);
}

/** Opens what `seal` made. @throws SealBroken for another key, another `aad`, or one changed bit */
export function open(key: Uint8Array, sealed: string, aad: Uint8Array | string): Buffer {
  const bytes = fromBase64url(sealed);
  if (bytes === null) throw broken();
  return openBytes(key, bytes, aad);
}

/** Opens what `sealBytes` made. @throws SealBroken */
export function openBytes(key: Uint8Array, sealed: Uint8Array, aad: Uint8Array | string): Buffer {
  if (sealed.length < SEAL_OVERHEAD) throw broken();
  const end = sealed.length - tagLength;
  try {
    const decipher = createDecipheriv(
      'aes-256-gcm',
      createSecretKey(key),
      sealed.subarray(0, ivLength),
      {
        authTagLength: tagLength,
      },
    );
    decipher.setAAD(bytesOf(aad));
    decipher.setAuthTag(sealed.subarray(end));
    const first = decipher.update(sealed.subarray(ivLength, end));
    return Buffer.concat([first, decipher.final()]);
  } catch (cause) {
    throw broken(cause);
  }
}

/** RFC 3394, 2.2.3.1: the initial value that shows an unwrapped key to be intact. */
const wrapIv = Buffer.alloc(8, 0xa6);

/** A256KW (RFC 3394; JWA name in RFC 7518, 4.4) of a 256-bit key under another: 40 bytes. */
export function wrapKey(under: SealKey, key: Uint8Array): Buffer {
  const cipher = createCipheriv('id-aes256-wrap', keyObject(under), wrapIv);
  return Buffer.concat([cipher.update(key), cipher.final()]);
}

/** @throws SealBroken where `wrapped` was not wrapped under this key, or is not 40 bytes */
export function unwrapKey(under: SealKey, wrapped: Uint8Array): Buffer {
  if (wrapped.length !== 40) throw broken();
  try {
    const decipher = createDecipheriv('id-aes256-wrap', keyObject(under), wrapIv);
    return Buffer.concat([decipher.update(wrapped), decipher.final()]);
  } catch (cause) {
    throw broken(cause);
  }
}

const bytesOf = (value: Uint8Array | string): Uint8Array =>
  typeof value === 'string' ? Buffer.from(value, 'utf8') : value;

const broken = (cause?: unknown) =>
  new SealBroken('seal_broken', 'what was sealed does not open with this key', {}, { cause });
