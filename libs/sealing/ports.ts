import type { Position, PositionedRecord } from '#libs/event-store';
import type { Checkpoint, FilledTile, Tile } from '#libs/log';
import type { RefusalCode } from './sealing.errors.js';

/** How far the log is sealed. */
export interface SealedHead {
  readonly size: number;
  readonly root: Uint8Array;
  /** Of the last sealed record in the feed. */
  readonly position: Position;
  /** Leaf hash of the last sealed record; null before the first. */
  readonly tail: Uint8Array | null;
  /** The checkpoint published last, as its note's bytes: at most as large as `size`. */
  readonly note: Uint8Array | null;
}

/** What one step of the sealer writes. */
export interface SealedStep {
  readonly before: SealedHead;
  readonly after: Omit<SealedHead, 'note'>;
  readonly tiles: readonly FilledTile[];
  /** The records that it seals, at least one, in the feed's order. */
  readonly records: readonly PositionedRecord[];
  /** The note of the checkpoint published last, where it is not stored yet: stored along. */
  readonly note: Uint8Array | null;
}

/**
 * One sealer's right to write, held until it is released or lost. An implementation **must**:
 * - give it to one holder at a time, and refuse every write of an earlier holder (SealerStopped),
 *   even one that has not noticed the loss yet;
 * - give it to another within some seconds where its holder was killed, is frozen or unreachable,
 *   and at once where it was released;
 * - write a step atomically and durably, and only where `before` is what is stored;
 * - refuse with SealingRefused('store_changed') a step whose last sealed record, before and after,
 *   is not in the ledger with the same hash;
 * - never change a full tile.
 */
export abstract class SealerLease {
  abstract read(): Promise<SealedHead>;
  /** @throws SealerStopped, SealingRefused */
  abstract write(step: SealedStep): Promise<void>;
  /** Stores the published checkpoint. A crash may lose it: it is signed again then. */
  abstract publish(checkpoint: Checkpoint, note: Uint8Array): Promise<void>;
  abstract release(): Promise<void>;
}

/** Where tiles and the sealed head are kept. */
export abstract class LogStorage {
  /**
   * Waits until no other sealer works. `lost` is called once when the lease is lost without having
   * been released.
   * @throws the signal's reason
   */
  abstract acquire(signal: AbortSignal, lost: () => void): Promise<SealerLease>;
  /** Stored bytes of tiles by `<level>/<index>`; tiles that are not stored are not in the map. */
  abstract tiles(wanted: readonly Tile[]): Promise<ReadonlyMap<string, Uint8Array>>;
  /** How far the log is sealed, for readers without the lease. */
  abstract sealed(): Promise<SealedHead>;
  /** The note of the checkpoint published last. */
  abstract published(): Promise<Uint8Array | null>;
  /**
   * Records for all processes that a sealer refused. **Must** be durable, and keep the first
   * refusal until it is lifted.
   */
  abstract refuse(code: RefusalCode, place: RefusalPlace | null): Promise<void>;
  /** The refusal in force; null where there is none. */
  abstract refusal(): Promise<Refusal | null>;
  /**
   * Lifts the refusal on an operator's command; with `only`, where it is that one. @returns the one
   * that was lifted
   */
  abstract lift(only?: RefusalCode): Promise<Refusal | null>;
}

/** The place in the event store that a sealer refused; the position in decimal. */
export interface RefusalPlace {
  readonly stream: string;
  readonly version: number;
  readonly position: string;
}

/**
 * A sealer refused: no process accepts new records, and no sealer signs, until an operator has
 * checked.
 */
export interface Refusal {
  readonly code: RefusalCode;
  /** UTC. */
  readonly since: string;
  /** Null where the finding is about the log, or about more than one record. */
  readonly place: RefusalPlace | null;
}

/** A record as a leaf of the log. */
export interface Leaf {
  readonly index: number;
  readonly version: number;
  readonly hash: Uint8Array;
}

/** A record of the ledger. Its index is null while its leaf is not determined yet. */
export type FoundLeaf = Omit<Leaf, 'index'> & { readonly index: number | null };

/** Maps records to leaves. Positions of the store stay behind this port. */
export abstract class Leaves {
  abstract find(stream: string, version: number): Promise<FoundLeaf | null>;
  /**
   * The same for a record that was found before and was no leaf yet: checks only whether it is one
   * now.
   */
  abstract placed(stream: string, version: number): Promise<Leaf | null>;
  /** Leaf hashes from `first` on, `count` × 32 bytes, fewer where the log or the ledger ends. */
  abstract hashes(first: number, count: number): Promise<Uint8Array>;
  /**
   * The records of a stream among the first `size` leaves, with their stored bytes. @throws
   * StoreDamaged where one of them is gone
   */
  abstract stream(
    stream: string,
    size: number,
  ): Promise<readonly (Leaf & { readonly bytes: Uint8Array })[]>;
  /**
   * The position in the feed after which the leaf `index` is the first record; null where the leaf
   * before it is not known.
   */
  abstract before(index: number): Promise<Position | null>;
}

/** The sealer's port to a witness. */
export abstract class Witness {
  abstract readonly name: string;
  /**
   * Whether its monitoring prefix has another address than its submission prefix (tlog-witness):
   * what is read there may be an hour old.
   */
  abstract readonly delayed: boolean;
  /**
   * Its latest checkpoint of this log by its monitoring prefix; null where it never cosigned one.
   * @throws WitnessSilent
   */
  abstract latest(): Promise<Checkpoint | null>;
  /**
   * Leaves of the tree that it cosigned last, by its submission prefix: asked with a checkpoint
   * that this log signed before.
   * @returns null where its answer does not tell. @throws WitnessSilent
   */
  abstract known(note: Uint8Array): Promise<number | null>;
  /**
   * Asks for a cosignature.
   * @param prove the consistency proof from an older size
   * @returns one signature line, verified to be its own on this checkpoint
   * @throws WitnessSilent, WitnessObjects, WitnessAhead
   */
  abstract cosign(
    note: Uint8Array,
    size: number,
    prove: (oldSize: number) => Promise<readonly Uint8Array[]>,
  ): Promise<string>;
}
