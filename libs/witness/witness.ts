import {
  ConflictError,
  type Instant,
  epochSeconds,
  InvalidError,
  AbsentError,
  RefusedError,
  utf8Bytes,
  utf8Text,
} from '#libs/kernel';
import {
  CheckpointError,
  cosign,
  emptyRoot,
  formatCheckpoint,
  formatSignature,
  fromBase64,
  HASH_BYTES,
  isOf,
  NoteError,
  type NoteSigner,
  parseAnyCheckpoint,
  ProofError,
  sameBytes,
  type SignedCheckpoint,
  type VerifierKey,
  verifyConsistency,
  verifyEd25519,
  type VerifyEd25519,
  verifyNote,
  withSignature,
} from '#libs/log';

/** The request is not one of add-checkpoint (400). */
export class WitnessRequestInvalid extends InvalidError<'witness_request_invalid'> {}
/** The witness does not know the log (404). */
export class LogUnknown extends AbsentError<'log_unknown' | 'log_never_cosigned'> {}
/** The log did not sign the checkpoint (403). */
export class CheckpointNotSigned extends RefusedError<'checkpoint_not_signed'> {}
/** The old size is not that of the checkpoint cosigned last (409). */
export class OldSizeOther extends ConflictError<'old_size_other'> {
  constructor(readonly size: number) {
    super('old_size_other', 'the checkpoint cosigned last has another size', { size });
  }
}
/** The proof does not show that the checkpoint continues the one cosigned last (422). */
export class TreeInconsistent extends InvalidError<'tree_inconsistent'> {}

/**
 * Stores the latest checkpoint of each log. `swap` **must** be atomic, and durable when it
 * resolves: it replaces the stored one only where that is still `before` (null: nothing yet), and
 * returns whether it did.
 */
export abstract class WitnessMemory {
  /** Bytes of the note; null where the log was never cosigned. */
  abstract latest(origin: string): Promise<Uint8Array | null>;
  abstract swap(origin: string, before: Uint8Array | null, after: Uint8Array): Promise<boolean>;
}

/**
 * A key by which a log signs. Its name is the log's origin, unless `origin` says otherwise
 * (tlog-checkpoint: they SHOULD match).
 */
export interface WitnessedLog extends VerifierKey {
  readonly origin?: string;
}

export const originOf = ({ origin, name }: WitnessedLog): string => origin ?? name;

const maxProofHashes = 63;

/** C2SP tlog-witness: the decisions of a witness, with its own key, memory and clock. */
export class WitnessDesk {
  readonly #logs: ReadonlyMap<string, readonly VerifierKey[]>;

  /**
   * @param signer of type 0x04
   * @param logs keys of type 0x01; a log may have several, and signs with any of them
   * @param now the time that cosignatures carry
   */
  constructor(
    private readonly signer: NoteSigner,
    logs: readonly WitnessedLog[],
    private readonly memory: WitnessMemory,
    private readonly now: () => Instant,
    private readonly verify: VerifyEd25519 = verifyEd25519,
  ) {
    this.#logs = Map.groupBy(logs, originOf);
  }

  /**
   * add-checkpoint.
   * @returns the signature line of this witness
   * @throws WitnessRequestInvalid, LogUnknown, CheckpointNotSigned, OldSizeOther, TreeInconsistent
   */
  async addCheckpoint(body: Uint8Array): Promise<string> {
    const { oldSize, proof, checkpoint } = parseRequest(body);
    const { origin, size } = checkpoint;
    const keys = this.#logs.get(origin);
    if (keys === undefined) throw new LogUnknown('log_unknown', 'this log is not known here');
    const signed = onlySignedBy(checkpoint, keys, this.verify);
    if (oldSize > size) throw invalid('the old size is larger than the checkpoint');
    const before = await this.memory.latest(origin);
    const latest = before === null ? null : parseAnyCheckpoint(before);
    if (oldSize !== (latest?.size ?? 0)) throw new OldSizeOther(latest?.size ?? 0);
    continues(latest, checkpoint, proof);

    const line = cosign(checkpoint, epochSeconds(this.now()), this.signer);
    const after = withSignature(signed, line);
    // Another request may have been answered between check and swap: then this one's old size is
    // out of date.
    if (!(await this.memory.swap(origin, before, utf8Bytes(formatCheckpoint(after))))) {
      const now = await this.memory.latest(origin);
      throw new OldSizeOther(now === null ? 0 : parseAnyCheckpoint(now).size);
    }
    return formatSignature(line);
  }

