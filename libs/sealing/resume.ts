import { type EventStore, START } from '#libs/event-store';
import {
  edgeTiles,
  GrowingTree,
  HASH_BYTES,
  leafHash,
  sameBytes,
  type Sha256,
  TILE_WIDTH,
} from '#libs/log';
import type { Leaves, LogStorage, SealedHead } from './ports.js';
import { howToGoOn, SealingRefused } from './sealing.errors.js';

/** The sealed state from which a sealer continues. */
export interface SealedRecords {
  readonly store: EventStore;
  readonly storage: LogStorage;
  readonly leaves: Leaves;
  readonly hash: Sha256;
}

/**
 * The tree as it was sealed, from the stored edge and the last records; refuses where these do not
 * give the stored root.
 */
export async function resumeTree(ledger: SealedRecords, head: SealedHead): Promise<GrowingTree> {
  const { store, storage, hash } = ledger;
  if ((await store.head()) < head.position)
    throw new SealingRefused(
      'store_behind_log',
      'the ledger has fewer records than were sealed',
      { sealed: head.size },
      { hint: howToGoOn('store_behind_log') },
    );
  const stored = await storage.tiles(edgeTiles(head.size));
  const tail = await lastLeaves(ledger, head);
  const width = head.size % TILE_WIDTH;
  const tree = GrowingTree.resume(
    head.size,
    ({ level, index }) =>
      (level === 0
        ? tail.subarray(tail.length - width * HASH_BYTES)
        : stored.get(`${level}/${index}`)) ?? new Uint8Array(),
    hash,
  );
  if (!sameBytes(tree.root(), head.root))
    throw new SealingRefused('tiles_changed', 'the stored tiles do not give the sealed root', {
      sealed: head.size,
    });
  return tree;
}

/**
 * Leaf hashes of the last sealed records, computed from their bytes: those of the incomplete tile,
 * and of the full one before it, which must be what its tile says.
 */
async function lastLeaves(
  { store, storage, leaves: known, hash }: SealedRecords,
  head: SealedHead,
): Promise<Uint8Array> {
  const count = Math.min(head.size, (head.size % TILE_WIDTH) + TILE_WIDTH);
  const changed = () =>
    new SealingRefused('store_changed', 'a sealed record is not what was sealed', {
      sealed: head.size,
    });
  const before = await known.before(head.size - count);
  if (before === null) throw changed();
  const records = await store.readAll(before, count);
  const leaves = new Uint8Array(count * HASH_BYTES);
  records.forEach(({ bytes }, n) => {
    leaves.set(leafHash(bytes, hash), n * HASH_BYTES);
  });
  if (records.length !== count || (records.at(-1)?.position ?? START) !== head.position)
    throw changed();
  if (count > 0 && !sameBytes(leaves.subarray(-HASH_BYTES), head.tail ?? new Uint8Array()))
    throw changed();
  const index = Math.floor(head.size / TILE_WIDTH) - 1;
  if (index >= 0) {
    const tiles = await storage.tiles([{ level: 0, index, width: TILE_WIDTH }]);
    const tile = tiles.get(`0/${index}`) ?? new Uint8Array();
    if (!sameBytes(tile, leaves.subarray(0, TILE_WIDTH * HASH_BYTES))) throw changed();
  }
  return leaves;
}
