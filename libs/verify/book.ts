import { sha256 } from '@noble/hashes/sha2.js';
import { hex, RefusedError } from '#libs/kernel';
import {
  base64,
  fromBase64,
  HASH_BYTES,
  isCount,
  isTrialOrigin,
  leafHash,
  type Note,
  type NoteSigner,
  parseNote,
  readRecord,
  type RecordBody,
  sameBytes,
  signNote,
  type Sha256,
  verifyEd25519,
} from '#libs/log';
import { keysOfLog, type Policy } from './policy.js';
import { bookOf } from './book-name.js';
import { checkConsents } from './book-consents.js';
import { type Means, receiptVerifier, type VerifiedReceipt } from './receipt.js';
import { verifySignedByLog } from './signed-by-log.js';

/** The list of a stream's records is not shown to be whole, in order, and all of it. */
export class BookRefused extends RefusedError<
  | 'chain_gap' // a version is missing or occurs twice
  | 'chain_broken' // a record does not name the one before it
  | 'chain_of_other_stream'
  | 'chain_of_other_log'
  | 'head_malformed'
  | 'head_other' // the signed head is of another stream, or not the list's last record
  | 'head_of_other_checkpoint'
  | 'caller_not_principal' // an answer names a caller other than the book's subject
  | 'receipt_missing'
  | 'receipt_of_other_checkpoint'
> {}

/**
 * A stream's end as the city signs it for one checkpoint: of all leaves before `size`, those of
 * this stream end with `version`. A record of a later version whose leaf index is below `size`
 * proves that the city lied (`contradicts`).
 */
export interface StreamHead {
  readonly origin: string;
  readonly stream: string;
  readonly version: number;
  /** Leaf hash of the last record, 32 bytes. */
  readonly leaf: Uint8Array;
  /** Of the checkpoint. */
  readonly size: number;
  readonly root: Uint8Array;
}

// Holds spaces, as no origin does: a signed head can never be read as a checkpoint, nor a
// checkpoint as a head.
const headLine = 'mianzheng stream head v1';

const headText = ({ origin, stream, version, leaf, size, root }: StreamHead): string =>
  `${headLine}\n${origin}\n${stream}\n${version}\n${base64(leaf)}\n${size}\n${base64(root)}\n`;

/** @param signer the log's own (type 0x01, its name the origin) */
export function signStreamHead(head: StreamHead, signer: NoteSigner): Note {
  const text = headText(head);
  return { text, signatures: [signNote(text, signer)] };
}

/** @throws BookRefused, NoteError */
export function openStreamHead(
  bytes: Uint8Array,
  policy: Policy,
  { verify = verifyEd25519 }: Means = {},
): StreamHead {
  const note = parseNote(bytes);
  const [, origin = '', stream = '', version = '', leaf = '', size = '', root = ''] =
    note.text.split('\n');
  const head = {
    origin,
    stream,
    version: Number(version),
    leaf: fromBase64(leaf) ?? new Uint8Array(),
    size: Number(size),
    root: fromBase64(root) ?? new Uint8Array(),
  };
  if (
    headText(head) !== note.text ||
    !isCount(head.version) ||
    !isCount(head.size) ||
    head.leaf.length !== HASH_BYTES ||
    head.root.length !== HASH_BYTES
  )
    throw new BookRefused('head_malformed', 'the note is no head of a stream');
  const trusted = keysOfLog(policy, origin);
  if (trusted.length === 0)
    throw new BookRefused('chain_of_other_log', 'the policy does not name this log', { origin });
  verifySignedByLog(note, trusted, verify);
  return head;
}

export interface Chain {
  readonly records: readonly RecordBody[];
  /** Leaf hash of each. */
  readonly leaves: readonly Uint8Array[];
}

/**
 * The records of one stream from version 0 on, each naming the one before it by its hash.
 * @param list stored bytes, in order
 * @throws BookRefused, RecordError
 */
