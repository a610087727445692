import { type EventStore, type Position } from '#libs/event-store';
import {
  type Checkpoint,
  type NoteSigner,
  openCheckpoint,
  sameBytes,
  type VerifyEd25519,
} from '#libs/log';
import type { SealedHead } from './ports.js';
import { SealingRefused } from './sealing.errors.js';
import type { TileReading } from './tile-reading.js';

/** A tree head that somebody has seen signed: ours must pass through it. */
export interface Milestone {
  readonly checkpoint: Checkpoint;
  readonly code: SealingRefused['code'];
}

export const ahead =
  (size: number) =>
  ({ checkpoint }: Milestone): boolean =>
    checkpoint.size > size;

export const contradiction = (code: SealingRefused['code'], size: number) =>
  new SealingRefused(code, 'the ledger’s tree is not the one that was signed', { size });

/** The checkpoint that was published last must be ours, and of this tree. @throws SealingRefused */
export function ofOwn(
  { note, size }: SealedHead,
  signer: NoteSigner,
  origin: string,
  verify: VerifyEd25519,
): Milestone[] {
  if (note === null) return [];
  const code = 'checkpoint_changed';
  const changed = (cause?: unknown) =>
    new SealingRefused(code, 'the stored checkpoint is not ours', {}, { cause });
  try {
    const checkpoint = openCheckpoint(note, origin, signer.key, verify);
    if (checkpoint.size > size) throw changed();
    return [{ checkpoint, code }];
  } catch (cause) {
    throw cause instanceof SealingRefused ? cause : changed(cause);
  }
}

/**
 * Those that the sealed tree has passed are compared now; those ahead need records that must at least be there.
 * @param stored reads tiles as they are stored, nothing from memory
 * @throws SealingRefused
 */
export async function checkMilestones(
  head: SealedHead,
  milestones: readonly Milestone[],
  store: EventStore,
  stored: TileReading,
): Promise<void> {
  for (const { checkpoint, code } of milestones) {
    const missing = checkpoint.size - head.size;
    if (missing <= 0) {
      const root = await stored.root(checkpoint.size);
      if (!sameBytes(root, checkpoint.root)) throw contradiction(code, checkpoint.size);
    } else {
      const there = await countAfter(store, head.position, missing);
      if (there < missing)
        throw new SealingRefused(
          'store_behind_log',
          'a witness cosigned more records than the ledger has',
          { cosigned: checkpoint.size, records: head.size + there },
        );
    }
  }
}

const pageSize = 1000;

/** How many records come after `position`, counted to `most`: positions say which comes first, not how many lie between. */
async function countAfter(store: EventStore, position: Position, most: number): Promise<number> {
  let count = 0;
  for (let after = position; count < most;) {
    const page = await store.readAll(after, Math.min(pageSize, most - count));
    const last = page.at(-1);
    if (last === undefined) break;
    count += page.length;
    after = last.position;
  }
  return count;
}
