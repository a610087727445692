import { sha256 } from '@noble/hashes/sha2.js';
import { emptyRoot, HASH_BYTES, nodeHash } from './merkle.js';
import type { Sha256 } from './record.js';
import { hashesAt, perfectRoot, type ReadTile, type Tile, TILE_WIDTH, TileError } from './tiles.js';

/** A tile with its bytes: 32 for each of its `width` hashes. */
export interface FilledTile extends Tile {
  readonly hashes: Uint8Array;
}

/**
 * A tree that grows at its right edge, by one hash an appended leaf on average. It holds the roots
 * of the perfect subtrees that its size is made of (one for each bit) and the last, incomplete tile
 * of each level: some kilobytes at any size.
 */
export class GrowingTree {
  readonly #subtrees: (Uint8Array | undefined)[] = [];
  readonly #edge: EdgeTile[] = [];
  #completed: FilledTile[] = [];
  #size = 0;

  constructor(readonly hash: Sha256 = sha256) {}

  /**
   * A tree of `size` leaves from the incomplete tiles at its right edge (`edgeTiles`). What was
   * completed before is not read.
   */
  static resume(size: number, read: ReadTile, hash: Sha256 = sha256): GrowingTree {
    const tree = new GrowingTree(hash);
    tree.#size = size;
    for (let level = 0; hashesAt(level, size) > 0; level++)
      tree.#edgeAt(level).index = Math.floor(hashesAt(level, size) / TILE_WIDTH);
    for (const tile of edgeTiles(size)) {
      const hashes = read(tile).subarray(0, tile.width * HASH_BYTES);
      tree.#edgeAt(tile.level).fill(hashes);
      let offset = 0;
      for (let bit = 7; bit >= 0; bit--) {
        const count = 2 ** bit;
        if ((tile.width & count) === 0) continue;
        tree.#subtrees[tile.level * 8 + bit] = perfectRoot(hashes, offset, count, hash).slice();
        offset += count;
      }
    }
    return tree;
  }

  get size(): number {
    return this.#size;
  }

  /** @param leaf a leaf hash of 32 bytes */
  append(leaf: Uint8Array): void {
    this.#push(0, leaf);
    this.#carry(leaf, 0);
    this.#size++;
  }

  /**
   * The same for the leaves of a full tile at once, for callers that computed their root elsewhere.
   * @param leaves 256 hashes, which must not change afterwards; @param root over them
   */
  appendTile(leaves: Uint8Array, root: Uint8Array): void {
    if (this.#size % TILE_WIDTH !== 0 || leaves.length !== TILE_WIDTH * HASH_BYTES)
      throw new TileError('range_outside', 'the tree does not go on with a full tile', {
        at: this.#size,
      });
    const edge = this.#edgeAt(0);
    this.#completed.push({ level: 0, index: edge.index, width: TILE_WIDTH, hashes: leaves });
    edge.next();
    this.#push(1, root);
    this.#carry(root, 8);
    this.#size += TILE_WIDTH;
  }

  /** RFC 6962, section 2.1: MTH of all leaves. */
  root(): Uint8Array {
    let root: Uint8Array | undefined;
    for (const subtree of this.#subtrees) {
      if (subtree === undefined) continue;
      root = root === undefined ? subtree : nodeHash(subtree, root, this.hash);
    }
    return root ?? emptyRoot(this.hash);
  }

  /**
   * The tiles that were completed since this was asked last, and of the levels above 0 the
   * incomplete ones that changed.
   */
  takeChanges(): { readonly completed: readonly FilledTile[]; readonly edge: FilledTile[] } {
    const completed = this.#completed;
    this.#completed = [];
    const edge = this.#edge.flatMap((tile, level) =>
      level > 0 && tile.changed && tile.width > 0 ? [tile.filled(level)] : [],
    );
    for (const tile of this.#edge) tile.changed = false;
    return { completed, edge };
  }

  /** The incomplete tile of a level; `null` where there is none. */
  edgeTile(level: number): FilledTile | null {
    const tile = this.#edge[level];
    return tile === undefined || tile.width === 0 ? null : tile.filled(level);
  }

  /**
   * Joins the root of a perfect subtree of 2^level leaves, the last, with those of its size to its
   * left.
   */
  #carry(node: Uint8Array, level: number) {
    for (let left = this.#subtrees[level]; left !== undefined; left = this.#subtrees[level]) {
      node = nodeHash(left, node, this.hash);
      this.#subtrees[level++] = undefined;
      // The subtree of a full tile is one hash of the tile above it.
      if (level % 8 === 0) this.#push(level / 8, node);
    }
    this.#subtrees[level] = node;
  }

  #push(level: number, hash: Uint8Array) {
    const tile = this.#edgeAt(level);
    tile.push(hash);
    if (tile.width < TILE_WIDTH) return;
    this.#completed.push(tile.filled(level));
    tile.next();
  }

  #edgeAt(level: number): EdgeTile {
    return (this.#edge[level] ??= new EdgeTile());
  }
}

/** The incomplete tiles of a tree of `size` leaves, lowest level first. */
export function edgeTiles(size: number): Tile[] {
  const tiles: Tile[] = [];
  for (let level = 0; hashesAt(level, size) > 0; level++) {
    const width = hashesAt(level, size) % TILE_WIDTH;
    const index = Math.floor(hashesAt(level, size) / TILE_WIDTH);
    if (width > 0) tiles.push({ level, index, width });
  }
  return tiles;
}

class EdgeTile {
  readonly #hashes = new Uint8Array(TILE_WIDTH * HASH_BYTES);
  index = 0;
  width = 0;
  changed = false;

  push(hash: Uint8Array) {
    this.#hashes.set(hash, this.width++ * HASH_BYTES);
    this.changed = true;
  }

  fill(hashes: Uint8Array) {
    this.#hashes.set(hashes);
    this.width = hashes.length / HASH_BYTES;
  }

  next() {
    this.index++;
    this.width = 0;
  }

  filled(level: number): FilledTile {
    const { index, width } = this;
    return { level, index, width, hashes: this.#hashes.slice(0, width * HASH_BYTES) };
  }
}
