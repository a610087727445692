import {
  consistencyTiles,
  HASH_BYTES,
  inclusionTiles,
  proveConsistency,
  proveInclusion,
  type ReadTile,
  rootTiles,
  type Sha256,
  type Tile,
  TILE_WIDTH,
  treeRoot,
} from '#libs/log';
import type { Leaves, LogStorage } from './ports.js';
import type { TileMemory } from './tile-memory.js';

/**
 * Proofs from the stored tiles, all tiles of a proof in one read. Incomplete tiles of leaves are
 * not stored: they are the hashes of the last records.
 */
export class TileReading {
  constructor(
    private readonly storage: LogStorage,
    private readonly leaves: Leaves,
    private readonly hash: Sha256,
    /** The cache; without it, everything is read each time. */
    private readonly memory: TileMemory | null = null,
  ) {}

  /** @param index from 0, below `size` */
  async inclusion(index: number, size: number): Promise<readonly Uint8Array[]> {
    const read = await this.fetch(inclusionTiles(index, size));
    return proveInclusion(index, size, read, this.hash, this.memory?.root);
  }

  /** @param oldSize from 0 (no proof is needed) to `size` */
  async consistency(oldSize: number, size: number): Promise<readonly Uint8Array[]> {
    if (oldSize === 0 || oldSize === size) return [];
    const read = await this.fetch(consistencyTiles(oldSize, size));
    return proveConsistency(oldSize, size, read, this.hash, this.memory?.root);
  }

  async root(size: number): Promise<Uint8Array> {
    return treeRoot(size, await this.fetch(rootTiles(size)), this.hash);
  }

  /** The bytes of one tile: exactly its width; null beyond the log's end. */
  async tile(tile: Tile): Promise<Uint8Array | null> {
    const bytes = (await this.fetch([tile]))(tile);
    const wanted = tile.width * HASH_BYTES;
    return bytes.length < wanted ? null : bytes.subarray(0, wanted);
  }

  /** After an invalid proof: stored tiles are read again. */
  forget(): void {
    this.memory?.clear();
  }

  /** Missing tiles read as empty: the computation then fails with TileError. */
  async fetch(wanted: readonly Tile[]): Promise<ReadTile> {
    const tiles = new Map<string, Uint8Array>();
    const missing: Tile[] = [];
    for (const tile of wanted) {
      const known = this.memory?.find(tile) ?? null;
      if (known === null) missing.push(tile);
      else tiles.set(keyOf(tile), known);
    }
    await Promise.all([
      this.#stored(
        missing.filter((tile) => !isTail(tile)),
        tiles,
      ),
      ...missing.filter(isTail).map((tail) => this.#tail(tail, tiles)),
    ]);
    return (tile) => tiles.get(keyOf(tile)) ?? new Uint8Array();
  }

  async #stored(wanted: readonly Tile[], into: Map<string, Uint8Array>): Promise<void> {
    if (wanted.length === 0) return;
    const found = await this.storage.tiles(wanted);
    for (const tile of wanted) {
      const bytes = found.get(keyOf(tile));
      if (bytes === undefined) continue;
      into.set(keyOf(tile), bytes);
      this.memory?.keep(tile, bytes);
    }
  }

  async #tail(tile: Tile, into: Map<string, Uint8Array>): Promise<void> {
    const bytes = await this.leaves.hashes(tile.index * TILE_WIDTH, tile.width);
    into.set(keyOf(tile), bytes);
    this.memory?.keep(tile, bytes);
  }
}

const keyOf = ({ level, index }: Tile): string => `${level}/${index}`;
const isTail = ({ level, width }: Tile): boolean => level === 0 && width < TILE_WIDTH;
