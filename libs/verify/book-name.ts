import { sha256 } from '@noble/hashes/sha2.js';
import { base64url, utf8Bytes } from '#libs/kernel';

/**
 * The stream of a subject's book. Not named after the subject, because a release discloses the name
 * with the record's place, and must not disclose the subject's id.
 */
export const bookOf = (subject: string): string =>
  `book-${base64url(sha256(utf8Bytes(`book\0${subject}`)).subarray(0, 16))}`;
