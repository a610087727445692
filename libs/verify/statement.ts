import { sha256 } from '@noble/hashes/sha2.js';
import {
  canonicalize,
  fromBase64url,
  hex,
  isObject,
  type JsonObject,
  type JsonValue,
  parseJson,
  RefusedError,
  utf8Bytes,
  utf8Text,
} from '#libs/kernel';
import { isTrialOrigin, leafHash, type RecordBody, verifyEd25519 } from '#libs/log';
import { isAction, isBasis } from './consent-terms.js';
import type { Policy } from './policy.js';
import { type Means, receiptVerifier, type VerifiedReceipt } from './receipt.js';
import {
  type ExemptionStatement,
  type ExemptMaterial,
  readStatement,
  statementType,
} from './statement-form.js';
import type { StatementKeys } from './statement-keys.js';

/** The statement is not the ledger's, or is not borne out by the records that it names. */
export class StatementRefused extends RefusedError<
  | 'statement_malformed'
  | 'statement_key_unknown'
  | 'statement_signature_wrong'
  | 'statement_of_other_log'
  | 'material_twice' // one record answers a material once
  | 'record_missing' // a record that is named is not there: there is none with that hash
  | 'record_not_named' // a record is there that nothing names
  | 'record_misnamed' // stream, version or time are not the record's
  | 'record_no_release' // the record is not about a redeemed consent
  | 'release_of_other_case'
  | 'release_of_other_terms' // of an action, or on a basis, that this verifier does not know
  | 'release_of_other_place' // matter, department or window are not the record's
  | 'material_not_released'
> {}

/** The statement as the ledger issues it and a holder shows it. */
export interface StatementOnFile {
  /** Compact JWS. */
  readonly statement: string;
  /** For each record that the statement names, in any order: the stored bytes, and a receipt. */
  readonly records: readonly { readonly bytes: Uint8Array; readonly receipt: Uint8Array }[];
}

export interface VerifiedStatement {
  /** Whether the ledger is that of a trial. */
  readonly trial: boolean;
  readonly statement: ExemptionStatement;
  /** One for each record of the file, in its order. */
  readonly receipts: readonly VerifiedReceipt[];
}

const maxStatementLength = 256 * 1024;

/**
 * Verifies that a ledger signed a statement, and that its log, under a policy, has the records that
 * it names: each the redemption of a consent for this case and place, by which a certificate of
 * that type answered that material.
 * Names, rule version and pairwise subject are the ledger's claim alone, and so is that no release
 * was withheld afterwards.
 * @param keys from `openStatementKeys`: of the log that the statement names
 * @throws StatementRefused, and what verifyReceipt throws; nothing else, whatever the bytes
 */
export function verifyStatement(
  file: StatementOnFile,
  policy: Policy,
  keys: StatementKeys,
  means: Means = {},
): VerifiedStatement {
  const statement = openStatement(file.statement, keys, means);
  const { hash = sha256 } = means;
  const named = new Map<string, Set<string>>();
  for (const { answeredBy, material } of statement.materials) {
    const answered = named.get(answeredBy.hash) ?? new Set();
    if (answered.has(material))
      throw new StatementRefused('material_twice', 'a record answers a material twice', {
        material,
      });
    named.set(answeredBy.hash, answered.add(material));
  }
  // Counted first: a file with more records than the statement names is refused without further
  // work. A duplicate counts twice.
  if (file.records.length > named.size) throw notNamed();
  const verifyReceipt = receiptVerifier(policy, means);
  const records = file.records.map(({ bytes, receipt }) => ({
    hash: hex(leafHash(bytes, hash)),
    shown: verifyReceipt(receipt, bytes),
  }));
  for (const exempt of statement.materials) {
    const { answeredBy, material } = exempt;
    const record = records.find((one) => one.hash === answeredBy.hash)?.shown.record;
    if (!record)
      throw new StatementRefused('record_missing', 'a record that is named is not there', {
        material,
      });
    checkAnswer(statement, exempt, record);
  }
  if (records.some((one) => !named.has(one.hash))) throw notNamed();
  const trial = isTrialOrigin(statement.city);
  return { trial, statement, receipts: records.map(({ shown }) => shown) };
}

