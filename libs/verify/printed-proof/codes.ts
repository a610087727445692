import { sha256 } from '@noble/hashes/sha2.js';
import { sameBytes } from '#libs/log';
import { FieldReader, FieldWriter } from './byte-fields.js';
import { digitCount, fromDigits, toDigits } from './digits.js';
import { PrintedProofRefused, unreadable } from './printed-proof.errors.js';
import { decodeProof, encodeProof, type PrintedProof } from './proof.js';

/** One QR code: the address as bytes, then the digits in numeric mode, with nothing between. */
export interface PrintedCode {
  /** Of the page that reads it, up to and with its `#`. */
  readonly address: string;
  readonly digits: string;
}

const VERSION = 1;
const SET_BYTES = 4;

/** What cameras read on 50 mm of paper: 1,050 bytes, address and heads of segments included. */
export const maxCodeBits = 1050 * 8;
/** The longest address that any proof has room for beside it. */
const maxAddressBytes = 64;

/**
 * The codes of a proof: one where it has room, else two of about equal length.
 * @param address as `https://city.example/p#`, ASCII, at most 64 characters
 */
export function printedCodes(
  proof: Omit<PrintedProof, 'facts'>,
  address: string,
): readonly PrintedCode[] {
  if (!/^https?:\/\/[\x21\x22\x24-\x7e]+#$/.test(address) || address.length > maxAddressBytes)
    throw new PrintedProofRefused(
      'printed_facts_unfit',
      'the address of a printed code ends with # and has at most 64 characters',
      { member: 'address' },
    );
  const bytes = readable(proof);
  const one = code(address, 0x11, new Uint8Array(), bytes);
  if (codeBits(one) <= maxCodeBits) return [one];
  const set = setOf(bytes);
  const middle = Math.ceil(bytes.length / 2);
  return [
    code(address, 0x12, set, bytes.subarray(0, middle)),
    code(address, 0x22, set, bytes.subarray(middle)),
  ];
}

/**
 * Bits of a code's content in versions 10 to 26 (ISO/IEC 18004, 7.4): each segment has four bits of
 * mode and a count of 16 bits (bytes) or 12 (digits).
 */
export function codeBits({ address, digits }: PrintedCode): number {
  const whole = Math.floor(digits.length / 3) * 10;
  const rest = [0, 4, 7][digits.length % 3] ?? 0;
  return 4 + 16 + address.length * 8 + 4 + 12 + whole + rest;
}

/** What goes on paper can be read, and says the same then. */
function readable(proof: Omit<PrintedProof, 'facts'>): Uint8Array {
  const bytes = encodeProof(proof);
  const { log, index, size, ledgerSize } = decodeProof(bytes);
  const same =
    log === proof.log &&
    index === proof.index &&
    size === proof.size &&
    ledgerSize === proof.ledgerSize;
  if (!same)
    throw new PrintedProofRefused('printed_facts_unfit', 'a number is too large for its field', {
      member: 'log',
    });
  return bytes;
}

function code(address: string, part: number, set: Uint8Array, bytes: Uint8Array): PrintedCode {
  const content = new FieldWriter().number(VERSION, 1).number(part, 1).bytes(set).bytes(bytes);
  return { address, digits: toDigits(content.done()) };
}

/** Names the proof of which a code is a half. */
const setOf = (proof: Uint8Array): Uint8Array => sha256(proof).slice(0, SET_BYTES);

/** What codes of one page give together. */
export type ReadCodes =
  | { readonly is: 'whole'; readonly proof: PrintedProof }
  /** The other half is on the page, too. */
  | { readonly is: 'half'; readonly part: 1 | 2 };

// A proof at its limits, with room for the address.
const maxTextLength = digitCount(2048) + 512;

/**
 * Reads the codes of one page, in any order, the same one more than once too. Nothing is verified.
 * @param texts as scanned: an address with its digits, or the digits alone
 * @throws PrintedProofRefused
 */
export function readPrintedCodes(texts: readonly string[]): ReadCodes {
  const parts = texts.map(readPart);
  const [first] = parts;
  if (first === undefined) throw unreadable();
  if (parts.some(({ of, set }) => of !== first.of || !sameBytes(set, first.set))) throw otherPage();
  const halves = [1, 2].map((n) => {
    const [half, ...again] = parts.filter(({ part }) => part === n);
    if (half !== undefined && again.some(({ bytes }) => !sameBytes(bytes, half.bytes)))
      throw otherPage();
    return half;
  });
  if (first.of === 1) return { is: 'whole', proof: decodeProof(first.bytes) };
  const [left, right] = halves;
  if (left === undefined || right === undefined)
    return { is: 'half', part: left === undefined ? 2 : 1 };
  const bytes = new Uint8Array([...left.bytes, ...right.bytes]);
  if (!sameBytes(setOf(bytes), first.set)) throw otherPage();
  return { is: 'whole', proof: decodeProof(bytes) };
}

interface Part {
  readonly part: number;
  readonly of: number;
  readonly set: Uint8Array;
  readonly bytes: Uint8Array;
}

function readPart(text: string): Part {
  if (text.length > maxTextLength) throw unreadable();
  const content = fromDigits(text.slice(text.indexOf('#') + 1));
  if (content === null) throw unreadable();
  const reader = new FieldReader(content);
  if (reader.number(1) !== VERSION)
    throw new PrintedProofRefused(
      'printed_code_version',
      'a code of a form that is not known here',
    );
  const part = reader.number(1);
  if (part !== 0x11 && part !== 0x12 && part !== 0x22) throw unreadable();
  const of = part & 0x0f;
  const set = reader.bytes(of === 1 ? 0 : SET_BYTES);
  return { part: part >> 4, of, set, bytes: reader.rest() };
}

const otherPage = () =>
  new PrintedProofRefused(
    'printed_code_of_other_page',
    'these codes are not the halves of one proof: scan both codes of one page',
  );
