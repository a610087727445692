import { fromBase64url, isCreditCode, textFault, utf8Bytes } from '#libs/kernel';
import { sameBytes } from '#libs/log';
import { FieldReader, FieldWriter } from './byte-fields.js';
import { PrintedProofRefused, unreadable } from './printed-proof.errors.js';
import { CODE_BYTES, codeBytes, readCode } from './verification-code.js';

/** A fact that the reader compares with the paper. */
export interface ComparedFact {
  readonly label: string;
  readonly value: string;
}

/** What an authority signs of a printed page. Times are whole seconds since 1970. */
export interface PrintedFacts {
  /** Origin of the city's log: where it begins with `trial.`, the page is a sample. */
  readonly city: string;
  /** Unified social credit code of the issuing authority. */
  readonly authority: string;
  /** The first four bytes of the RFC 7638 thumbprint of its key: which key to take, no more. */
  readonly key: Uint8Array;
  /** Code of the certificate type, as ZM001. */
  readonly type: string;
  /** The page's verification code in its normal writing. */
  readonly code: string;
  /** The state of the authority's records that the page tells is the one of this time. */
  readonly issued: number;
  /** From when on its receiver should ask again; not before `issued`. */
  readonly checkAgain: number;
  /** When it ends; null where it does not by itself. After `issued`. */
  readonly expires: number | null;
  /** The holder's name, masked. */
  readonly name: string;
  /** The last four characters of the holder's number. */
  readonly number: string;
  /** At most eight. */
  readonly compare: readonly ComparedFact[];
}

/** Limits of the form, in bytes of UTF-8 where they are of texts. */
export const printedFactsLimits = {
  whole: 240,
  type: 8,
  name: 48,
  label: 36,
  value: 96,
  compare: 8,
} as const;

const VERSION = 1;
const KEY_BYTES = 4;
const latestSecond = 2 ** 32 - 1;
const firstLine = utf8Bytes('mianzheng printed facts v1\n');

/** What the authority's key signs: a line that no other signature begins with, and the facts. */
export const signedFacts = (facts: Uint8Array): Uint8Array =>
  new Uint8Array([...firstLine, ...facts]);

/** `PrintedFacts.key` of a key. @param kid its RFC 7638 thumbprint, base64url */
export const printedKey = (kid: string): Uint8Array =>
  (fromBase64url(kid) ?? new Uint8Array()).slice(0, KEY_BYTES);

/** The bytes of the facts. @throws PrintedProofRefused printed_facts_unfit */
export function encodeFacts(facts: PrintedFacts): Uint8Array {
  const unfit = unfitMember(facts);
  if (unfit !== null) throw unfitFacts(unfit);
  const writer = new FieldWriter()
    .number(VERSION, 1)
    .text(facts.city)
    .bytes(utf8Bytes(facts.authority))
    .bytes(facts.key)
    .text(facts.type)
    .bytes(codeBytes(facts.code) ?? new Uint8Array())
    .number(facts.issued, 4)
    .number(facts.checkAgain, 4)
    .number(facts.expires ?? 0, 4)
    .text(facts.name)
    .bytes(utf8Bytes(facts.number))
    .number(facts.compare.length, 1);
  for (const { label, value } of facts.compare) writer.text(label).text(value);
  const bytes = writer.done();
  if (bytes.length > printedFactsLimits.whole) throw unfitFacts('whole', bytes.length);
  return bytes;
}

/** @throws PrintedProofRefused on bytes that `encodeFacts` would not write */
export function decodeFacts(bytes: Uint8Array): PrintedFacts {
  const reader = new FieldReader(bytes);
  if (reader.number(1) !== VERSION)
    throw new PrintedProofRefused('printed_code_version', 'facts of a form that is not known here');
  const facts = {
    city: reader.text(),
    authority: reader.characters(18),
    key: reader.bytes(KEY_BYTES),
    type: reader.text(),
    code: readCode(reader.bytes(CODE_BYTES)) ?? '',
    issued: reader.number(4),
    checkAgain: reader.number(4),
    expires: reader.number(4) || null,
    name: reader.text(),
    number: reader.characters(4),
    compare: Array.from({ length: reader.number(1) }, () => ({
      label: reader.text(),
      value: reader.text(),
    })),
  };
  reader.end();
  try {
    if (!sameBytes(encodeFacts(facts), bytes)) throw unreadable();
  } catch (cause) {
    throw unreadable(cause);
  }
  return facts;
}

/** The first member that the form cannot hold; null where all fit. */
function unfitMember(facts: PrintedFacts): keyof PrintedFacts | null {
  const { type, name, label, value, compare } = printedFactsLimits;
  const fits: Readonly<Record<keyof PrintedFacts, boolean>> = {
    city: /^[a-z0-9][a-z0-9.-]{0,62}$/.test(facts.city),
    authority: isCreditCode(facts.authority),
    key: facts.key.length === KEY_BYTES,
    type: new RegExp(`^[A-Z0-9]{1,${type}}$`).test(facts.type),
    code: codeBytes(facts.code) !== null,
    issued: isSecond(facts.issued),
    checkAgain: isSecond(facts.checkAgain) && facts.checkAgain >= facts.issued,
    expires: facts.expires === null || (isSecond(facts.expires) && facts.expires > facts.issued),
    name: isLine(facts.name, name),
    number: /^[0-9A-Z]{4}$/.test(facts.number),
    compare:
      facts.compare.length <= compare &&
      facts.compare.every((fact) => isLine(fact.label, label) && isLine(fact.value, value)),
  };
  const [unfit] = Object.entries(fits).find(([, fit]) => !fit) ?? [];
  return (unfit as keyof PrintedFacts | undefined) ?? null;
}

const isSecond = (value: number): boolean =>
  Number.isInteger(value) && value > 0 && value <= latestSecond;

/** One line that shows every character that it has, in their order. */
const isLine = (text: string, most: number): boolean =>
  text !== '' && textFault(text) === null && utf8Bytes(text).length <= most;

const unfitFacts = (member: string, length?: number) =>
  new PrintedProofRefused('printed_facts_unfit', 'a printed proof cannot hold these facts', {
    member,
    ...(length !== undefined && { length, limit: printedFactsLimits.whole }),
  });
