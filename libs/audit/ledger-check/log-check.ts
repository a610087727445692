import { ProductError } from '#libs/kernel';
import { GrowingTree, HASH_BYTES, parseCheckpoint, sameBytes, TILE_WIDTH } from '#libs/log';
import { nodeSha256, nodeVerify } from '#libs/sealing';
import { type Policy, trustCheckpoint } from '#libs/verify';
import { type Finding, Findings, maxFindings, ofTheLog } from './finding.js';
import type { RangeReport } from './range-check.js';
import { type StoredLog, tilesOver } from './stored-log.js';

/**
 * Rebuilds the tree of the records and compares it with everything published or stored:
 * checkpoints, the sealed head, each stored tile.
 */
export class LogCheck {
  readonly #tree = new GrowingTree(nodeSha256);
  readonly #roots = new Map<number, Uint8Array>();
  /** At which the root is wanted, ascending. */
  readonly #sizes: readonly number[];
  readonly #findings = new Findings();
  readonly #wrong = new Set<number>();
  readonly #checkpoints: readonly { readonly size: number; readonly root: Uint8Array }[];
  readonly #seen = new Set<string>();
  #leafTiles: ReadonlyMap<number, Buffer> = new Map();

  /** Leaves missing after the last record so far: whether a record follows is not known yet. */
  #missing = 0;

  /**
   * @param notes checkpoints that the ledger must continue: the stored one, and others that were
   *   kept elsewhere
   */
  constructor(
    private readonly stored: StoredLog,
    notes: readonly Uint8Array[],
    { city, policy }: { readonly city: string; readonly policy: Policy },
  ) {
    const checkpoints = [];
    for (const note of notes) {
      try {
        const { checkpoint } = trustCheckpoint(parseCheckpoint(note), policy, {
          verify: nodeVerify,
        });
        // A policy may name several logs: a checkpoint of another one does not concern this.
        if (checkpoint.origin === city) checkpoints.push(checkpoint);
        else this.#findings.add(ofTheLog('checkpoint_not_trusted'));
      } catch (error) {
        if (!(error instanceof ProductError)) throw error;
        this.#findings.add(ofTheLog('checkpoint_not_trusted'));
      }
    }
    this.#checkpoints = checkpoints;
    const sizes = new Set([stored.size, ...checkpoints.map(({ size }) => size)]);
    this.#sizes = [...sizes].toSorted((a, b) => a - b);
    this.#keepRoot();
  }

  /** Trusted ones that were compared. */
  get checkpoints(): readonly { readonly size: number; readonly root: Uint8Array }[] {
    return this.#checkpoints;
  }

  /** The log's own size in leaves. */
  get size(): number {
    return this.#sizes.at(-1) ?? 0;
  }

