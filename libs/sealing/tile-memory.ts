import {
  type FilledTile,
  HASH_BYTES,
  nodeHash,
  type Sha256,
  type SubtreeRoot,
  type Tile,
  TILE_WIDTH,
} from '#libs/log';

/** Tiles above the leaves that are kept at most; those of 67 million records, in 16 MiB with their inner nodes. */
const mostTiles = 1024;

/**
 * Tiles that were read before, for proofs. Hashes of a tile never change, it only grows: what is long enough is right. Of the tiles of leaves
 * only the last is kept: the others are read once for each receipt and are as many as the records, while those above are a few and in
 * every proof. So a proof costs one tile of leaves, whatever the size of the log.
 */
export class TileMemory {
  readonly #tiles = new Map<string, KeptTile>();
  #tail: (FilledTile & { readonly kept: KeptTile }) | null = null;
  readonly #byBytes = new WeakMap<Uint8Array, KeptTile>();

  /** @param most tiles above the leaves */
  constructor(private readonly most = mostTiles) {}

  /** The bytes of a tile, at least its width × 32; null where they are not here. */
  find({ level, index, width }: Tile): Uint8Array | null {
    const kept = level === 0 ? this.#tailAt(index) : this.#used(`${level}/${index}`);
    return kept !== null && kept.bytes.length >= width * HASH_BYTES ? kept.bytes : null;
  }

  /** Where less of the tile is here, this takes its place. */
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

  /** `perfectRoot`, each root computed once while its tile is kept. */
  readonly root: SubtreeRoot = (tile, offset, count, hash) =>
    (this.#byBytes.get(tile) ?? new KeptTile(tile)).root(offset, count, hash);

  #tailAt(index: number): KeptTile | null {
    return this.#tail?.index === index ? this.#tail.kept : null;
  }

  /** Moved to the end: the first of the map is the one that was not asked for the longest. */
  #used(key: string): KeptTile | null {
    const kept = this.#tiles.get(key);
    if (kept === undefined) return null;
    this.#tiles.delete(key);
    this.#tiles.set(key, kept);
    return kept;
  }
}

/** A tile's bytes, and the roots of its subtrees as far as they were asked for, numbered as in a heap: the root of all is 1. */
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
