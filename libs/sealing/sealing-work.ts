import type { PositionedRecord } from '#libs/event-store';
import { fromHex } from '#libs/kernel';
import { type FilledTile, type GrowingTree, sameBytes } from '#libs/log';
import { ahead, contradiction, type Milestone } from './milestones.js';
import type { SealedHead, SealersDesk } from './ports.js';
import type { TileMemory } from './tile-memory.js';

/** The sealed tree and the right to go on with it. */
export class SealingWork {
  constructor(
    readonly desk: SealersDesk,
    public head: SealedHead,
    private readonly tree: GrowingTree,
    private ahead: readonly Milestone[],
    private readonly memory: TileMemory | null = null,
  ) {}

  /** Whether the tree has passed through everything that was seen signed: nothing is signed before. */
  get open(): boolean {
    return this.ahead.length === 0;
  }

  /** A page of the feed into the tree, and down. */
  async write(records: readonly PositionedRecord[]): Promise<void> {
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
    await this.desk.write({ before: this.head, after, tiles, records });
    this.head = { ...after, note: this.head.note };
    this.remember(tiles);
  }

  private append(leaf: Uint8Array): void {
    this.tree.append(leaf);
    for (const { checkpoint, code } of this.ahead)
      if (checkpoint.size === this.tree.size && !sameBytes(this.tree.root(), checkpoint.root))
        throw contradiction(code, checkpoint.size);
    if (this.ahead.length > 0) this.ahead = this.ahead.filter(ahead(this.tree.size));
  }

  /** The right edge is in every proof that is asked for next, and is here already. */
  private remember(changed: readonly FilledTile[]): void {
    if (this.memory === null) return;
    const tail = this.tree.edgeTile(0);
    for (const tile of tail === null ? changed : [...changed, tail])
      this.memory.keep(tile, tile.hashes);
  }
}
