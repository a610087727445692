import { sha256 } from '@noble/hashes/sha2.js';
import { RefusedError } from '#libs/kernel';
import {
  findCosignature,
  formatCheckpoint,
  HASH_BYTES,
  isTrialOrigin,
  leafHash,
  parseReceipt,
  readRecord,
  type RecordBody,
  sameBytes,
  type Sha256,
  type SignedCheckpoint,
  verifyEd25519,
  type VerifyEd25519,
  verifyInclusion,
} from '#libs/log';
import { isQuorum, keysOfLog, type Policy } from './policy.js';
import { verifySignedByLog } from './signed-by-log.js';

/** The receipt is well formed, and does not show what it should. */
export class NotProved extends RefusedError<
  'log_unknown' | 'quorum_missing' | 'record_unknown' | 'record_other' | 'record_of_other_log'
> {}

/**
 * How hashes and signatures are computed: by code that runs in a browser, unless something faster
 * is passed.
 */
export interface Means {
  readonly hash?: Sha256;
  readonly verify?: VerifyEd25519;
}

/** A checkpoint that a log of the policy signed and enough witnesses cosigned. */
export interface TrustedCheckpoint {
  readonly checkpoint: SignedCheckpoint;
  /** Whether it is the log of a trial: whatever it proves is of no city. */
  readonly trial: boolean;
  /** Names in the policy, with the time of the cosignature in seconds since 1970. */
  readonly witnesses: readonly { readonly name: string; readonly time: bigint }[];
}

export interface VerifiedReceipt extends TrustedCheckpoint {
  /** Of the leaf in the log, from 0. */
  readonly index: number;
  readonly leaf: Uint8Array;
  /** Where the receipt, or the caller, brought the record itself. */
  readonly record: RecordBody | null;
}

/**
 * Whether a checkpoint is to be trusted under a policy: its origin is exactly the name of a log of
 * the policy, one of that name's keys signed it, and the witnesses that cosigned are a quorum.
 * Signatures of unknown keys are ignored; a wrong one in a known key's name is refused.
 * @throws NotProved, NoteError
 */
export function trustCheckpoint(
  checkpoint: SignedCheckpoint,
  policy: Policy,
  { verify = verifyEd25519 }: Means = {},
): TrustedCheckpoint {
  const { origin, note } = checkpoint;
  const keys = keysOfLog(policy, origin);
  if (keys.length === 0)
    throw new NotProved('log_unknown', 'the policy does not name this log', { origin });
  verifySignedByLog(note, keys, verify);
  const witnesses = policy.witnesses.flatMap(({ name, key }) => {
    const cosignature = findCosignature(checkpoint, key, verify);
    return cosignature === null ? [] : [{ name, time: cosignature.time }];
  });
  if (!isQuorum(policy.quorum, new Set(witnesses.map(({ name }) => name))))
    throw new NotProved('quorum_missing', 'too few witnesses of the policy cosigned', {
      cosigned: witnesses.map(({ name }) => name),
    });
  return { checkpoint, trial: isTrialOrigin(origin), witnesses };
}

/**
 * C2SP tlog-proof, "Verifying a tlog proof", from public keys alone. The leaf is that of `record`
 * (its bytes as stored) where given, else the receipt's own, which proves that the log has it and
 * not that it is the intended one: compare `leaf`.
 * @param bytes of the receipt, untrusted
 * @throws NotProved, ProofError, ReceiptError, CheckpointError, NoteError, RecordError; nothing
 *   else, whatever the bytes
 */
export const verifyReceipt = (
  bytes: Uint8Array,
  policy: Policy,
  record: Uint8Array | null = null,
  means: Means = {},
): VerifiedReceipt => receiptVerifier(policy, means)(bytes, record);

/**
 * What `verifyReceipt` is, for many receipts: a checkpoint that several of them stand under is
 * verified for the first one alone, its signatures being most of the work.
 */
export function receiptVerifier(
  policy: Policy,
  means: Means = {},
): (bytes: Uint8Array, record: Uint8Array | null) => VerifiedReceipt {
  const { hash = sha256 } = means;
  // By the whole note, signatures and all: where that is the same, so is what comes of it.
  const known = new Map<string, TrustedCheckpoint>();
  const trust = (checkpoint: SignedCheckpoint): TrustedCheckpoint => {
    const note = formatCheckpoint(checkpoint);
    const trusted = known.get(note) ?? trustCheckpoint(checkpoint, policy, means);
    known.set(note, trusted);
    return trusted;
  };
  return (bytes, record) => {
    const receipt = parseReceipt(bytes);
    const trusted = trust(receipt.checkpoint);

    const brought = receipt.extra?.length === HASH_BYTES ? null : receipt.extra;
    const recordBytes = record ?? brought;
    const leaf = recordBytes === null ? receipt.extra : leafHash(recordBytes, hash);
    if (leaf === null)
      throw new NotProved(
        'record_unknown',
        'neither receipt nor caller says which record is meant',
      );
    if (record !== null && receipt.extra !== null) {
      const other = brought === null ? receipt.extra : leafHash(brought, hash);
      if (!sameBytes(leaf, other))
        throw new NotProved('record_other', 'the receipt is of another record');
    }
    const { index, path, checkpoint } = receipt;
    verifyInclusion(leaf, index, checkpoint.size, path, checkpoint.root, hash);

    const body = recordBytes === null ? null : readRecord(recordBytes);
    if (body !== null && body.city !== checkpoint.origin)
      throw new NotProved(
        'record_of_other_log',
        'the record names another log than the checkpoint',
        { origin: checkpoint.origin },
      );
    return { ...trusted, index, leaf, record: body };
  };
}
