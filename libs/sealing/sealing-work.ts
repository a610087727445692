import type { PositionedRecord } from '#libs/event-store';
import { fromHex } from '#libs/kernel';
import { type FilledTile, type GrowingTree, sameBytes } from '#libs/log';
import type { Seen } from './cosigning.js';
import { ahead, contradiction } from './milestones.js';
import type { SealedHead, SealerLease } from './ports.js';
import type { TileMemory } from './tile-memory.js';

/** The sealed tree and the lease to continue it. */
export class SealingWork {
  constructor(
    readonly desk: SealerLease,
    public head: SealedHead,
    private readonly tree: GrowingTree,
    private seen: Seen,
    private readonly memory: TileMemory | null = null,
  ) {}

  /** Whether the tree has passed every checkpoint seen outside: nothing is signed before. */
  get open(): boolean {
    return this.seen.milestones.length === 0 && this.head.size >= this.seen.leaves;
  }

  /** Adds a page of the feed to the tree, and stores it; `note` as in SealedStep. */
  async write(records: readonly PositionedRecord[], note: Uint8Array | null): Promise<void> {
    const last = records.at(-1);
    if (last === undefined) return;
    for (const { hash } of records) this.append(fromHex(hash) ?? new Uint8Array());
    const { completed, edge } = this.tree.takeChanges();
    const after = {
      size: this.tree.size,
      root: this.tree.root(),
      position: last.position,
      tail: fromHex(last.hash),
    };
    const tiles = [...completed, ...edge];
    await this.desk.write({ before: this.head, after, tiles, records, note });
    this.head = { ...after, note: note ?? this.head.note };
    this.remember(tiles);
  }

  private append(leaf: Uint8Array): void {
    this.tree.append(leaf);
    const { milestones } = this.seen;
    for (const { checkpoint, code } of milestones)
      if (checkpoint.size === this.tree.size && !sameBytes(this.tree.root(), checkpoint.root))
        throw contradiction(code, checkpoint.size);
    if (milestones.length > 0)
      this.seen = { ...this.seen, milestones: milestones.filter(ahead(this.tree.size)) };
  }

  /** The right edge is part of every proof that comes next, and is at hand here. */
  private remember(changed: readonly FilledTile[]): void {
    if (this.memory === null) return;
    const tail = this.tree.edgeTile(0);
    for (const tile of tail === null ? changed : [...changed, tail])
      this.memory.keep(tile, tile.hashes);
  }
}
