import { InvalidError, utf8Bytes } from '#libs/kernel';
import { base64, fromBase64 } from './base64.js';
import { verifyEd25519, type VerifyEd25519 } from './ed25519.js';
import { HASH_BYTES, isCount } from './merkle.js';
import {
  formatNote,
  isOf,
  NoteError,
  type Note,
  type NoteSignature,
  type NoteSigner,
  parseNote,
  SignatureType,
  signNote,
  type VerifierKey,
  verifyNote,
} from './note.js';

/** C2SP tlog-checkpoint: the head of a log's tree, signed as a note. */
export interface Checkpoint {
  readonly origin: string;
  /** Leaves of the tree. */
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
}

export interface SignedCheckpoint extends Checkpoint {
  readonly note: Note;
}

/** The note is no checkpoint, or another log's. */
export class CheckpointError extends InvalidError<'checkpoint_malformed' | 'origin_other'> {}

export const checkpointText = ({ origin, size, root }: Checkpoint): string =>
  `${origin}\n${size}\n${base64(root)}\n`;

/** @param signer of type 0x01, whose name is the origin */
export function signCheckpoint(checkpoint: Checkpoint, signer: NoteSigner): SignedCheckpoint {
  const text = checkpointText(checkpoint);
  return { ...checkpoint, note: { text, signatures: [signNote(text, signer)] } };
}

export const formatCheckpoint = ({ note }: SignedCheckpoint): string => formatNote(note);

/**
 * Reads a checkpoint without verifying anything. Extension lines are refused: no monitor can audit
 * them, and this log writes none.
 * @throws CheckpointError, NoteError
 */
export function parseCheckpoint(bytes: Uint8Array): SignedCheckpoint {
  const checkpoint = parseAnyCheckpoint(bytes);
  if (checkpointText(checkpoint) !== checkpoint.note.text) throw malformed();
  return checkpoint;
}

/**
 * The same for any log: tlog-checkpoint permits extension lines, which are opaque and not empty.
 * They are signed and cosigned with the rest, and are in `note` alone.
 * @throws CheckpointError, NoteError
 */
export function parseAnyCheckpoint(bytes: Uint8Array): SignedCheckpoint {
  const note = parseNote(bytes);
  const [origin = '', count = '', hash = '', ...more] = note.text.split('\n');
  const size = Number(count);
  const root = fromBase64(hash);
  if (
    origin === '' ||
    !/^(0|[1-9]\d*)$/.test(count) ||
    !isCount(size) ||
    root?.length !== HASH_BYTES ||
    // The text ends in a newline, and no line of it is empty.
    more.indexOf('') !== more.length - 1
  )
    throw malformed();
  return { origin, size, root, note };
}

const malformed = () =>
  new CheckpointError('checkpoint_malformed', 'the note has not the lines of a checkpoint');

/**
 * A checkpoint of exactly this log: its origin is `origin`, and `key` signed it.
 * @throws CheckpointError, NoteError
 */
export function openCheckpoint(
  bytes: Uint8Array,
  origin: string,
  key: VerifierKey,
  verify: VerifyEd25519 = verifyEd25519,
): SignedCheckpoint {
  const checkpoint = parseCheckpoint(bytes);
  if (checkpoint.origin !== origin)
    throw new CheckpointError('origin_other', 'the checkpoint is another log’s', { origin });
  verifyNote(checkpoint.note, key, verify);
  return checkpoint;
}

/**
 * A verified cosignature/v1: as of `time` (seconds since 1970, at most 2^63 − 1) this was the
 * largest consistent tree that the witness knew. A time of 0 is accepted like any other.
 */
export interface Cosignature {
  readonly key: VerifierKey;
  readonly time: bigint;
}

const latestTime = 2n ** 63n - 1n;

/** C2SP tlog-cosignature: what a witness signs. */
const cosigned = (text: string, time: bigint | number): Uint8Array =>
  utf8Bytes(`cosignature/v1\ntime ${time}\n${text}`);

/**
 * @param time whole seconds since 1970; tlog-witness forbids a witness 0. @param signer of type
 * 0x04
 */
export function cosign(
  { note }: SignedCheckpoint,
  time: bigint | number,
  signer: NoteSigner,
): NoteSignature {
  const stamped = new Uint8Array(8 + 64);
  new DataView(stamped.buffer).setBigUint64(0, BigInt(time));
  stamped.set(signer.sign(cosigned(note.text, time)), 8);
  return { name: signer.key.name, id: signer.key.id, signature: stamped };
}

/**
 * The cosignature of one witness on a checkpoint; `null` where it did not cosign. Lines of its name
 * and id must all verify.
 * @param key of type 0x04
 * @throws NoteError with code signature_wrong
 */
export function findCosignature(
  { note }: SignedCheckpoint,
  key: VerifierKey,
  verify: VerifyEd25519 = verifyEd25519,
): Cosignature | null {
  if (key.type !== SignatureType.cosignature) return null;
  let found: Cosignature | null = null;
  for (const line of note.signatures) {
    if (!isOf(key, line)) continue;
    const { signature } = line;
    const time = signature.length === 72 ? timeOf(signature) : null;
    if (
      time === null ||
      time > latestTime ||
      !verify(signature.subarray(8), cosigned(note.text, time), key.publicKey)
    )
      throw new NoteError('signature_wrong', 'a cosignature in the witness’s name is not its own', {
        key: key.name,
      });
    if (found === null || time > found.time) found = { key, time };
  }
  return found;
}

const timeOf = (signature: Uint8Array) =>
  new DataView(signature.buffer, signature.byteOffset).getBigUint64(0);

/** The same checkpoint with one more line below it. */
export const withSignature = (
  checkpoint: SignedCheckpoint,
  signature: NoteSignature,
): SignedCheckpoint => ({
  ...checkpoint,
  note: {
    text: checkpoint.note.text,
    signatures: [...checkpoint.note.signatures, signature],
  },
});