  /** The latest cosigned checkpoint of a log. @throws LogUnknown */
  async latest(origin: string): Promise<Uint8Array> {
    if (!this.#logs.has(origin)) throw new LogUnknown('log_unknown', 'this log is not known here');
    const note = await this.memory.latest(origin);
    if (note === null) throw new LogUnknown('log_never_cosigned', 'never cosigned');
    return note;
  }

  get origins(): readonly string[] {
    return [...this.#logs.keys()];
  }
}

/** @throws TreeInconsistent */
function continues(
  latest: SignedCheckpoint | null,
  { size, root }: SignedCheckpoint,
  proof: readonly Uint8Array[],
): void {
  if (size === 0 && !sameBytes(root, emptyRoot())) throw inconsistent();
  if (latest === null || latest.size === 0) {
    if (proof.length > 0) throw inconsistent();
    return;
  }
  try {
    verifyConsistency(latest.size, size, proof, latest.root, root);
  } catch (cause) {
    if (cause instanceof ProofError) throw inconsistent(cause);
    throw cause;
  }
}

/**
 * The witness stores and shows one signature of each of the log's own keys, because further lines
 * could be added by others. Every line of a known key must verify.
 * @throws CheckpointNotSigned
 */
function onlySignedBy(
  checkpoint: SignedCheckpoint,
  keys: readonly VerifierKey[],
  verify: VerifyEd25519,
): SignedCheckpoint {
  const { text, signatures } = checkpoint.note;
  const own = new Set(keys.flatMap((key) => signatures.find((line) => isOf(key, line)) ?? []));
  try {
    if (own.size === 0) throw notSigned();
    for (const key of keys)
      if (signatures.some((line) => isOf(key, line))) verifyNote(checkpoint.note, key, verify);
  } catch (cause) {
    if (!(cause instanceof NoteError)) throw cause;
    throw notSigned(cause);
  }
  return { ...checkpoint, note: { text, signatures: [...own] } };
}

function parseRequest(body: Uint8Array) {
  try {
    const text = utf8Text(body);
    const cut = text.indexOf('\n\n');
    const [first = '', ...lines] = text.slice(0, Math.max(0, cut)).split('\n');
    const old = /^old (0|[1-9]\d*)$/.exec(first)?.[1];
    if (old === undefined || !Number.isSafeInteger(Number(old)) || lines.length > maxProofHashes)
      throw invalid('the lines before the checkpoint are not those of add-checkpoint');
    const proof = lines.map((line) => {
      const hash = fromBase64(line);
      if (hash?.length !== HASH_BYTES) throw invalid('a line of the proof is no hash');
      return hash;
    });
    const checkpoint = parseAnyCheckpoint(utf8Bytes(text.slice(cut + 2)));
    return { oldSize: Number(old), proof, checkpoint };
  } catch (cause) {
    if (cause instanceof WitnessRequestInvalid) throw cause;
    if (
      cause instanceof NoteError ||
      cause instanceof CheckpointError ||
      cause instanceof TypeError
    )
      throw invalid('the checkpoint is none', cause);
    throw cause;
  }
}

const invalid = (why: string, cause?: unknown) =>
  new WitnessRequestInvalid('witness_request_invalid', why, {}, { cause });
const notSigned = (cause?: unknown) =>
  new CheckpointNotSigned(
    'checkpoint_not_signed',
    'the log did not sign this checkpoint',
    {},
    { cause },
  );
const inconsistent = (cause?: unknown) =>
  new TreeInconsistent('tree_inconsistent', 'the proof does not show it', {}, { cause });
