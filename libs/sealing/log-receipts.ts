import { setTimeout as wait } from 'node:timers/promises';
import { StoreDamaged } from '#libs/event-store';
import { hex } from '#libs/kernel';
import {
  formatNote,
  formatReceipt,
  type NoteSigner,
  parseCheckpoint,
  ProofError,
  RecordError,
  sameBytes,
  type Sha256,
  type SignedCheckpoint,
  verifyInclusion,
} from '#libs/log';
import { type BookOnFile, BookRefused, signStreamHead, verifyChain } from '#libs/verify';
import type { FoundLeaf, Leaf, Leaves, LogStorage } from './ports.js';
import { ProvenStreams } from './proven-streams.js';
import type { RecordName } from './receipts.js';
import type { Sealer } from './sealer.js';
import { RecordUnknown, SealPending } from './sealing.errors.js';
import { TileMemory } from './tile-memory.js';
import { TileReading } from './tile-reading.js';

export type { RecordName } from './receipts.js';

export interface ReceiptsOptions {
  readonly storage: LogStorage;
  readonly leaves: Leaves;
  readonly signer: NoteSigner;
  readonly hash: Sha256;
  /**
   * The sealer of this process; where another process seals, its checkpoints are read from the
   * storage.
   */
  readonly sealer: Pick<Sealer, 'state' | 'checkpoint' | 'reached'>;
  /** A cache of tiles; the sealer of this process adds the newest. */
  readonly memory?: TileMemory;
}

/**
 * How often a process checks for a checkpoint of another process that it waits for, in
 * milliseconds, with growing pauses.
 */
const lookMs = { first: 10, most: 160 };

/** Receipts by record: a few tiles each, whatever the size of the log. */
export class LogReceipts extends ProvenStreams {
  readonly #reading: TileReading;

  constructor(private readonly options: ReceiptsOptions) {
    super();
    const { storage, leaves, hash, memory = new TileMemory() } = options;
    this.#reading = new TileReading(storage, leaves, hash, memory);
  }

  /**
   * The receipt of a record, a C2SP tlog-proof whose extra data are the leaf hash.
   * @param checkpoint under which it is proved; by default the latest
   * @throws RecordUnknown where the ledger has no record of that name and hash; SealPending where
   *   it is not under a checkpoint yet
   */
  async of(record: RecordName, checkpoint?: SignedCheckpoint): Promise<string> {
    const receipt = await this.#receipt(record, checkpoint ?? (await this.#latest()));
    if (receipt === null) throw pending();
    return receipt;
  }

  /**
   * The same, waiting for the seal; null where it did not come within `ms`. @throws RecordUnknown
   */
  async within(record: RecordName, ms: number): Promise<string | null> {
    const until = performance.now() + ms;
    let leaf = await this.#leaf(record);
    let pause = lookMs.first;
    let asked = 0;
    for (;;) {
      const latest = await this.#lately(pause);
      // It is a leaf once it is under a checkpoint, so there is no need to look before a new one.
      if (latest !== null && latest.size > asked && !isPlaced(leaf)) {
        leaf = await this.#placed(leaf, record);
        asked = latest.size;
      }
      if (latest !== null && isPlaced(leaf) && leaf.index < latest.size)
        return this.#prove(leaf, latest);
      const left = until - performance.now();
      if (left <= 0) return null;
      await this.#next(1 + (leaf.index ?? latest?.size ?? 0), Math.min(left, pause), left);
      pause = Math.min(pause * 2, lookMs.most);
    }
  }

