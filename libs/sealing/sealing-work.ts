import type { Position } from '#libs/event-store';
import { type Checkpoint, type FilledTile, type GrowingTree, sameBytes } from '#libs/log';
import type { SealedHead, SealersDesk } from './ports.js';
import { SealingRefused } from './sealing.errors.js';
import type { TileMemory } from './tile-memory.js';

/** A tree head that somebody has seen signed: ours must pass through it. */
export interface Milestone {
  readonly checkpoint: Checkpoint;
  readonly code: SealingRefused['code'];
}

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

  append(leaf: Uint8Array): void {
    this.tree.append(leaf);
    this.tail = leaf;
    for (const { checkpoint, code } of this.ahead)
      if (checkpoint.size === this.tree.size && !sameBytes(this.tree.root(), checkpoint.root))
        throw contradiction(code, checkpoint.size);
    if (this.ahead.length > 0) this.ahead = this.ahead.filter(ahead(this.tree.size));
  }
  private tail: Uint8Array | null = null;

  async write(position: Position): Promise<void> {
    const { completed, edge } = this.tree.takeChanges();
    const after = { size: this.tree.size, root: this.tree.root(), position, tail: this.tail };
    await this.desk.write({ before: this.head, after, tiles: [...completed, ...edge] });
    this.head = { ...after, note: this.head.note };
    this.remember([...completed, ...edge]);
  }

  /** The right edge is in every proof that is asked for next, and is here already. */
  private remember(changed: readonly FilledTile[]): void {
    if (this.memory === null) return;
    const tail = this.tree.edgeTile(0);
    for (const tile of tail === null ? changed : [...changed, tail])
      this.memory.keep(tile, tile.hashes);
  }
}

export const ahead =
  (size: number) =>
  ({ checkpoint }: Milestone): boolean =>
    checkpoint.size > size;

export const contradiction = (code: SealingRefused['code'], size: number) =>
  new SealingRefused(code, 'the ledger’s tree is not the one that was signed', { size });
