import { randomBytes } from 'node:crypto';
import { newKey, openBytes, sealBytes } from '#libs/vault';
import { isOfd } from './ofd.js';

/** Bytes: 10 MB. */
export const maxFileBytes = 10 * 1024 * 1024;

/** A stored file is bound to the id under which it lies. */
const aadOf = (blob: string) => `certificate-file\0${blob}`;

/**
 * Seals a file under a key and an id of its own, both random. Who has not the key cannot open it:
 * not the ledger either, until a certificate names it.
 */
export function sealFile(bytes: Uint8Array): { blob: string; key: Uint8Array; sealed: Uint8Array } {
  const blob = randomBytes(16).toString('base64url');
  const key = newKey();
  return { blob, key, sealed: sealBytes(key, bytes, aadOf(blob)) };
}

/** @throws SealBroken */
export const openFile = (blob: string, key: Uint8Array, sealed: Uint8Array): Buffer =>
  openBytes(key, sealed, aadOf(blob));

/**
 * Whether bytes begin as files of a media type do, and of an OFD, what stands in it: what is called
 * a PDF and is none is refused before it is stored.
 */
export function looksLike(mediaType: string, bytes: Uint8Array): boolean {
  const starts = (...first: number[]) => first.every((byte, n) => bytes[n] === byte);
  switch (mediaType) {
    case 'application/pdf':
      return starts(0x25, 0x50, 0x44, 0x46, 0x2d); // %PDF-
    case 'application/ofd':
      return starts(0x50, 0x4b, 0x03, 0x04) && isOfd(bytes);
    case 'image/jpeg':
      return starts(0xff, 0xd8, 0xff);
    case 'image/png':
      return starts(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
    default:
      return false;
  }
}
