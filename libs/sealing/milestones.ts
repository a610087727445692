import { type EventStore, type Position } from '#libs/event-store';
import { utf8Bytes } from '#libs/kernel';
import {
  type Checkpoint,
  emptyRoot,
  formatCheckpoint,
  type NoteSigner,
  openCheckpoint,
  sameBytes,
  type Sha256,
  signCheckpoint,
  type VerifyEd25519,
} from '#libs/log';
import type { SealedHead } from './ports.js';
import { SealingRefused } from './sealing.errors.js';
import type { TileReading } from './tile-reading.js';

/** A signed tree head that was seen outside: the stored tree must be consistent with it. */
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

/** The checkpoint published last must be this log's, and of this tree. @throws SealingRefused */
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
 * A checkpoint that this log signed, for requests to witnesses. Where none is known here, the empty
 * tree, which is consistent with every tree.
 */
export const lastSigned = (
  { note }: SealedHead,
  signer: NoteSigner,
  origin: string,
  hash: Sha256,
): Uint8Array =>
  note ??
  utf8Bytes(formatCheckpoint(signCheckpoint({ origin, size: 0, root: emptyRoot(hash) }, signer)));

/**
 * Milestones within the sealed tree are compared now; for larger ones the ledger must at least have
 * enough records.
 * @param stored reads stored tiles, without a cache
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
    } else await checkCount(head, checkpoint.size, store);
  }
}

/** The ledger must have records for a tree of `cosigned` leaves. @throws SealingRefused */
export async function checkCount(
  head: SealedHead,
  cosigned: number,
  store: EventStore,
): Promise<void> {
  const missing = cosigned - head.size;
  const there = missing <= 0 ? missing : await countAfter(store, head.position, missing);
  if (there < missing)
    throw new SealingRefused(
      'store_behind_log',
      'a witness cosigned more records than the ledger has',
      { cosigned, records: head.size + there },
    );
}

const pageSize = 1000;

/**
 * How many records come after `position`, counted up to `most`: positions give an order and no
 * count.
 */
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