export function verifyChain(
  list: readonly Uint8Array[],
  expected: { readonly origin: string; readonly stream: string },
  hash: Sha256 = sha256,
): Chain {
  const records: RecordBody[] = [];
  const leaves: Uint8Array[] = [];
  list.forEach((bytes, version) => {
    const record = readRecord(bytes);
    const at = { version };
    if (record.stream !== expected.stream)
      throw new BookRefused('chain_of_other_stream', 'a record is of another stream', at);
    if (record.city !== expected.origin)
      throw new BookRefused('chain_of_other_log', 'a record is of another log', at);
    if (record.version !== version)
      throw new BookRefused('chain_gap', 'a version is missing or stands twice', at);
    const before = leaves.at(-1);
    if (record.prev !== (before === undefined ? null : hex(before)))
      throw new BookRefused('chain_broken', 'a record does not name the one before it', at);
    records.push(record);
    leaves.push(leafHash(bytes, hash));
  });
  return { records, leaves };
}

export interface BookOnFile {
  readonly stream: string;
  /** Stored bytes of the records, from version 0. */
  readonly records: readonly Uint8Array[];
  /** A receipt for each, all under the checkpoint of the head. */
  readonly receipts: readonly Uint8Array[];
  /** The signed note of the stream's head. */
  readonly head: Uint8Array;
}

export interface VerifiedBook extends Chain {
  /** Whether it is the log of a trial. */
  readonly trial: boolean;
  readonly head: StreamHead;
  readonly receipts: readonly VerifiedReceipt[];
}

/**
 * Verifies that a stream is complete: contiguous, chained, each record sealed, up to the head that
 * the city signed for a checkpoint which the policy trusts. Each answer names the book's own
 * subject, and each grant matches its request.
 * @throws BookRefused, BookConsentsRefused, and what verifyReceipt throws
 */
export function verifyBook(book: BookOnFile, policy: Policy, means: Means = {}): VerifiedBook {
  const { hash = sha256 } = means;
  const head = openStreamHead(book.head, policy, means);
  const chain = verifyChain(book.records, { origin: head.origin, stream: book.stream }, hash);
  const last = chain.leaves.at(-1);
  if (
    head.stream !== book.stream ||
    head.version !== book.records.length - 1 ||
    last === undefined ||
    !sameBytes(last, head.leaf)
  )
    throw new BookRefused('head_other', 'the signed head is not the list’s last record', {
      signed: head.version,
      listed: book.records.length - 1,
    });
  const verifyReceipt = receiptVerifier(policy, means);
  const receipts = book.records.map((record, version) => {
    const receipt = book.receipts[version];
    if (receipt === undefined)
      throw new BookRefused('receipt_missing', 'a record has no receipt', { version });
    const verified = verifyReceipt(receipt, record);
    const { origin, size, root } = verified.checkpoint;
    if (origin !== head.origin || size !== head.size || !sameBytes(root, head.root))
      throw new BookRefused(
        'receipt_of_other_checkpoint',
        'a receipt stands under another checkpoint than the head',
        { version },
      );
    return verified;
  });
  checkCallers(chain.records);
  checkConsents(chain.records, hash);
  return { ...chain, trial: isTrialOrigin(head.origin), head, receipts };
}

const answers = new Set([
  'ConsentGranted',
  'ConsentRefused',
  'ConsentWithdrawn',
  'NumberMismatched',
]);

/**
 * The book's name follows from its subject, so that whom an answer names can be held against it.
 * That the key which signed is that caller's is in the subject's own stream: see `verify ledger`.
 */
function checkCallers(records: readonly RecordBody[]): void {
  for (const { stream, version, type, schema, data } of records) {
    if (schema !== 1 || !answers.has(type)) continue;
    const { caller } = data;
    if (typeof caller !== 'string' || bookOf(caller) !== stream)
      throw new BookRefused(
        'caller_not_principal',
        'an answer names a caller who is not the subject of the book',
        { version },
      );
  }
}

/**
 * Whether a record proves a book wrong that was shown to be whole: it is of that stream and log,
 * and not in the book, though it had to be. At a version that the book has, the log holds two of
 * one version; past the head, it was in the tree for which the head was signed (one that was sealed
 * later proves nothing).
 * @param found from `verifyReceipt`, with the record itself
 */
export function contradicts(
  { head, leaves }: Pick<VerifiedBook, 'head' | 'leaves'>,
  { record, checkpoint, index, leaf }: VerifiedReceipt,
): boolean {
  if (record?.stream !== head.stream || checkpoint.origin !== head.origin) return false;
  const listed = leaves[record.version];
  return listed === undefined ? index < head.size : !sameBytes(leaf, listed);
}
