import { InvalidError } from '#libs/kernel';

/** The text is no verification code. */
export class VerificationCodeRefused extends InvalidError<'verification_code_malformed'> {}

/** Without I, O, 0 and 1, which are mistaken for each other in print. */
const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const LETTERS = 12;
/** 60 bits of a code in their bytes; the four highest are zero. */
export const CODE_BYTES = 8;

/**
 * A new code: 60 random bits as twelve letters in groups of four, `ABCD-EFGH-JKLM`.
 * @param random 8 bytes of a cryptographic generator
 */
export function newVerificationCode(random: Uint8Array): string {
  const bytes = random.slice(0, CODE_BYTES);
  bytes[0] = (bytes[0] ?? 0) & 0x0f;
  return codeFrom(bytes);
}

/**
 * The normal writing of a code that a person typed: letters of either case and of either width,
 * with spaces and hyphens anywhere. I, O, 0 and 1 are in no code and are refused with their place:
 * which letter was read as one of them is not for a program to say.
 * @throws VerificationCodeRefused
 */
export function parseVerificationCode(text: string): string {
  const letters = Array.from(text.slice(0, 100))
    .map(narrow)
    .join('')
    .replaceAll(/[\s\u2010-\u2015\u2212-]/gu, '')
    .toUpperCase();
  const at = Array.from(letters).findIndex((letter) => !alphabet.includes(letter));
  if (at >= 0 || letters.length !== LETTERS)
    throw new VerificationCodeRefused(
      'verification_code_malformed',
      'a verification code has twelve letters and digits, and no I, O, 0 or 1 among them',
      { letters: letters.length, ...(at >= 0 && { at: at + 1 }) },
    );
  return inGroups(letters);
}

/** Full-width forms (U+FF01 to U+FF5E), as Chinese keyboards write them, and the wide space. */
function narrow(letter: string): string {
  const unit = letter.charCodeAt(0);
  if (unit >= 0xff01 && unit <= 0xff5e) return String.fromCharCode(unit - 0xfee0);
  return letter;
}

const inGroups = (letters: string): string =>
  [letters.slice(0, 4), letters.slice(4, 8), letters.slice(8)].join('-');

/** The code of 8 bytes, the highest first; null where the four highest bits are not zero. */
export function readCode(bytes: Uint8Array): string | null {
  return bytes.length === CODE_BYTES && (bytes[0] ?? 0) < 16 ? codeFrom(bytes) : null;
}

function codeFrom(bytes: Uint8Array): string {
  let letters = '';
  let held = 0;
  let bits = -4;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5) letters += alphabet.charAt((held >> (bits - 5)) & 31);
  }
  return inGroups(letters);
}

/** @param code in its normal writing; null where it is not */
export function codeBytes(code: string): Uint8Array | null {
  if (!/^.{4}-.{4}-.{4}$/.test(code)) return null;
  const bytes = new Uint8Array(CODE_BYTES);
  let held = 0;
  let bits = 4;
  let at = 0;
  for (const letter of code.replaceAll('-', '')) {
    const value = alphabet.indexOf(letter);
    if (value < 0) return null;
    held = ((held << 5) | value) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at++] = (held >> bits) & 0xff;
  }
  return bytes;
}