  /** A leaf that was sealed with another hash, as another check has found. */
  suspect(leaf: number): void {
    if (this.#wrong.size < maxFindings) this.#wrong.add(leaf);
  }

  /**
   * The next range. Records missing at its end count as missing leaves only when one follows: the
   * ledger may end there.
   */
  async take({ from, end, leaves, tileRoots }: RangeReport): Promise<void> {
    const count = leaves.length / HASH_BYTES;
    const found = Math.max(0, Math.min(count, end - from));
    if (found > 0)
      for (; this.#missing > 0; this.#missing -= Math.min(this.#missing, gone))
        await this.#grow(new Uint8Array(Math.min(this.#missing, gone) * HASH_BYTES), null);
    if (found > 0) await this.#grow(leaves.subarray(0, found * HASH_BYTES), tileRoots);
    this.#missing += count - found;
  }

  /**
   * @param leaves the next ones, 32 bytes each; @param roots of the full tiles that they begin
   *   with, where they are known
   */
  async #grow(leaves: Uint8Array, roots: Uint8Array | null): Promise<void> {
    const over = tilesOver(this.#tree.size, leaves.length / HASH_BYTES);
    if (this.#tree.size < this.stored.size)
      this.#leafTiles = await this.stored.leafTilesFrom(over.index, over.count);
    for (let at = 0; at < leaves.length;) {
      const { size } = this.#tree;
      // Beyond every size to be compared.
      if (size >= (this.#sizes.at(-1) ?? 0)) return;
      const tile = leaves.subarray(at, at + tileBytes);
      if (roots !== null && tile.length === tileBytes && this.#asOne(size)) {
        const root = (at / tileBytes) * HASH_BYTES;
        this.#tree.appendTile(tile, roots.slice(root, root + HASH_BYTES));
        this.#compareTiles();
        this.#keepRoot();
      } else
        for (let leaf = 0; leaf < tile.length; leaf += HASH_BYTES) {
          const hash = tile.subarray(leaf, leaf + HASH_BYTES);
          this.#compareLeaf(this.#tree.size, hash);
          this.#tree.append(hash);
          this.#compareTiles();
          this.#keepRoot();
        }
      at += tile.length;
    }
  }

  /**
   * Heads of more leaves than there are cannot be judged: the reader of the records reports what is
   * missing.
   * @returns findings about the log as a whole, and which leaves, ascending
   */
  end(): { readonly findings: readonly Finding[]; readonly leaves: readonly number[] } {
    const { stored } = this;
    const { size: known } = this.#tree;
    const broken = this.#checkpoints.filter(
      ({ size, root }) => size <= known && !this.#isRoot(size, root),
    );
    for (const { size } of broken)
      this.#findings.add({ ...ofTheLog('checkpoint'), leaf: 0, until: size - 1 });
    const sealed = stored.root === null || this.#isRoot(stored.size, stored.root);
    if (sealed && broken.length === 0) this.#acquit();
    if (!sealed && stored.size <= known) this.#tailOrHead();
    const unseen = [...stored.tiles].some(
      ([key, hashes]) =>
        !this.#seen.has(key) && (known >= stored.size || isFullWithin(known, key, hashes)),
    );
    if (unseen || stored.leafTiles > Math.floor(stored.size / TILE_WIDTH))
      this.#findings.add(ofTheLog('tile'));
    return { findings: this.#findings.all, leaves: [...this.#wrong].toSorted((a, b) => a - b) };
  }

  /**
   * Records under a valid trusted checkpoint are what was signed: the stored tiles of their leaves
   * are wrong.
   */
  #acquit(): void {
    const held = this.#checkpoints.filter(({ size, root }) => this.#isRoot(size, root));
    const proved = Math.max(0, ...held.map(({ size }) => size));
    for (const leaf of this.#wrong) {
      if (leaf >= proved) continue;
      this.#wrong.delete(leaf);
      if (leaf >= this.stored.leafTiles * TILE_WIDTH)
        this.#findings.add({ ...ofTheLog('tile'), leaf, until: leaf });
    }
  }

  /** Whether a full tile can be added at once: it is sealed, and no root within it is wanted. */
  #asOne(size: number): boolean {
    const end = size + TILE_WIDTH;
    return end <= this.stored.size && !this.#sizes.some((wanted) => wanted > size && wanted < end);
  }

  #keepRoot(): void {
    const { size } = this.#tree;
    if (this.#sizes.includes(size)) this.#roots.set(size, this.#tree.root());
  }

  #isRoot(size: number, root: Uint8Array): boolean {
    return same(this.#roots.get(size), root);
  }

  /**
   * Where all full tiles and the leaves below are as sealed, the difference is after them; it is
   * also after the last valid checkpoint and before the first invalid one.
   */
  #tailOrHead(): void {
    const { size } = this.stored;
    const covered = size - (size % TILE_WIDTH);
    if (this.#wrong.size > 0 || covered === size) {
      this.#findings.add(ofTheLog('sealed_head'));
      return;
    }
    let [from, until] = [covered, size];
    for (const checkpoint of this.#checkpoints)
      if (this.#isRoot(checkpoint.size, checkpoint.root))
        from = Math.max(from, Math.min(checkpoint.size, size));
      else until = Math.min(until, Math.max(checkpoint.size, covered + 1));
    if (until - from === 1) this.#wrong.add(from);
    this.#findings.add({ ...ofTheLog('sealed_tail'), leaf: from, until: until - 1 });
  }

  #compareLeaf(index: number, leaf: Uint8Array): void {
    if (index >= this.stored.size) return;
    const tile = this.#leafTiles.get(Math.floor(index / TILE_WIDTH));
    const at = (index % TILE_WIDTH) * HASH_BYTES;
    const sealed =
      tile?.subarray(at, at + HASH_BYTES) ??
      this.stored.edge.get(index) ??
      (index === this.stored.size - 1 ? this.stored.tail : null);
    if (sealed !== null && !same(sealed, leaf)) this.suspect(index);
  }

  /** Compares tiles as they are completed; at the sealed size the incomplete ones, too. */
  #compareTiles(): void {
    const { size } = this.#tree;
    if (size > this.stored.size || (size % TILE_WIDTH !== 0 && size !== this.stored.size)) return;
    const { completed, edge } = this.#tree.takeChanges();
    const due =
      size === this.stored.size ? [...completed, ...edge, ...this.#lastEdges()] : completed;
    for (const { level, index, hashes } of due) {
      const key = `${level}/${index}`;
      if (level > 0) this.#seen.add(key);
      const stored = level === 0 ? this.#leafTiles.get(index) : this.stored.tiles.get(key);
      if (stored !== undefined && Buffer.compare(stored, hashes) === 0) continue;
      const leaves = TILE_WIDTH ** level;
      const first = index * TILE_WIDTH * leaves;
      const until = first + (hashes.length / HASH_BYTES) * leaves - 1;
      this.#findings.add({ ...ofTheLog('tile'), leaf: first, until });
      if (level > 0) continue;
      for (let leaf = 0; leaf < TILE_WIDTH; leaf++)
        this.#compareLeaf(
          first + leaf,
          hashes.subarray(leaf * HASH_BYTES, (leaf + 1) * HASH_BYTES),
        );
    }
  }

  /** Incomplete tiles above the leaves that changed before and not in the last step. */
  #lastEdges() {
    return [1, 2, 3, 4, 5, 6].flatMap((level) => this.#tree.edgeTile(level) ?? []);
  }
}

const tileBytes = TILE_WIDTH * HASH_BYTES;

/** Missing leaves added at once. */
const gone = 100 * TILE_WIDTH;

/**
 * Whether a tile, `<level>/<index>`, is full and its leaves exist: of a truncated log only those
 * can be recomputed.
 */
function isFullWithin(size: number, key: string, hashes: Uint8Array): boolean {
  const [level = 0, index = 0] = key.split('/').map(Number);
  return hashes.length === tileBytes && (index + 1) * TILE_WIDTH ** (level + 1) <= size;
}

const same = (a: Uint8Array | undefined, b: Uint8Array): boolean =>
  a !== undefined && sameBytes(a, b);
