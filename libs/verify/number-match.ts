import { sha256 } from '@noble/hashes/sha2.js';
import { base64url, canonicalize, isObject, type JsonValue, utf8Bytes } from '#libs/kernel';
import type { Sha256 } from '#libs/log';

/**
 * The two digits that a window shows while it waits for a holder, and the salt without which the
 * hundred possible values cannot be tried against the commitment.
 */
export interface NumberMatch {
  readonly digits: string;
  /** 32 bytes, base64url. */
  readonly salt: string;
}

export const isDigits = (value: unknown): value is string =>
  typeof value === 'string' && /^[0-9]{2}$/.test(value);

export const isNumberMatch = (value: JsonValue | undefined): value is JsonValue & NumberMatch =>
  isObject(value) &&
  Object.keys(value).sort().join() === 'digits,salt' &&
  isDigits(value['digits']) &&
  typeof value['salt'] === 'string' &&
  /^[A-Za-z0-9_-]{43}$/.test(value['salt']);

/** SHA-256, base64url, of RFC 8785 of `{consent, digits, salt}`: what a request keeps of them. */
export const matchCommitment = (
  consent: string,
  { digits, salt }: NumberMatch,
  hash: Sha256 = sha256,
): string => base64url(hash(utf8Bytes(canonicalize({ consent, digits, salt }))));
