import { isPossibleBirth } from './births.js';

/**
 * Check characters of the field's numbers. Sources: standards as named; samples in docs and tests.
 */
const alphanumeric = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/**
 * ISO 7064 hybrid MOD 37,36, as GB/T 36904 uses it over type‖authority‖serial‖version without dots.
 * `null` where a character is outside 0–9A–Z.
 */
export function mod37x36(text: string): string | null {
  let p = 36;
  for (const letter of text) {
    const value = alphanumeric.indexOf(letter);
    if (value < 0) return null;
    const s = (p + value) % 36 || 36;
    p = (2 * s) % 37;
  }
  return alphanumeric.charAt((37 - p) % 36);
}

const creditAlphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY';

/**
 * The 18th character of a unified social credit code (GB 32100): weights 3^i mod 31, alphabet
 * without I O S V Z.
 */
export function creditCodeCheck(first17: string): string | null {
  if (first17.length !== 17) return null;
  let sum = 0;
  let weight = 1;
  for (const letter of first17) {
    const value = creditAlphabet.indexOf(letter);
    if (value < 0) return null;
    sum += value * weight;
    weight = (weight * 3) % 31;
  }
  return creditAlphabet.charAt((31 - (sum % 31)) % 31);
}

export const isCreditCode = (text: string): boolean =>
  /^[0-9A-Z]{18}$/.test(text) && creditCodeCheck(text.slice(0, 17)) === text.charAt(17);

const residentWeights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/** The 18th character of a resident id number (GB 11643). */
export function residentIdCheck(first17: string): string | null {
  if (!/^\d{17}$/.test(first17)) return null;
  let sum = 0;
  for (let i = 0; i < residentWeights.length; i++)
    sum += (first17.charCodeAt(i) - 0x30) * (residentWeights[i] ?? 0);
  return '10X98765432'.charAt(sum % 11);
}

/**
 * What a resident id number tells of its holder: the 17th digit is odd for men and even for women.
 */
export interface ResidentIdFacts {
  /** `YYYY-MM-DD`. */
  readonly birth: string;
  readonly sex: 'male' | 'female';
}

/**
 * Why a text is not a resident id number (GB 11643): its format, its check character, or an
 * impossible day of birth (`isPossibleBirth`). Null where it is one.
 * @param today `YYYY-MM-DD`; left out where a number is only compared
 */
export function residentIdFault(text: string, today?: string): 'check' | 'birth' | null {
  if (!/^\d{17}[\dX]$/.test(text) || residentIdCheck(text.slice(0, 17)) !== text.charAt(17))
    return 'check';
  return isPossibleBirth(birthIn(text), today) ? null : 'birth';
}

const birthIn = (text: string): string =>
  `${text.slice(6, 10)}-${text.slice(10, 12)}-${text.slice(12, 14)}`;

/**
 * What a number tells that has the format, a right check character and a day of birth in the
 * calendar from 1800 on; null for any other text. Callers that know the day use `isResidentId`,
 * which refuses a birth in the future.
 */
export function residentIdFacts(text: string): ResidentIdFacts | null {
  if (residentIdFault(text) !== null) return null;
  return { birth: birthIn(text), sex: Number(text.charAt(16)) % 2 === 1 ? 'male' : 'female' };
}

/** Whether it is a resident id number (GB 11643) of a person born by `today` (`YYYY-MM-DD`). */
export const isResidentId = (text: string, today: string): boolean =>
  residentIdFault(text, today) === null;
