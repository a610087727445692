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
import type { Leaves, LogShelf } from './ports.js';

/** Proofs from the stored tiles. Incomplete tiles of leaves are not stored: they are the hashes of the last records. */
export class TileReading {
  constructor(
    private readonly shelf: LogShelf,
    private readonly leaves: Leaves,
    private readonly hash: Sha256,
  ) {}

  /** @param index from 0, below `size` */
  async inclusion(index: number, size: number): Promise<readonly Uint8Array[]> {
    const read = await this.fetch(inclusionTiles(index, size));
    return proveInclusion(index, size, read, this.hash);
  }

  /** @param oldSize from 0 (no proof is needed) to `size` */
  async consistency(oldSize: number, size: number): Promise<readonly Uint8Array[]> {
    if (oldSize === 0 || oldSize === size) return [];
    const read = await this.fetch(consistencyTiles(oldSize, size));
    return proveConsistency(oldSize, size, read, this.hash);
  }

  async root(size: number): Promise<Uint8Array> {
    return treeRoot(size, await this.fetch(rootTiles(size)), this.hash);
  }

  /** The bytes of one tile: exactly its width; null where the log does not reach so far. */
  async tile(tile: Tile): Promise<Uint8Array | null> {
    const bytes = (await this.fetch([tile]))(tile);
    const wanted = tile.width * HASH_BYTES;
    return bytes.length < wanted ? null : bytes.subarray(0, wanted);
  }

  /** Tiles that are not there read as empty: whoever computes with them says so (TileError). */
  async fetch(wanted: readonly Tile[]): Promise<ReadTile> {
    const tiles = new Map(await this.shelf.tiles(wanted));
    for (const { level, index, width } of wanted) {
      const key = `${level}/${index}`;
      if (level === 0 && width < TILE_WIDTH && !tiles.has(key))
        tiles.set(key, await this.leaves.hashes(index * TILE_WIDTH, width));
    }
    return ({ level, index }) => tiles.get(`${level}/${index}`) ?? new Uint8Array();
  }
}
