/**
 * What a page that checks proofs offline is made of: libs/verify as an outsider bundles it, and
 * nothing of a server. The functions take the texts that a holder has on file, and answer in plain
 * JSON, because that is all that leaves a page under test.
 */
import { hex, isObject, type JsonObject, parseJson, ProductError, utf8Bytes } from '#libs/kernel';
import {
  openStatementKeys,
  parsePolicy,
  verifyBook,
  verifyReceipt,
  verifyRelease,
  verifyStatement,
} from '#libs/verify';

/**
 * `refused` is the code of a typed error; anything else that is thrown is a fault of the verifier,
 * and is not caught.
 */
export type Verdict = { readonly holds: unknown } | { readonly refused: string };

function verdict(check: () => unknown): Verdict {
  try {
    return { holds: check() };
  } catch (error) {
    if (error instanceof ProductError) return { refused: String(error.code) };
    throw error;
  }
}

/** A receipt alone, for the record whose hash it brings along. */
const receipt = (text: string, policy: string): Verdict =>
  verdict(() => {
    const shown = verifyReceipt(utf8Bytes(text), parsePolicy(policy));
    return {
      hash: hex(shown.leaf),
      origin: shown.checkpoint.origin,
      witnesses: shown.witnesses.length,
    };
  });

/** The JSON of the reply to a release, with its receipt: exactly what was handed over. */
const release = (json: string, policy: string): Verdict =>
  verdict(() => {
    const { handedOver, record, receipt } = parseJson(json, 64) as {
      handedOver: JsonObject;
      record: { bytes: string; salt: string };
      receipt: { receipt: string };
    };
    const shown = verifyRelease(
      {
        handedOver,
        record: utf8Bytes(record.bytes),
        salt: record.salt,
        receipt: utf8Bytes(receipt.receipt),
      },
      parsePolicy(policy),
    );
    return {
      hash: hex(shown.leaf),
      type: shown.record.type,
      origin: shown.checkpoint.origin,
      witnesses: shown.witnesses.length,
    };
  });

/** The JSON of `GET /v1/phone/book`. */
const book = (json: string, policy: string): Verdict =>
  verdict(() => {
    const file = object(json);
    const texts = (member: unknown) => (member as string[]).map(utf8Bytes);
    const shown = verifyBook(
      {
        stream: String(file['stream']),
        records: texts(file['records']),
        receipts: texts(file['receipts']),
        head: utf8Bytes(String(file['head'])),
      },
      parsePolicy(policy),
    );
    return { stream: file['stream'], types: shown.records.map(({ type }) => type) };
  });

/**
 * The JSON of `GET /v1/phone/cases/{case}/statement`, and the note of `GET /log/statement-keys`.
 */
const statement = (json: string, keys: string, policy: string): Verdict =>
  verdict(() => {
    const file = object(json);
    const trusted = parsePolicy(policy);
    const shown = verifyStatement(
      {
        statement: String(file['statement']),
        records: (file['records'] as { bytes: string; receipt: string }[]).map((record) => ({
          bytes: utf8Bytes(record.bytes),
          receipt: utf8Bytes(record.receipt),
        })),
      },
      trusted,
      openStatementKeys(utf8Bytes(keys), trusted),
    );
    return {
      case: shown.statement.case,
      materials: shown.statement.materials.map(({ material }) => material),
    };
  });

function object(json: string): Readonly<Record<string, unknown>> {
  const value = parseJson(json, 64);
  if (!isObject(value)) throw new TypeError('no object');
  return value;
}

const verifier = { receipt, release, book, statement };
export type Verifier = typeof verifier;
Object.assign(globalThis, { verifier });
