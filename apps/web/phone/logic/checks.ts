import type { JWK } from 'jose';
import type { Schemas } from '#libs/api-client';
import { hex, isObject, ProductError, utf8Bytes } from '#libs/kernel';
import { leafHash, readRecord, type VerifyEd25519 } from '#libs/log';
import {
  openJws,
  type Policy,
  parsePolicy,
  type SignedGrant,
  signedGrantIn,
  type SigningKey,
  signingKeyOf,
  thumbprintOf,
  verifyBook,
  verifyReceipt,
} from '#libs/verify';
import type { Access } from './accesses.ts';
import { signatureJudge, withVerdicts } from './signatures.ts';

/** What the city hands out for its claims: the book whole, and the keys that it is judged by. */
export interface Evidence {
  readonly book: Schemas['BookDto'];
  readonly policy: string;
  /** That were made beside this phone's key: each counts by what this key signed for it. */
  readonly passkeys: readonly Schemas['PasskeyOfHolder'][];
}

type Passkey = Evidence['passkeys'][number];

/** One check of one record. `none`: there is nothing to check here. */
export interface Check {
  readonly of: 'record' | 'log' | 'witnesses' | 'signature';
  readonly holds: 'yes' | 'no' | 'none';
  /** Index in the log, or how many witnesses cosigned. */
  readonly count: number;
  /** Why not: the verifier's code. */
  readonly code: string | null;
}

const yes = (of: Check['of'], count = 0): Check => ({ of, holds: 'yes', count, code: null });
const no = (of: Check['of'], code: string): Check => ({ of, holds: 'no', count: 0, code });
const none = (of: Check['of']): Check => ({ of, holds: 'none', count: 0, code: null });

const codeOf = (error: unknown): string => {
  if (error instanceof ProductError) return String(error.code);
  throw error;
};

/**
 * Checks one record of the list: it is the one that the city keeps, it is in the log, witnesses saw
 * the log, and a yes in it was signed by this phone.
 * @returns null where the record is newer than what was sealed
 */
export async function checkRecord(
  { book, policy, passkeys }: Evidence,
  access: Access,
  own: { readonly jkt: string; readonly publicJwk: JWK },
): Promise<readonly Check[] | null> {
  const text = book.records[access.version];
  const receipt = book.receipts[access.version];
  if (text === undefined || receipt === undefined) return null;
  const bytes = utf8Bytes(text);
  const same =
    hex(leafHash(bytes)) === access.hash && readRecord(bytes).data['consent'] === access.consent;
  return [
    same ? yes('record') : no('record', 'record_other'),
    ...(await withVerdicts((verify) => checkReceipt(bytes, receipt, parsePolicy(policy), verify))),
    ...(access.kind === 'granted' ? [await checkSignature(bytes, own, passkeys)] : []),
  ];
}

function checkReceipt(
  bytes: Uint8Array,
  receipt: string,
  policy: Policy,
  verify: VerifyEd25519,
): readonly Check[] {
  try {
    const { index, witnesses } = verifyReceipt(utf8Bytes(receipt), policy, bytes, { verify });
    return [
      yes('log', index),
      policy.witnesses.length === 0 ? none('witnesses') : yes('witnesses', witnesses.length),
    ];
  } catch (error) {
    const code = codeOf(error);
    return code === 'quorum_missing'
      ? [yes('log'), no('witnesses', code)]
      : [no('log', code), none('witnesses')];
  }
}

async function checkSignature(
  bytes: Uint8Array,
  own: { readonly jkt: string; readonly publicJwk: JWK },
  passkeys: Evidence['passkeys'],
): Promise<Check> {
  const { proof } = readRecord(bytes).data;
  const jkt = isObject(proof) ? proof['jkt'] : null;
  const passkey = passkeys.find((one) => one.jkt === jkt);
  if (jkt !== own.jkt && passkey === undefined) return none('signature');
  try {
    const jwk = passkey === undefined ? own.publicJwk : await signedFor(passkey, own.publicJwk);
    const key = signingKeyOf(jwk);
    const grant = key === null ? null : signedGrantIn(proof, key.alg);
    if (key === null || thumbprintOf(key) !== jkt || grant === null) throw new TypeError();
    if (!(await isSigned(key, jwk, grant))) throw new TypeError();
    return yes('signature');
  } catch {
    return no('signature', 'grant_signature_refused');
  }
}

/** The passkey's key, for which this phone's key signed: the city alone cannot bring one in. */
async function signedFor({ jkt, jwk, statement }: Passkey, own: JWK): Promise<JWK> {
  const opened = openJws(statement, 'passkey+jws');
  if (opened?.header['alg'] !== 'ES256' || opened.payload['jkt'] !== jkt) throw new TypeError();
  if (!(await isSignedByP256(own, opened))) throw new TypeError();
  return jwk;
}

const isSigned = async (
  { alg, publicKey }: SigningKey,
  jwk: JWK,
  grant: SignedGrant,
): Promise<boolean> =>
  alg === 'EdDSA'
    ? (await signatureJudge())(grant.signature, grant.signed, publicKey)
    : isSignedByP256(jwk, grant);

/** P-256 by the browser's own code, which the page need not load. */
async function isSignedByP256(jwk: JWK, { signed, signature }: SignedGrant): Promise<boolean> {
  const curve = { name: 'ECDSA', namedCurve: 'P-256' };
  const { kty, crv, x, y } = jwk;
  const key = await crypto.subtle.importKey('jwk', { kty, crv, x, y } as JsonWebKey, curve, false, [
    'verify',
  ]);
  const how = { name: 'ECDSA', hash: 'SHA-256' };
  return crypto.subtle.verify(how, key, Uint8Array.from(signature), Uint8Array.from(signed));
}

export type Completeness =
  | {
      readonly is: 'complete';
      readonly records: number;
      /** How many of the list are newer than what was sealed. */
      readonly newer: number;
      readonly witnesses: number;
    }
  | { readonly is: 'refused'; readonly code: string };

/**
 * That the list is all there is: the book is whole up to the head that the city signed, and the
 * list says of each record what the book has.
 */
export const checkList = (evidence: Evidence, accesses: readonly Access[]): Promise<Completeness> =>
  withVerdicts((verify) => listBy(verify, evidence, accesses));

function listBy(
  verify: VerifyEd25519,
  { book, policy }: Evidence,
  accesses: readonly Access[],
): Completeness {
  try {
    const { leaves, receipts } = verifyBook(
      {
        stream: book.stream,
        records: book.records.map(utf8Bytes),
        receipts: book.receipts.map(utf8Bytes),
        head: utf8Bytes(book.head),
      },
      parsePolicy(policy),
      { verify },
    );
    const listed = accesses.every(
      ({ hash, version }, n) =>
        version === n && (leaves[n] === undefined || hex(leaves[n]) === hash),
    );
    if (!listed || accesses.length < leaves.length)
      return { is: 'refused', code: 'list_differs_from_book' };
    return {
      is: 'complete',
      records: leaves.length,
      newer: accesses.length - leaves.length,
      witnesses: receipts[0]?.witnesses.length ?? 0,
    };
  } catch (error) {
    return { is: 'refused', code: codeOf(error) };
  }
}
