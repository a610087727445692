import { sha256 } from '@noble/hashes/sha2.js';
import {
  base64url,
  canonicalize,
  fromBase64url,
  isObject,
  type JsonObject,
  type JsonValue,
  RefusedError,
  utf8Bytes,
} from '#libs/kernel';
import type { RecordBody, Sha256 } from '#libs/log';
import { isAction, isBasis } from './consent-terms.js';
import type { Policy } from './policy.js';
import { type Means, type VerifiedReceipt, verifyReceipt } from './receipt.js';

/** The log's record is not of exactly what was handed over. */
export class ReleaseRefused extends RefusedError<
  | 'release_malformed'
  | 'record_no_release' // the record is not about released data
  | 'release_of_other_consent'
  | 'release_of_other_case'
  | 'release_of_other_terms' // another action, or another basis, than the record's
  | 'release_of_other_materials' // materials, types, versions or fields are not the record's
  | 'handed_over_other' // the record commits to something else, or with another salt
> {}

/** The reply to a release, as its receiver kept it. */
export interface ReleaseOnFile {
  /** The member `handedOver`, parsed and otherwise untouched. */
  readonly handedOver: JsonValue;
  /** The record's bytes as stored. */
  readonly record: Uint8Array;
  /** 32 bytes, base64url. */
  readonly salt: string;
  readonly receipt: Uint8Array;
}

export interface VerifiedRelease extends VerifiedReceipt {
  /** `ConsentRedeemed`, or `ReleaseReadAgain` where it was read again. */
  readonly record: RecordBody;
}

const saltBytes = 32;

/**
 * Verifies that a log, under a policy, has the record of exactly this release: of this consent and
 * case, with these materials, and a commitment to every released byte.
 * The authorities' signatures in the data (SD-JWT) are not verified here.
 * @throws ReleaseRefused, and what verifyReceipt throws; nothing else, whatever the file
 */
export function verifyRelease(
  { handedOver, record: bytes, salt, receipt }: ReleaseOnFile,
  policy: Policy,
  means: Means = {},
): VerifiedRelease {
  if (!isObject(handedOver)) throw malformed();
  const shown = verifyReceipt(receipt, policy, bytes, means);
  const { record } = shown;
  if (record === null || record.schema !== 1) throw noRelease();
  const { data } = record;
  const { action, basis } = handedOver;
  if (!isAction(action) || !isBasis(basis)) throw otherTerms();
  switch (record.type) {
    case 'ConsentRedeemed':
      if (typeof data['case'] !== 'string' || data['case'] !== handedOver['case'])
        throw new ReleaseRefused('release_of_other_case', 'the record is of another case');
      if (data['action'] !== action || data['basis'] !== basis) throw otherTerms();
      checkMaterials(handedOver, data['read'], isVersionRead);
      break;
    // It names no case: its consent has one, and the commitment covers the released one.
    case 'ReleaseReadAgain':
      checkMaterials(handedOver, data['used'], isUsed);
      break;
    default:
      throw noRelease();
  }
  if (typeof data['consent'] !== 'string' || data['consent'] !== handedOver['consent'])
    throw new ReleaseRefused('release_of_other_consent', 'the record is of another consent');
  if (data['commitment'] !== commitmentIn(handedOver, salt, means))
    throw new ReleaseRefused(
      'handed_over_other',
      'what was handed over is not what the record commits to',
    );
  return { ...shown, record };
}

/**
 * SHA-256(salt ‖ RFC 8785 of what was released), base64url. The record holds it and the receiver
 * gets the salt: together they prove what was released, and the record alone reveals nothing.
 */
export const commitmentTo = (salt: Uint8Array, canonical: string, hash: Sha256): string =>
  base64url(hash(new Uint8Array([...salt, ...utf8Bytes(canonical)])));

function commitmentIn(what: JsonObject, salt: string, { hash = sha256 }: Means): string {
  const bytes = fromBase64url(salt);
  if (bytes?.length !== saltBytes) throw malformed();
  let text: string;
  try {
    text = canonicalize(what);
  } catch (cause) {
    throw malformed(cause); // a lone surrogate: no ledger can have committed to it
  }
  return commitmentTo(bytes, text, hash);
}

type Agreement = (material: JsonObject, noted: JsonObject) => boolean;

const isUsed: Agreement = (material, noted) =>
  material['material'] === noted['material'] && material['type'] === noted['type'];

const isVersionRead: Agreement = (material, noted) => {
  const [fields, names] = [material['fields'], noted['fields']];
  return (
    isUsed(material, noted) &&
    material['version'] === noted['number'] &&
    isObject(fields) &&
    Array.isArray(names) &&
    names.length === Object.keys(fields).length &&
    Object.keys(fields).every((name) => names.includes(name))
  );
};

/**
 * The holder reads the record, and the receiver has the data: both must name the same materials.
 */
function checkMaterials(what: JsonObject, noted: JsonValue | undefined, agree: Agreement): void {
  const handed = what['materials'];
  if (
    !Array.isArray(handed) ||
    !Array.isArray(noted) ||
    handed.length !== noted.length ||
    !(handed as readonly JsonValue[]).every((one, n) => {
      const note = (noted as readonly JsonValue[])[n];
      return isObject(one) && isObject(note) && agree(one, note);
    })
  )
    throw new ReleaseRefused(
      'release_of_other_materials',
      'the record does not name the materials, versions and fields that were handed over',
    );
}

const otherTerms = () =>
  new ReleaseRefused(
    'release_of_other_terms',
    'the record is of another action, or another basis, than what was handed over',
  );
const noRelease = () => new ReleaseRefused('record_no_release', 'the record is of no release');
const malformed = (cause?: unknown) =>
  new ReleaseRefused('release_malformed', 'this is no reply to a release', {}, { cause });
