import { setTimeout as wait } from 'node:timers/promises';
import { hex } from '#libs/kernel';
import {
  formatNote,
  formatReceipt,
  type NoteSigner,
  parseCheckpoint,
  ProofError,
  type Sha256,
  type SignedCheckpoint,
  verifyInclusion,
} from '#libs/log';
import { type BookOnFile, signStreamHead } from '#libs/verify';
import type { FoundLeaf, Leaf, Leaves, LogShelf } from './ports.js';
import type { RecordName } from './receipt-office.js';
import type { Sealer } from './sealer.js';
import { RecordUnknown, SealPending } from './sealing.errors.js';
import { TileMemory } from './tile-memory.js';
import { TileReading } from './tile-reading.js';

export type { RecordName } from './receipt-office.js';

export interface ReceiptsOptions {
  readonly shelf: LogShelf;
  readonly leaves: Leaves;
  readonly signer: NoteSigner;
  readonly hash: Sha256;
  /** The sealer of this process; where another process seals, its checkpoints are read from the shelf. */
  readonly sealer: Pick<Sealer, 'state' | 'checkpoint' | 'reached'>;
  /** Tiles that were read before; the sealer of this process puts the newest there. */
  readonly memory?: TileMemory;
}

/** How often a process looks whether another one has published a checkpoint that it waits for, in milliseconds. */
const lookMs = 10;

/** Receipts by record: a few tiles each, whatever the size of the log. */
export class Receipts {
  readonly #reading: TileReading;

  constructor(private readonly options: ReceiptsOptions) {
    const { shelf, leaves, hash, memory = new TileMemory() } = options;
    this.#reading = new TileReading(shelf, leaves, hash, memory);
  }

  /**
   * The receipt of a record, a C2SP tlog-proof whose extra data are the leaf hash.
   * @throws RecordUnknown where the ledger has no record of that name and hash; SealPending where it is not under a checkpoint yet
   */
  async of(record: RecordName): Promise<string> {
    const receipt = await this.#receipt(record, await this.#latest());
    if (receipt === null) throw pending();
    return receipt;
  }

  /** The same, waiting for the seal; null where it did not come within `ms`. @throws RecordUnknown */
  async within(record: RecordName, ms: number): Promise<string | null> {
    const until = performance.now() + ms;
    let leaf = await this.#leaf(record);
    for (;;) {
      const latest = await this.#lately();
      if (!isPlaced(leaf)) leaf = await this.#leaf(record);
      if (latest !== null && isPlaced(leaf) && leaf.index < latest.size)
        return this.#prove(leaf, latest);
      const left = until - performance.now();
      if (left <= 0) return null;
      await this.#next(1 + (leaf.index ?? latest?.size ?? 0), left);
    }
  }

  /** Until the sealer of this process reaches `size`; where another process seals, until it is time to look again. */
  async #next(size: number, left: number): Promise<void> {
    const { sealer } = this.options;
    if (sealer.state === 'sealing') await sealer.reached(size, left);
    else await wait(Math.min(left, lookMs));
  }

  /** The latest published checkpoint, or the one before: all who wait in this process look together. */
  #lately(): Promise<SignedCheckpoint | null> {
    const now = performance.now();
    if (this.options.sealer.state === 'sealing') return this.#latest();
    if (this.#look === undefined || now - this.#look.at >= lookMs)
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

  /**
   * A whole stream with a receipt for each record and the signed head, all under the latest checkpoint: what `verifyBook` takes.
   * @throws RecordUnknown where the stream has no sealed record; SealPending
   */
  async book(stream: string): Promise<BookOnFile> {
    const { leaves, signer } = this.options;
    const checkpoint = await this.checkpoint();
    const { origin, size, root } = checkpoint;
    const records = await leaves.stream(stream, size);
    const last = records.at(-1);
    if (last === undefined) throw unknown();
    const receipts = [];
    for (const leaf of records) receipts.push(Buffer.from(await this.#prove(leaf, checkpoint)));
    const head = { origin, stream, version: last.version, leaf: last.hash, size, root };
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
    const note = await this.options.shelf.published();
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

  /** Verified before it is handed over: a receipt that does not hold is worse than none. */
  async #prove(leaf: Leaf, checkpoint: SignedCheckpoint): Promise<string> {
    try {
      return await this.#proved(leaf, checkpoint);
    } catch (error) {
      if (!(error instanceof ProofError)) throw error;
      // Tiles in memory may be those of a database that was put back since.
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

const isPlaced = (leaf: FoundLeaf): leaf is Leaf => leaf.index !== null;
const unknown = () => new RecordUnknown('record_unknown', 'the ledger has no such record');
const pending = () =>
  new SealPending(
    'seal_pending',
    'the record is not under a published checkpoint yet',
    {},
    { retryAfterSeconds: 1 },
  );
