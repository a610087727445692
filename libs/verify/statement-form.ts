import { type Instant, isObject, type JsonObject, type JsonValue } from '#libs/kernel';

/** `typ` of the JWS, which distinguishes statements from other JWSs of the ledger's keys. */
export const statementType = 'exemption-statement+jws';

/**
 * Which materials of one holder's part in a case were exempted, because a release answered them;
 * the JWS payload is its RFC 8785 form. Nothing in it is personal: `subject` is the department's
 * pairwise id of the holder.
 */
export interface ExemptionStatement {
  readonly v: 1;
  /** Origin of the log. */
  readonly city: string;
  readonly case: string;
  readonly matter: string;
  readonly matterNameZh: string;
  /** Of the rules in force when the case was opened; 0 where the matter had none. */
  readonly ruleVersion: number;
  readonly department: string;
  readonly window: string;
  readonly subject: string;
  /** At least one; no material twice from one record. */
  readonly materials: readonly ExemptMaterial[];
  /** When the statement was made, UTC. */
  readonly issued: Instant;
}

export interface ExemptMaterial {
  readonly material: string;
  readonly nameZh: string;
  /** Code of the certificate type that answered it. */
  readonly type: string;
  readonly answeredBy: AnsweringRecord;
}

/**
 * The record of the redeemed consent. `hash` is its leaf hash, hexadecimal; `time` the record's
 * own.
 */
export interface AnsweringRecord {
  readonly stream: string;
  readonly version: number;
  readonly hash: string;
  readonly time: Instant;
}

const maxMaterials = 256;

/**
 * The statement, if the value has exactly its members; null otherwise. What they say is not judged
 * here.
 */
export function readStatement(value: JsonValue): ExemptionStatement | null {
  const found = members(value, {
    v: isCount,
    city: isText,
    case: isText,
    matter: isText,
    matterNameZh: isText,
    ruleVersion: isCount,
    department: isText,
    window: isText,
    subject: isText,
    materials: isMaterials,
    issued: isInstant,
  });
  return found?.['v'] === 1 ? (found as unknown as ExemptionStatement) : null;
}

type Check = (value: JsonValue) => boolean;

/** The object, where its members are exactly those named and each is as it must be. */
function members(value: JsonValue, checks: Readonly<Record<string, Check>>): JsonObject | null {
  if (!isObject(value) || Object.keys(value).length !== Object.keys(checks).length) return null;
  return Object.entries(checks).every(([name, check]) => {
    const member = Object.hasOwn(value, name) ? value[name] : undefined;
    return member !== undefined && check(member);
  })
    ? value
    : null;
}

const isText: Check = (value) => typeof value === 'string' && value !== '' && value.length <= 1000;
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isInstant: Check = (value) =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value);
const isHash: Check = (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
const isRecord: Check = (value) =>
  members(value, { stream: isText, version: isCount, hash: isHash, time: isInstant }) !== null;
const isMaterial: Check = (value) =>
  members(value, { material: isText, nameZh: isText, type: isText, answeredBy: isRecord }) !== null;
const isMaterials: Check = (value) =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.length <= maxMaterials &&
  value.every(isMaterial);
