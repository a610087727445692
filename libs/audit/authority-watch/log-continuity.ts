import {
  type Checkpoint,
  consistencyTiles,
  edgeTiles,
  GrowingTree,
  HASH_BYTES,
  ProofError,
  proveConsistency,
  type ReadTile,
  sameBytes,
  type Tile,
  TileError,
  verifyConsistency,
} from '#libs/log';
import { nodeSha256 } from '#libs/sealing';
import type { FetchedLog } from '../ledger-check/fetched-log.js';
import type { Seen } from './sighting.js';

/**
 * Whether a log continues the tree that it showed before, by the consistency proof from its tiles
 * (RFC 6962, section 2.1.2); null where it does.
 */
export async function faultOfContinuing(
  log: FetchedLog,
  { size, root }: Checkpoint,
): Promise<Seen | null> {
  const now = log.checkpoint;
  if (now.size < size) return 'checkpoint_older';
  if (size === 0) return null;
  if (now.size === size) return sameBytes(now.root, root) ? null : 'tree_other';
  const read = await tilesOf(log, consistencyTiles(size, now.size));
  if (read === null) return 'tile_not_shown';
  try {
    const proof = proveConsistency(size, now.size, read, nodeSha256);
    verifyConsistency(size, now.size, proof, root, now.root, nodeSha256);
    return null;
  } catch (error) {
    if (error instanceof TileError || error instanceof ProofError) return 'tree_other';
    throw error;
  }
}

/**
 * The tree of the first `size` leaves, ready to grow; null where the city does not show its right
 * edge. @throws TileError
 */
export async function treeAt(log: FetchedLog, size: number): Promise<GrowingTree | null> {
  const read = await tilesOf(log, edgeTiles(size));
  return read === null ? null : GrowingTree.resume(size, read, nodeSha256);
}

/** Null where one of them is missing, or too short. */
async function tilesOf(log: FetchedLog, wanted: readonly Tile[]): Promise<ReadTile | null> {
  const tiles = new Map<string, Uint8Array>();
  for (const tile of wanted) {
    const fetched = await log.tile(tile);
    if (fetched === null || fetched.bytes.length < tile.width * HASH_BYTES) return null;
    tiles.set(nameOf(tile), fetched.bytes);
  }
  return (tile) => tiles.get(nameOf(tile)) ?? new Uint8Array();
}

const nameOf = ({ level, index }: Tile): string => `${level}/${index}`;
