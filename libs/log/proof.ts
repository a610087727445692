import { InvalidError, utf8Bytes, utf8Text } from '#libs/kernel';
import { base64, fromBase64 } from './base64.js';
import { formatCheckpoint, parseCheckpoint, type SignedCheckpoint } from './checkpoint.js';
import { HASH_BYTES, isCount } from './merkle.js';

/**
 * C2SP tlog-proof: what a receipt is. `extra` is not authenticated by itself: it holds the leaf
 * hash (32 bytes) or the record's bytes, and the proof decides whether the log has them.
 */
export interface Receipt {
  readonly extra: Uint8Array | null;
  /** Of the leaf, from 0. */
  readonly index: number;
  /** The leaf's sibling first. */
  readonly path: readonly Uint8Array[];
  readonly checkpoint: SignedCheckpoint;
}

export class ReceiptError extends InvalidError<'receipt_malformed' | 'receipt_too_large'> {}

const firstLine = 'c2sp.org/tlog-proof@v1';
const maxReceiptBytes = 1024 * 1024;
/** A tree of 2^63 leaves has no longer path. */
const maxPathHashes = 63;

export function formatReceipt({ extra, index, path, checkpoint }: Receipt): string {
  const lines = [
    firstLine,
    ...(extra === null ? [] : [`extra ${base64(extra)}`]),
    `index ${index}`,
    ...path.map(base64),
  ];
  return `${lines.join('\n')}\n\n${formatCheckpoint(checkpoint)}`;
}

/** Reads a receipt without verifying anything. @throws ReceiptError, CheckpointError, NoteError */
export function parseReceipt(bytes: Uint8Array): Receipt {
  if (bytes.length > maxReceiptBytes)
    throw new ReceiptError('receipt_too_large', 'the receipt has more than 1 MiB');
  const text = textOf(bytes);
  const cut = text.indexOf('\n\n');
  if (cut < 0) throw malformed();
  const lines = text.slice(0, cut).split('\n');
  if (lines.shift() !== firstLine) throw malformed();
  const extra = lines[0]?.startsWith('extra ') ? hashes(lines.shift()?.slice(6)) : null;
  const index = /^index (0|[1-9]\d*)$/.exec(lines.shift() ?? '')?.[1];
  if (index === undefined || !isCount(Number(index)) || lines.length > maxPathHashes)
    throw malformed();
  const path = lines.map(hashes);
  if (path.some(({ length }) => length !== HASH_BYTES)) throw malformed();
  const checkpoint = parseCheckpoint(utf8Bytes(text.slice(cut + 2)));
  return { extra, index: Number(index), path, checkpoint };
}

function hashes(line = ''): Uint8Array {
  const bytes = fromBase64(line);
  if (bytes === null || bytes.length === 0) throw malformed();
  return bytes;
}

function textOf(bytes: Uint8Array): string {
  try {
    return utf8Text(bytes);
  } catch (cause) {
    throw malformed(cause);
  }
}

const malformed = (cause?: unknown) =>
  new ReceiptError('receipt_malformed', 'the bytes are no receipt', {}, { cause });