  /**
   * Until the sealer of this process reaches `size`; where another process seals, until the next
   * check is due.
   */
  async #next(size: number, pause: number, left: number): Promise<void> {
    const { sealer } = this.options;
    if (sealer.state === 'sealing') await sealer.reached(size, left);
    else await wait(pause);
  }

  /**
   * The latest published checkpoint, or the one before: all waiting requests of this process share
   * one read.
   */
  #lately(pause: number): Promise<SignedCheckpoint | null> {
    const now = performance.now();
    if (this.options.sealer.state === 'sealing') return this.#latest();
    if (this.#look === undefined || now - this.#look.at >= pause)
      this.#look = { at: now, found: this.#latest() };
    return this.#look.found;
  }
  #look: { readonly at: number; readonly found: Promise<SignedCheckpoint | null> } | undefined;

  /** The latest published checkpoint. @throws SealPending where there is none yet */
  async checkpoint(): Promise<SignedCheckpoint> {
    const latest = await this.#latest();
    if (latest === null) throw pending();
    return latest;
  }

  override async whole(stream: string, last?: RecordName): Promise<BookOnFile> {
    const { leaves, signer } = this.options;
    if (last !== undefined) await this.within(last, patienceMs);
    const checkpoint = await this.checkpoint();
    const { origin, size, root } = checkpoint;
    const records = await leaves.stream(stream, size);
    const end = records.at(-1);
    if (end === undefined) throw unknown();
    checkWhole(stream, origin, records, this.options.hash);
    const receipts = [];
    for (const leaf of records) receipts.push(Buffer.from(await this.#prove(leaf, checkpoint)));
    const head = { origin, stream, version: end.version, leaf: end.hash, size, root };
    return {
      stream,
      records: records.map(({ bytes }) => bytes),
      receipts,
      head: Buffer.from(formatNote(signStreamHead(head, signer))),
    };
  }

  async #latest(): Promise<SignedCheckpoint | null> {
    const { state, checkpoint } = this.options.sealer;
    if (state === 'sealing' && checkpoint !== null) return checkpoint;
    const note = await this.options.storage.published();
    return note === null ? null : parseCheckpoint(note);
  }

  async #receipt(record: RecordName, checkpoint: SignedCheckpoint | null): Promise<string | null> {
    const leaf = await this.#leaf(record);
    return checkpoint === null || !isPlaced(leaf) || leaf.index >= checkpoint.size
      ? null
      : this.#prove(leaf, checkpoint);
  }

  async #leaf({ stream, version, hash }: RecordName): Promise<FoundLeaf> {
    const leaf = await this.options.leaves.find(stream, version);
    if (leaf === null || hex(leaf.hash) !== hash) throw unknown();
    return leaf;
  }

  async #placed(leaf: FoundLeaf, { stream, version, hash }: RecordName): Promise<FoundLeaf> {
    const placed = await this.options.leaves.placed(stream, version);
    if (placed !== null && hex(placed.hash) !== hash) throw unknown();
    return placed ?? leaf;
  }

  /** Verified before it is returned: an invalid receipt is worse than none. */
  async #prove(leaf: Leaf, checkpoint: SignedCheckpoint): Promise<string> {
    try {
      return await this.#proved(leaf, checkpoint);
    } catch (error) {
      if (!(error instanceof ProofError)) throw error;
      // Cached tiles may be those of a database that was restored since.
      this.#reading.forget();
      return this.#proved(leaf, checkpoint);
    }
  }

  async #proved({ hash, index }: Leaf, checkpoint: SignedCheckpoint): Promise<string> {
    const { size, root } = checkpoint;
    const path = await this.#reading.inclusion(index, size);
    verifyInclusion(hash, index, size, path, root, this.options.hash);
    return formatReceipt({ extra: hash, index, path, checkpoint });
  }
}

/**
 * The sealed part of a stream begins at version 0, has no gap, and each record has the hash of the
 * one before it. @throws StoreDamaged
 */
function checkWhole(
  stream: string,
  origin: string,
  records: readonly (Leaf & { readonly bytes: Uint8Array })[],
  hash: Sha256,
): void {
  const damaged = (version: number, cause?: unknown) =>
    new StoreDamaged(
      'store_damaged',
      'the sealed records of a stream are not whole',
      { stream, version },
      { cause },
    );
  const bytes = records.map((record) => record.bytes);
  try {
    const { leaves } = verifyChain(bytes, { origin, stream }, hash);
    const wrong = records.find(
      (record, n) => record.version !== n || !sameBytes(record.hash, leaves[n] ?? new Uint8Array()),
    );
    if (wrong !== undefined) throw damaged(wrong.version);
  } catch (cause) {
    if (cause instanceof BookRefused || cause instanceof RecordError)
      throw damaged(Number(cause.facts['version'] ?? -1), cause);
    throw cause;
  }
}

/** How long a whole stream waits for the seal of its last record, in milliseconds. */
const patienceMs = 1000;

const isPlaced = (leaf: FoundLeaf): leaf is Leaf => leaf.index !== null;
const unknown = () => new RecordUnknown('record_unknown', 'the ledger has no such record');
const pending = () =>
  new SealPending(
    'seal_pending',
    'the record is not under a published checkpoint yet',
    {},
    { retryAfterSeconds: 1 },
  );
