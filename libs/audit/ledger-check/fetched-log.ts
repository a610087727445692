import { ProductError } from '#libs/kernel';
import {
  CheckpointError,
  HASH_BYTES,
  hashesAt,
  parseCheckpoint,
  type SignedCheckpoint,
  maxNoteBytes,
  NoteError,
  type Tile,
  TILE_WIDTH,
  tilePath,
  widthIn,
} from '#libs/log';
import { nodeVerify } from '#libs/sealing';
import { type Policy, trustCheckpoint } from '#libs/verify';
import { LedgerUnread } from './worker-pool.js';
import type { StoredLog } from './stored-log.js';

/** A city as an auditor reads it from outside. */
export interface LedgerDoor {
  /**
   * The bytes at a path below the city's address, of a longer response the first `most` and one
   * more; null where the city has no such thing. Must throw where that is unknown.
   * @param isForAuditors whether it needs the scope `ledger:audit`
   */
  read(path: string, most: number, isForAuditors: boolean): Promise<Buffer | null>;
}

/**
 * A fetched tile or entry bundle; null where the city has none. `isWhole`: a full one came where a
 * part was requested.
 */
export type FetchedTile = { readonly bytes: Buffer; readonly isWhole: boolean } | null;

/** Two bytes of length and as many as they can say. */
const maxEntryBytes = 2 + 0xffff;

/**
 * The log of a city as its door shows it, up to the first checkpoint shown: what it adds meanwhile
 * is not requested.
 */
export class FetchedLog {
  /** Tiles of leaves that were fetched and not compared yet. */
  readonly #leafTiles = new Map<number, Promise<FetchedTile>>();

  private constructor(
    private readonly door: LedgerDoor,
    readonly checkpoint: SignedCheckpoint,
    private readonly note: Buffer,
  ) {}

  /** @throws LedgerUnread where the city shows no checkpoint, or what is none */
  static async open(door: LedgerDoor): Promise<FetchedLog> {
    const note = await door.read('/log/checkpoint', maxNoteBytes, false);
    if (note === null)
      throw new LedgerUnread('ledger_unread', 'the city shows no checkpoint of a log');
    try {
      return new FetchedLog(door, parseCheckpoint(note), note);
    } catch (cause) {
      if (!(cause instanceof CheckpointError || cause instanceof NoteError)) throw cause;
      throw new LedgerUnread(
        'ledger_unread',
        'what the city shows is no checkpoint',
        { code: cause.code },
        { cause, hint: 'Does --url lead to a city?' },
      );
    }
  }

  /** Whether the policy trusts the checkpoint that the city showed. */
  isTrustedUnder(policy: Policy): boolean {
    try {
      trustCheckpoint(this.checkpoint, policy, { verify: nodeVerify });
      return true;
    } catch (error) {
      if (error instanceof ProductError) return false;
      throw error;
    }
  }

  get size(): number {
    return this.checkpoint.size;
  }

  bundle(tile: Tile): Promise<FetchedTile> {
    return this.#fetch(tile, (one) => one.width * maxEntryBytes, true);
  }

  tile(tile: Tile): Promise<FetchedTile> {
    const fetched = this.#fetch(tile, ({ width }) => width * HASH_BYTES, false);
    if (tile.level === 0) this.#leafTiles.set(tile.index, fetched);
    return fetched;
  }

  /** The published log, as a check compares it. */
  async stored(): Promise<StoredLog> {
    const { size } = this;
    const tiles = new Map<string, Buffer>();
    for (let level = 1; hashesAt(level, size) > 0; level++)
      for (let index = 0; widthIn(size, level, index) > 0; index++) {
        const tile = { level, index, width: widthIn(size, level, index) };
        const fetched = await this.tile(tile);
        if (fetched !== null) tiles.set(`${level}/${index}`, cut(fetched, tile));
      }
    const edge = new Map<number, Buffer>();
    const leafTiles = Math.floor(size / TILE_WIDTH);
    const last = { level: 0, index: leafTiles, width: size % TILE_WIDTH };
    const hashes = last.width === 0 ? null : await this.tile(last);
    if (hashes !== null)
      for (let n = 0; n < last.width; n++)
        edge.set(
          leafTiles * TILE_WIDTH + n,
          hashes.bytes.subarray(n * HASH_BYTES, (n + 1) * HASH_BYTES),
        );
    return {
      size,
      root: null,
      note: this.note,
      tail: null,
      edge,
      tiles,
      leafTiles,
      leafTilesFrom: (index, count) => this.#leafTilesFrom(index, Math.min(count, leafTiles)),
    };
  }

  async #leafTilesFrom(first: number, count: number): Promise<ReadonlyMap<number, Buffer>> {
    const tiles = new Map<number, Buffer>();
    for (let index = first; index < first + count; index++) {
      const tile = { level: 0, index, width: widthIn(this.size, 0, index) };
      if (tile.width < TILE_WIDTH) break;
      const fetched = await (this.#leafTiles.get(index) ?? this.tile(tile));
      this.#leafTiles.delete(index);
      if (fetched !== null) tiles.set(index, fetched.bytes);
    }
    return tiles;
  }

  /** tlog-tiles: where a partial tile is gone, the full one replaces it. */
  async #fetch(tile: Tile, most: (tile: Tile) => number, isBundle: boolean): Promise<FetchedTile> {
    for (const one of tile.width === TILE_WIDTH ? [tile] : [tile, { ...tile, width: TILE_WIDTH }]) {
      const path = isBundle ? tilePath(one).replace('tile/0/', 'tile/entries/') : tilePath(one);
      const bytes = await this.door.read(`/log/${path}`, most(one), isBundle);
      if (bytes !== null) return { bytes, isWhole: one.width > tile.width };
    }
    return null;
  }
}

const cut = ({ bytes, isWhole }: NonNullable<FetchedTile>, { width }: Tile): Buffer =>
  isWhole ? bytes.subarray(0, width * HASH_BYTES) : bytes;
