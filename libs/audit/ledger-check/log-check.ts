import type pg from 'pg';
import { GrowingTree, HASH_BYTES, parseCheckpoint, sameBytes, TILE_WIDTH } from '#libs/log';
import { nodeSha256, nodeVerify } from '#libs/sealing';
import { type Policy, trustCheckpoint } from '#libs/verify';
import { ProductError } from '#libs/kernel';
import type { Finding, What } from './finding.js';

/** What is stored of the log. */
export interface StoredLog {
  readonly size: number;
  readonly root: Buffer;
  readonly note: Buffer | null;
  /** By `<level>/<index>`. */
  readonly tiles: ReadonlyMap<string, Buffer>;
}

export async function readStoredLog(pool: pg.Pool): Promise<StoredLog> {
  const sealed = await pool.query<{ size: string; root: Buffer; note: Buffer | null }>(
    'SELECT size, root, note FROM log_sealed',
  );
  const [row] = sealed.rows;
  const { rows } = await pool.query<{ level: number; tile: string; hashes: Buffer }>(
    'SELECT level, tile, hashes FROM log_tile',
  );
  return {
    size: Number(row?.size ?? 0),
    root: row?.root ?? Buffer.alloc(0),
    note: row?.note ?? null,
    tiles: new Map(rows.map(({ level, tile, hashes }) => [`${level}/${tile}`, hashes])),
  };
}

const whole = (what: What): Finding => ({ stream: '', version: -1, what });

/**
 * Grows the tree of the records anew and compares it with everything that was said of it: checkpoints, the sealed head, each stored tile.
 */
export class LogCheck {
  readonly #tree = new GrowingTree(nodeSha256);
  readonly #roots = new Map<number, Uint8Array>();
  readonly #sizes: ReadonlySet<number>;
  readonly findings: Finding[] = [];
  /** Leaves whose sealed hash is another than that of their record, from 0. */
  readonly wrongLeaves: number[] = [];
  readonly #checkpoints: readonly { readonly size: number; readonly root: Uint8Array }[];
  readonly #seen = new Set<string>();

  /** @param notes checkpoints to hold the ledger to: the stored one, and others that were kept elsewhere */
  constructor(
    private readonly stored: StoredLog,
    notes: readonly Uint8Array[],
    policy: Policy,
  ) {
    const checkpoints = [];
    for (const note of notes) {
      try {
        const { checkpoint } = trustCheckpoint(parseCheckpoint(note), policy, {
          verify: nodeVerify,
        });
        checkpoints.push(checkpoint);
      } catch (error) {
        if (!(error instanceof ProductError)) throw error;
        this.findings.push(whole('checkpoint_not_trusted'));
      }
    }
    this.#checkpoints = checkpoints;
    this.#sizes = new Set([stored.size, ...checkpoints.map(({ size }) => size)]);
    if (this.#sizes.has(0)) this.#roots.set(0, this.#tree.root());
  }

  get checkpoints(): number {
    return this.#checkpoints.length;
  }

  /** @param leaves the next ones, 32 bytes each */
  take(leaves: Uint8Array): void {
    for (let at = 0; at < leaves.length; at += HASH_BYTES) {
      const index = this.#tree.size;
      const leaf = leaves.subarray(at, at + HASH_BYTES);
      if (index < this.stored.size) this.#compareLeaf(index, leaf);
      this.#tree.append(leaf);
      if (this.#tree.size <= this.stored.size) this.#compareTiles(this.#tree.size);
      if (this.#sizes.has(this.#tree.size)) this.#roots.set(this.#tree.size, this.#tree.root());
    }
  }

  end(): void {
    for (const { size, root } of this.#checkpoints)
      if (!same(this.#roots.get(size), root)) this.findings.push(whole('checkpoint'));
    if (!same(this.#roots.get(this.stored.size), this.stored.root))
      this.findings.push(whole(this.#onlyTheTail() ? 'sealed_tail' : 'sealed_head'));
    for (const key of this.stored.tiles.keys())
      if (!this.#seen.has(key)) {
        this.findings.push(whole('tile'));
        return;
      }
  }

  /** Whether every full tile is as it was sealed, and so are the leaves below it: what differs lies behind them. */
  #onlyTheTail(): boolean {
    const reached = this.#tree.size >= this.stored.size;
    return reached && this.wrongLeaves.length === 0 && this.stored.size % TILE_WIDTH !== 0;
  }

  #compareLeaf(index: number, leaf: Uint8Array): void {
    const tile = this.stored.tiles.get(`0/${Math.floor(index / TILE_WIDTH)}`);
    const at = (index % TILE_WIDTH) * HASH_BYTES;
    if (tile !== undefined && !same(tile.subarray(at, at + HASH_BYTES), leaf))
      this.wrongLeaves.push(index);
  }

  /** Completed tiles as they come; at the sealed size the incomplete ones, too. */
  #compareTiles(size: number): void {
    if (size % TILE_WIDTH !== 0 && size !== this.stored.size) return;
    const { completed, edge } = this.#tree.takeChanges();
    const due =
      size === this.stored.size ? [...completed, ...edge, ...this.#lastEdges()] : completed;
    for (const { level, index, hashes } of due) {
      const key = `${level}/${index}`;
      this.#seen.add(key);
      if (!same(this.stored.tiles.get(key), hashes)) this.findings.push(whole('tile'));
    }
  }

  /** Incomplete tiles above the leaves that changed before and not in the last step. */
  #lastEdges() {
    return [1, 2, 3, 4, 5, 6].flatMap((level) => this.#tree.edgeTile(level) ?? []);
  }
}

const same = (a: Uint8Array | undefined, b: Uint8Array): boolean =>
  a !== undefined && sameBytes(a, b);
