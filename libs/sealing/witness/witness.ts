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
/** The old size is not that of the checkpoint which was cosigned last (409). */
export class OldSizeOther extends ConflictError<'old_size_other'> {
  constructor(readonly size: number) {
    super('old_size_other', 'the checkpoint cosigned last has another size', { size });
  }
}
/** The checkpoint is not shown to continue the one that was cosigned last (422). */
export class TreeInconsistent extends InvalidError<'tree_inconsistent'> {}

/**
 * Where a witness keeps the latest checkpoint of each log. `swap` **must** be atomic, and durable when it resolves: it replaces what is
 * kept only where that is still `before` (null: nothing yet), and says whether it did.
 */
export abstract class WitnessMemory {
  /** Bytes of the note; null where the log was never cosigned. */
  abstract latest(origin: string): Promise<Uint8Array | null>;
  abstract swap(origin: string, before: Uint8Array | null, after: Uint8Array): Promise<boolean>;
}

const maxProof = 63;

/** C2SP tlog-witness: what a witness decides. Its key, its memory and its clock are its own. */
export class WitnessDesk {
  readonly #logs: ReadonlyMap<string, readonly VerifierKey[]>;

  /**
   * @param signer of type 0x04
   * @param logs keys of type 0x01, whose names are the logs' origins; a log may have several, and signs with any of them
   * @param now the time that cosignatures carry
   */
  constructor(
    private readonly signer: NoteSigner,
    logs: readonly VerifierKey[],
    private readonly memory: WitnessMemory,
    private readonly now: () => Instant,
    private readonly verify: VerifyEd25519 = verifyEd25519,
  ) {
    this.#logs = Map.groupBy(logs, ({ name }) => name);
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
    // Between looking and keeping another request may have been answered: then this one has an old size that is old.
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
 * What the witness keeps and shows has the log's own signatures only, one of each key: anybody could have added others, or the same again.
 * Every line of a known key must verify.
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
    if (old === undefined || !Number.isSafeInteger(Number(old)) || lines.length > maxProof)
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
