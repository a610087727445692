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

/** What one step of the sealer writes down. */
export interface SealedStep {
  readonly before: SealedHead;
  readonly after: Omit<SealedHead, 'note'>;
  readonly tiles: readonly FilledTile[];
  /** The records that it seals, at least one, in the feed's order. */
  readonly records: readonly PositionedRecord[];
}

/**
 * One sealer's right to write, held until it is let go or lost. An implementation **must**:
 * - give it to one holder at a time, and refuse every write of an earlier holder (SealerStopped), also where that one does not know yet;
 * - give it to another within some seconds where its holder was killed, is frozen or cannot be reached, and at once where it was released;
 * - write a step whole or not at all, durably, and only where `before` is what is stored;
 * - refuse with SealingRefused('store_changed') a step whose last sealed record, before and after, is not in the ledger with the same hash;
 * - never change a full tile.
 */
export abstract class SealersDesk {
  abstract read(): Promise<SealedHead>;
  /** @throws SealerStopped, SealingRefused */
  abstract write(step: SealedStep): Promise<void>;
  /** Keeps the published checkpoint. It may be lost in a crash: it is signed again then. */
  abstract publish(checkpoint: Checkpoint, note: Uint8Array): Promise<void>;
  abstract release(): Promise<void>;
}

/** Where tiles and the sealed head are kept. */
export abstract class LogShelf {
  /** Waits until no other sealer works. `lost` is called once when the right is lost without notice. @throws the signal's reason */
  abstract takeDesk(signal: AbortSignal, lost: () => void): Promise<SealersDesk>;
  /** Stored bytes of tiles by `<level>/<index>`; what is not stored is not in the map. */
  abstract tiles(wanted: readonly Tile[]): Promise<ReadonlyMap<string, Uint8Array>>;
  /** The note of the checkpoint published last. */
  abstract published(): Promise<Uint8Array | null>;
  /** Writes down for all processes that a sealer refused. **Must** be durable, and keep the first refusal until it is lifted. */
  abstract refuse(code: RefusalCode): Promise<void>;
  /** The refusal that stands; null where none does. */
  abstract refusal(): Promise<Refusal | null>;
  /** Lifts the refusal, by an operator's word; with `only`, where it is that one. @returns the one that was lifted */
  abstract lift(only?: RefusalCode): Promise<Refusal | null>;
}

/** A sealer refused: no process takes anything new, and no sealer signs, until somebody has looked. */
export interface Refusal {
  readonly code: RefusalCode;
  /** UTC. */
  readonly since: string;
}

/** A record as a leaf of the log. */
export interface Leaf {
  readonly index: number;
  readonly version: number;
  readonly hash: Uint8Array;
}

/** A record that is in the ledger. Where nobody knows yet which leaf it will be, its index is null. */
export type FoundLeaf = Omit<Leaf, 'index'> & { readonly index: number | null };

/** Which leaf a record is. Positions of the store stay behind this port. */
export abstract class Leaves {
  abstract find(stream: string, version: number): Promise<FoundLeaf | null>;
  /** The same for a record that was found before, and was no leaf yet: asks only whether it is one now. */
  abstract placed(stream: string, version: number): Promise<Leaf | null>;
  /** Leaf hashes from `first` on, `count` × 32 bytes, fewer where the log or the ledger ends. */
  abstract hashes(first: number, count: number): Promise<Uint8Array>;
  /** The records of a stream among the first `size` leaves, with their stored bytes. @throws StoreDamaged where one of them is gone */
  abstract stream(
    stream: string,
    size: number,
  ): Promise<readonly (Leaf & { readonly bytes: Uint8Array })[]>;
  /** After which position of the feed the leaf `index` is the first record; null where the leaf before it is not known. */
  abstract before(index: number): Promise<Position | null>;
}

/** A witness, as the sealer asks it. */
export abstract class Witness {
  abstract readonly name: string;
  /** Its latest checkpoint of this log; null where it never cosigned one. @throws WitnessSilent */
  abstract latest(): Promise<Checkpoint | null>;
  /**
   * Asks for a cosignature.
   * @param prove the consistency proof from an older size
   * @returns one signature line, verified to be its own on this checkpoint
   * @throws WitnessSilent, WitnessObjects
   */
  abstract cosign(
    note: Uint8Array,
    size: number,
    prove: (oldSize: number) => Promise<readonly Uint8Array[]>,
  ): Promise<string>;
}