/** The statement alone: its form, its log and its signature. @throws StatementRefused */
function openStatement(
  jws: string,
  { origin, keys }: StatementKeys,
  { verify = verifyEd25519 }: Means,
): ExemptionStatement {
  if (jws.length > maxStatementLength) throw malformed();
  const [head = '', body = '', ending = '', ...more] = jws.split('.');
  const [header, payload, signature] = [head, body, ending].map(fromBase64url);
  if (!header || !payload || !signature || more.length > 0) throw malformed();
  const { alg, typ, kid, ...others } = object(header).value;
  // RFC 7515 has members that change what a signature means: there is none that is understood here.
  if (alg !== 'EdDSA' || typ !== statementType || Object.keys(others).length > 0) throw malformed();
  const key = keys.find((one) => one.kid === kid);
  if (key === undefined)
    throw new StatementRefused('statement_key_unknown', 'the ledger did not publish this key');
  if (!verify(signature, utf8Bytes(`${head}.${body}`), key.publicKey))
    throw new StatementRefused('statement_signature_wrong', 'the ledger did not sign this');
  const { value, canonical } = object(payload);
  const statement = readStatement(value);
  if (statement === null || !canonical) throw malformed();
  if (statement.city !== origin)
    throw new StatementRefused('statement_of_other_log', 'the statement names another log', {
      origin,
    });
  return statement;
}

function checkAnswer(statement: ExemptionStatement, exempt: ExemptMaterial, record: RecordBody) {
  const { material, type, answeredBy } = exempt;
  const about = { material };
  if (record.city !== statement.city)
    throw new StatementRefused('statement_of_other_log', 'a record is of another log', about);
  if (
    record.stream !== answeredBy.stream ||
    record.version !== answeredBy.version ||
    record.time !== answeredBy.time
  )
    throw new StatementRefused('record_misnamed', 'a record is not where it is said', about);
  const { data } = record;
  const { place, read } = data;
  if (
    record.type !== 'ConsentRedeemed' ||
    record.schema !== 1 ||
    place === undefined ||
    !isObject(place) ||
    !Array.isArray(read)
  )
    throw new StatementRefused('record_no_release', 'a record is of no release', about);
  if (data['case'] !== statement.case)
    throw new StatementRefused('release_of_other_case', 'a release was for another case', about);
  if (
    place['matter'] !== statement.matter ||
    place['department'] !== statement.department ||
    place['window'] !== statement.window
  )
    throw new StatementRefused('release_of_other_place', 'a release was elsewhere', about);
  if (!isAction(data['action']) || !isBasis(data['basis']))
    throw new StatementRefused(
      'release_of_other_terms',
      'a release was for an action, or on a basis, that this verifier does not know',
      about,
    );
  const answers = (read as readonly JsonValue[]).some(
    (one) => isObject(one) && one['material'] === material && one['type'] === type,
  );
  if (!answers)
    throw new StatementRefused(
      'material_not_released',
      'the release did not answer this material by this type',
      about,
    );
}

function object(bytes: Uint8Array): {
  readonly value: JsonObject;
  readonly canonical: boolean;
} {
  try {
    const text = utf8Text(bytes);
    const value = parseJson(text);
    if (isObject(value)) return { value, canonical: canonicalize(value) === text };
  } catch (cause) {
    throw malformed(cause);
  }
  throw malformed();
}

const notNamed = () =>
  new StatementRefused('record_not_named', 'a record is there that nothing names');
const malformed = (cause?: unknown) =>
  new StatementRefused('statement_malformed', 'this is no exemption statement', {}, { cause });
