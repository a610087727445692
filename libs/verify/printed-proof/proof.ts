import { sha256 } from '@noble/hashes/sha2.js';
import { HASH_BYTES, inclusionRoot, leafHash, type Sha256 } from '#libs/log';
import { FieldReader, FieldWriter } from './byte-fields.js';
import { decodeFacts, type PrintedFacts, printedFactsLimits } from './facts.js';
import { unreadable } from './printed-proof.errors.js';

/** The cosignature of one witness: cosignature/v1 of C2SP tlog-cosignature. */
export interface PrintedCosignature {
  /** The key id of signed-note, 4 bytes. */
  readonly id: Uint8Array;
  /** Seconds since 1970. */
  readonly time: number;
  /** 64 bytes. */
  readonly signature: Uint8Array;
}

/** Where the log of prints has a page, and who signed that log. */
export interface LoggedPrint {
  /** Which log of prints of the city: 1 is the first. */
  readonly log: number;
  /** Of the leaf, from 0. */
  readonly index: number;
  /** Leaves of the tree whose checkpoint was signed. */
  readonly size: number;
  /**
   * Leaves of the city's main log that were published when the page was logged: which keys of
   * authorities were in force then.
   */
  readonly ledgerSize: number;
  /** The leaf's sibling first. */
  readonly path: readonly Uint8Array[];
  /** The log's signature over the checkpoint, 64 bytes of Ed25519. */
  readonly signature: Uint8Array;
  /** Ascending by id, each id once. */
  readonly cosignatures: readonly PrintedCosignature[];
}

/** The proof that a page carries. */
export interface PrintedProof extends LoggedPrint {
  /** As they were signed. */
  readonly factBytes: Uint8Array;
  readonly facts: PrintedFacts;
  /** The authority's, 64 bytes: of Ed25519, or R ‖ S of P-256 (RFC 7518, section 3.4). */
  readonly factsSignature: Uint8Array;
}

/**
 * Limits of the form. A path has at most 12 hashes in a tree of any size: the log leaves out the
 * indices at which it would be longer.
 */
export const printLogLimits = {
  /** Of a tree. */
  leaves: 2 ** 32,
  path: 12,
  /** Leaves behind the page's own under the same checkpoint. */
  after: 255,
  cosignatures: 8,
  logs: 255,
} as const;

const SIGNATURE_BYTES = 64;
const ID_BYTES = 4;

/** Origin of a city's log of prints. */
export const originOfPrints = (city: string, log: number): string => `${city}/prints/${log}`;

/**
 * What the ledger records of a page: SHA-256 of facts and signature. Nobody can guess it, because
 * the verification code is random.
 */
export const printHash = (
  { factBytes, factsSignature }: Pick<PrintedProof, 'factBytes' | 'factsSignature'>,
  hash: Sha256 = sha256,
): Uint8Array => hash(new Uint8Array([...factBytes, ...factsSignature])).slice();

/** The leaf of a page in the log of prints (RFC 6962, section 2.1). */
export const printLeaf = (
  print: Uint8Array,
  ledgerSize: number,
  hash: Sha256 = sha256,
): Uint8Array => leafHash(new FieldWriter().bytes(print).number(ledgerSize, 6).done(), hash);

/** The leaf at an index that no page has: that of no bytes. */
export const emptyPrintLeaf = (hash: Sha256 = sha256): Uint8Array =>
  leafHash(new Uint8Array(), hash);

/** The root that the page's checkpoint must have. @throws ProofError: no tree has such a path */
export const rootOfPrints = (proof: PrintedProof, hash: Sha256 = sha256): Uint8Array =>
  inclusionRoot(
    printLeaf(printHash(proof, hash), proof.ledgerSize, hash),
    proof.index,
    proof.size,
    proof.path,
    hash,
  );

/** The bytes of a proof, of which the codes on paper are made. */
export function encodeProof(proof: Omit<PrintedProof, 'facts'>): Uint8Array {
  const writer = new FieldWriter()
    .number(proof.factBytes.length, 1)
    .bytes(proof.factBytes)
    .bytes(proof.factsSignature)
    .number(proof.log, 1)
    .number(proof.index, 4)
    .number(proof.size - proof.index - 1, 1)
    .number(proof.ledgerSize, 6)
    .number(proof.path.length, 1);
  for (const sibling of proof.path) writer.bytes(sibling);
  writer.bytes(proof.signature).number(proof.cosignatures.length, 1);
  for (const { id, time, signature } of proof.cosignatures)
    writer.bytes(id).number(time, 4).bytes(signature);
  return writer.done();
}

/** Reads a proof without verifying anything. @throws PrintedProofRefused */
export function decodeProof(bytes: Uint8Array): PrintedProof {
  const reader = new FieldReader(bytes);
  const factBytes = reader.bytes(atMost(printedFactsLimits.whole, reader.number(1)));
  const factsSignature = reader.bytes(SIGNATURE_BYTES);
  const log = reader.number(1);
  const index = reader.number(4);
  const size = index + 1 + reader.number(1);
  const ledgerSize = reader.number(6);
  const path = Array.from({ length: atMost(printLogLimits.path, reader.number(1)) }, () =>
    reader.bytes(HASH_BYTES),
  );
  const signature = reader.bytes(SIGNATURE_BYTES);
  const cosignatures = Array.from(
    { length: atMost(printLogLimits.cosignatures, reader.number(1)) },
    () => ({
      id: reader.bytes(ID_BYTES),
      time: reader.number(4),
      signature: reader.bytes(SIGNATURE_BYTES),
    }),
  );
  reader.end();
  const inOrder = cosignatures.every(
    ({ id }, n) => n === 0 || numberOf(cosignatures[n - 1]?.id) < numberOf(id),
  );
  if (log === 0 || size > printLogLimits.leaves || !inOrder) throw unreadable();
  const facts = decodeFacts(factBytes);
  return {
    factBytes,
    facts,
    factsSignature,
    log,
    index,
    size,
    ledgerSize,
    path,
    signature,
    cosignatures,
  };
}

/** An id as the number that orders cosignatures. */
const numberOf = (id: Uint8Array = new Uint8Array()): number => new FieldReader(id).number(4);

function atMost(limit: number, value: number): number {
  if (value > limit) throw unreadable();
  return value;
}
