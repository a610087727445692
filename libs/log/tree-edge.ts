import { sha256 } from '@noble/hashes/sha2.js';
import { emptyRoot, nodeHash } from './merkle.js';
import type { Sha256 } from './record.js';
import { inclusionRanges, type LeafRange, split, TileError } from './tiles.js';

/** The root of the 2^`level` leaves from `index` × 2^`level` on. */
export interface TreeNode {
  readonly level: number;
  readonly index: number;
  readonly hash: Uint8Array;
}

/**
 * The right edge of a tree: the roots of the perfect subtrees that its size is made of, one for
 * each bit. Enough to grow it, for its root, and for the paths of the leaves that are appended.
 */
export class TreeEdge {
  readonly #subtrees: (Uint8Array | undefined)[] = [];
  #size = 0;

  /** @param emptyLeaf the leaf hash of the places that `skip` leaves empty */
  constructor(
    private readonly emptyLeaf: Uint8Array,
    private readonly hash: Sha256 = sha256,
  ) {}

  /**
   * The edge of a tree of `size` leaves. @param roots as `roots` gives them
   * @throws TileError where there are more or fewer of them than such a tree has
   */
  static of(
    size: number,
    roots: readonly Uint8Array[],
    emptyLeaf: Uint8Array,
    hash: Sha256 = sha256,
  ): TreeEdge {
    const edge = new TreeEdge(emptyLeaf, hash);
    let next = 0;
    for (let level = 52; level >= 0; level--)
      if (Math.floor(size / 2 ** level) % 2 === 1) edge.#subtrees[level] = roots[next++];
    if (next !== roots.length)
      throw new TileError('range_outside', 'so many roots are not the edge of such a tree', {
        size,
        roots: roots.length,
      });
    edge.#size = size;
    return edge;
  }

  get size(): number {
    return this.#size;
  }

  /** From left to right, the largest subtree first. */
  get roots(): Uint8Array[] {
    return this.#subtrees.toReversed().filter((root) => root !== undefined);
  }

  /** RFC 6962, section 2.1: MTH of all leaves. */
  root(): Uint8Array {
    return (
      this.roots.reduceRight<Uint8Array | null>(
        (right, left) => (right === null ? left : nodeHash(left, right, this.hash)),
        null,
      ) ?? emptyRoot(this.hash)
    );
  }

  /** @returns the nodes that it completes, the leaf first */
  append(leaf: Uint8Array): TreeNode[] {
    return this.#carry(leaf, 0);
  }

  /**
   * Leaves places empty until the tree has `size` leaves. @returns the nodes that it completes, but
   * for those that are empty as a whole and begin where places are left empty
   */
  skip(size: number): TreeNode[] {
    const nodes: TreeNode[] = [];
    let empty = this.emptyLeaf;
    const roots = [empty];
    while (this.#size < size) {
      let level = 0;
      while (this.#size % 2 ** (level + 1) === 0 && this.#size + 2 ** (level + 1) <= size) level++;
      while (roots.length <= level) roots.push((empty = nodeHash(empty, empty, this.hash)));
      // The first is empty itself.
      nodes.push(...this.#carry(roots[level] ?? empty, level).slice(1));
    }
    return nodes;
  }

  /**
   * Paths (RFC 6962, section 2.1.1) of leaves that are to be appended together, in the tree that
   * ends with them. Appends nothing.
   */
  pathsOf(leaves: readonly Uint8Array[]): Uint8Array[][] {
    const size = this.#size + leaves.length;
    return leaves.map((_, n) =>
      inclusionRanges(this.#size + n, size).map((range) => this.#rangeRoot(range, leaves)),
    );
  }

  /** A range that ends behind the edge, or is one of its subtrees. */
  #rangeRoot({ start, end }: LeafRange, behind: readonly Uint8Array[]): Uint8Array {
    const length = end - start;
    if (length === 1 && start >= this.#size) return behind[start - this.#size] ?? missing();
    if (end <= this.#size) return this.#subtrees[Math.log2(length)] ?? missing();
    const middle = start + split(length);
    return nodeHash(
      this.#rangeRoot({ start, end: middle }, behind),
      this.#rangeRoot({ start: middle, end }, behind),
      this.hash,
    );
  }

  /** Joins a perfect subtree of 2^level leaves, the last, with those of its size to its left. */
  #carry(root: Uint8Array, level: number): TreeNode[] {
    let index = this.#size / 2 ** level;
    this.#size += 2 ** level;
    const nodes = [{ level, index, hash: root }];
    for (let left = this.#subtrees[level]; left !== undefined; left = this.#subtrees[level]) {
      root = nodeHash(left, root, this.hash);
      this.#subtrees[level++] = undefined;
      index = Math.floor(index / 2);
      nodes.push({ level, index, hash: root });
    }
    this.#subtrees[level] = root;
    return nodes;
  }
}

function missing(): never {
  throw new TileError('range_outside', 'the edge of the tree does not have this range');
}
