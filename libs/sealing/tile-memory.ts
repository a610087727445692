import {
  type FilledTile,
  HASH_BYTES,
  nodeHash,
  type Sha256,
  type SubtreeRoot,
  type Tile,
  TILE_WIDTH,
} from '#libs/log';

/**
 * Limit of cached tiles above the leaves: those of 67 million records, in 16 MiB with their inner
 * nodes.
 */
const maxTiles = 1024;

/**
 * A cache of tiles for proofs: hashes of a tile never change, so that a wide enough copy is valid,
 * and a proof reads one tile of leaves, whatever the size of the log. Of the tiles of leaves only
 * the last is cached: the others are read once for each receipt and are as many as the records.
 */
export class TileMemory {
  readonly #tiles = new Map<string, KeptTile>();
  #tail: (FilledTile & { readonly kept: KeptTile }) | null = null;
  readonly #byBytes = new WeakMap<Uint8Array, KeptTile>();

  /** @param most tiles above the leaves */
  constructor(private readonly most = maxTiles) {}

  /** The bytes of a tile, at least its width × 32; null where they are not cached. */
  find({ level, index, width }: Tile): Uint8Array | null {
    const kept = level === 0 ? this.#tailAt(index) : this.#used(`${level}/${index}`);
    return kept !== null && kept.bytes.length >= width * HASH_BYTES ? kept.bytes : null;
  }

  /** Replaces a narrower copy of the tile. */
  keep({ level, index, width }: Tile, bytes: Uint8Array): void {
    if (level === 0 && (width === TILE_WIDTH || index < (this.#tail?.index ?? 0))) return;
    const known = level === 0 ? this.#tailAt(index) : this.#used(`${level}/${index}`);
    if (known !== null && known.bytes.length >= bytes.length) return;
    const kept = new KeptTile(bytes);
    this.#byBytes.set(bytes, kept);
    if (level === 0) {
      this.#tail = { level, index, width, hashes: bytes, kept };
      return;
    }
    this.#tiles.set(`${level}/${index}`, kept);
    for (const oldest of this.#tiles.keys()) {
      if (this.#tiles.size <= this.most) break;
      this.#tiles.delete(oldest);
    }
  }

  clear(): void {
    this.#tiles.clear();
    this.#tail = null;
  }

  /** `perfectRoot`, with each root computed once while its tile is cached. */
  readonly root: SubtreeRoot = (tile, offset, count, hash) =>
    (this.#byBytes.get(tile) ?? new KeptTile(tile)).root(offset, count, hash);

  #tailAt(index: number): KeptTile | null {
    return this.#tail?.index === index ? this.#tail.kept : null;
  }

  /** Moved to the end: the map's first entry is the least recently used. */
  #used(key: string): KeptTile | null {
    const kept = this.#tiles.get(key);
    if (kept === undefined) return null;
    this.#tiles.delete(key);
    this.#tiles.set(key, kept);
    return kept;
  }
}

/**
 * A tile's bytes, and the computed roots of its subtrees, numbered as in a heap: 1 is the root of
 * all.
 */
class KeptTile {
  #nodes: (Uint8Array | undefined)[] | undefined;

  constructor(readonly bytes: Uint8Array) {}

  root(offset: number, count: number, hash: Sha256): Uint8Array {
    if (count === 1) return this.bytes.subarray(offset * HASH_BYTES, (offset + 1) * HASH_BYTES);
    this.#nodes ??= [];
    const half = count / 2;
    return (this.#nodes[(TILE_WIDTH + offset) / count] ??= nodeHash(
      this.root(offset, half, hash),
      this.root(offset + half, half, hash),
      hash,
    ));
  }
}
