import { sha256 } from '@noble/hashes/sha2.js';
import { InvalidError } from '#libs/kernel';
import { emptyRoot, HASH_BYTES, isCount, nodeHash } from './merkle.js';
import type { Sha256 } from './record.js';

/**
 * The tree as C2SP tlog-tiles keeps it: tile `index` of `level` holds up to 256 consecutive hashes
 * of subtrees of 256^level leaves. What a proof reads is named first and computed then, so that
 * callers may fetch tiles in any way.
 */
export interface Tile {
  readonly level: number;
  readonly index: number;
  /**
   * Hashes that are needed of it, 1 to 256. A wider version of the same tile begins with the same
   * hashes.
   */
  readonly width: number;
}

export const TILE_WIDTH = 256;
const TILE_HEIGHT = 8;

export class TileError extends InvalidError<
  'tile_path_malformed' | 'tile_too_short' | 'range_outside'
> {}

/** The stored bytes of a tile: at least `width` × 32. */
export type ReadTile = (tile: Tile) => Uint8Array;

/** The root of `count` (a power of two) hashes in `tile` from `offset` (a multiple of it) on. */
export type SubtreeRoot = (
  tile: Uint8Array,
  offset: number,
  count: number,
  hash: Sha256,
) => Uint8Array;

/** `tile/<L>/<N>[.p/<W>]`, as tlog-tiles writes it. */
export function tilePath({ level, index, width }: Tile): string {
  let path = String(index % 1000).padStart(3, '0');
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000))
    path = `x${String(rest % 1000).padStart(3, '0')}/${path}`;
  return `tile/${level}/${path}${width === TILE_WIDTH ? '' : `.p/${width}`}`;
}

/** @throws TileError on any text that `tilePath` would not write */
export function parseTilePath(path: string): Tile {
  const parts = /^tile\/(\d{1,2})\/((?:x\d{3}\/){0,5}\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path);
  const tile = {
    level: Number(parts?.[1]),
    index: Number(parts?.[2]?.replaceAll(/[x/]/g, '')),
    width: Number(parts?.[3] ?? TILE_WIDTH),
  };
  const partial = parts?.[3] !== undefined;
  if (
    parts === null ||
    tile.level > 63 ||
    !isCount(tile.index) ||
    tile.width < 1 ||
    tile.width > (partial ? TILE_WIDTH - 1 : TILE_WIDTH) ||
    tilePath(tile) !== path
  )
    throw new TileError('tile_path_malformed', 'no tile is named so');
  return tile;
}

/** Hashes that a tree of `size` leaves has at `level`. */
export const hashesAt = (level: number, size: number): number =>
  Math.floor(size / TILE_WIDTH ** level);

/** The width that a tile has in a tree of `size` leaves; 0 where it has none. */
export function widthIn(size: number, level: number, index: number): number {
  return Math.max(0, Math.min(TILE_WIDTH, hashesAt(level, size) - index * TILE_WIDTH));
}

/** A perfect subtree: `index` counts the subtrees of 2^`level` leaves. */
interface Node {
  readonly level: number;
  readonly index: number;
}

/**
 * Leaves from `start` up to, not including, `end`; `start` is a multiple of a power of two that is
 * no less than the length.
 */
export interface LeafRange {
  readonly start: number;
  readonly end: number;
}

/** The largest power of two below `n`, for `n > 1` (RFC 6962: k). */
export function split(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

/** RFC 6962, section 2.1.1: PATH(index, D[0:size]), leaf's sibling first. */
export function inclusionRanges(index: number, size: number): LeafRange[] {
  checkRange(index, size, index < size);
  const ranges: LeafRange[] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const middle = start + split(end - start);
    if (index < middle) {
      ranges.push({ start: middle, end });
      end = middle;
    } else {
      ranges.push({ start, end: middle });
      start = middle;
    }
  }
  return ranges.reverse();
}

/** RFC 6962, section 2.1.2: PROOF(oldSize, D[0:size]). */
export function consistencyRanges(oldSize: number, size: number): LeafRange[] {
  checkRange(oldSize, size, oldSize >= 1 && oldSize <= size);
  const ranges: LeafRange[] = [];
  let start = 0;
  let end = size;
  while (end !== oldSize) {
    const middle = start + split(end - start);
    if (oldSize <= middle) {
      ranges.push({ start: middle, end });
      end = middle;
    } else {
      ranges.push({ start, end: middle });
      start = middle;
    }
  }
  // Where the old tree is a subtree that begins at 0, the verifier knows its root.
  if (start !== 0) ranges.push({ start, end });
  return ranges.reverse();
}

function checkRange(a: number, b: number, fits: boolean) {
  if (!isCount(a) || !isCount(b) || !fits)
    throw new TileError('range_outside', 'the tree has no such leaves', { at: a, size: b });
}

/** A range as perfect subtrees, from left to right. */
function nodesOf({ start, end }: LeafRange): Node[] {
  const nodes: Node[] = [];
  for (let at = start; at < end;) {
    let level = 0;
    while (at % 2 ** (level + 1) === 0 && at + 2 ** (level + 1) <= end) level++;
    nodes.push({ level, index: at / 2 ** level });
    at += 2 ** level;
  }
  return nodes;
}

/** Where a node's hashes lie: `count` of them from `offset` on in tile `index` of `level`. */
function placeOf(node: Node) {
  const level = Math.floor(node.level / TILE_HEIGHT);
  const count = 2 ** (node.level % TILE_HEIGHT);
  const first = node.index * count;
  const index = Math.floor(first / TILE_WIDTH);
  return { level, index, offset: first % TILE_WIDTH, count };
}

function tilesFor(ranges: readonly LeafRange[], size: number): Tile[] {
  const tiles = new Map<string, Tile>();
  for (const node of ranges.flatMap(nodesOf)) {
    const { level, index } = placeOf(node);
    tiles.set(`${level}/${index}`, { level, index, width: widthIn(size, level, index) });
  }
  return [...tiles.values()];
}

function rangeHash(
  range: LeafRange,
  size: number,
  read: ReadTile,
  hash: Sha256,
  subtreeRoot: SubtreeRoot = perfectRoot,
): Uint8Array {
  const nodes = nodesOf(range).map((node) => {
    const { level, index, offset, count } = placeOf(node);
    const tile = read({ level, index, width: widthIn(size, level, index) });
    if (tile.length < (offset + count) * HASH_BYTES)
      throw new TileError('tile_too_short', 'a tile has fewer hashes than its tree', {
        level,
        index,
      });
    return subtreeRoot(tile, offset, count, hash);
  });
  return nodes.reduceRight((right, left) => nodeHash(left, right, hash));
}

/** The root of `count` (a power of two) hashes in `tile` from `offset` on. */
export function perfectRoot(
  tile: Uint8Array,
  offset: number,
  count: number,
  hash: Sha256 = sha256,
): Uint8Array {
  if (count === 1) return tile.subarray(offset * HASH_BYTES, (offset + 1) * HASH_BYTES);
  return nodeHash(
    perfectRoot(tile, offset, count / 2, hash),
    perfectRoot(tile, offset + count / 2, count / 2, hash),
    hash,
  );
}

/** The tiles that `proveInclusion` reads. @throws TileError where the tree has no such leaf */
export const inclusionTiles = (index: number, size: number): Tile[] =>
  tilesFor(inclusionRanges(index, size), size);

/**
 * RFC 6962, section 2.1.1, from tiles.
 * @param subtreeRoot for callers that keep roots of subtrees, so that each is computed once
 * @throws TileError
 */
export const proveInclusion = (
  index: number,
  size: number,
  read: ReadTile,
  hash: Sha256 = sha256,
  subtreeRoot?: SubtreeRoot,
): Uint8Array[] =>
  inclusionRanges(index, size).map((range) => rangeHash(range, size, read, hash, subtreeRoot));

/** The tiles that `proveConsistency` reads, for `1 <= oldSize <= size`. @throws TileError */
export const consistencyTiles = (oldSize: number, size: number): Tile[] =>
  tilesFor(consistencyRanges(oldSize, size), size);

/** RFC 6962, section 2.1.2, from tiles; `subtreeRoot` as above. @throws TileError */
export const proveConsistency = (
  oldSize: number,
  size: number,
  read: ReadTile,
  hash: Sha256 = sha256,
  subtreeRoot?: SubtreeRoot,
): Uint8Array[] =>
  consistencyRanges(oldSize, size).map((range) => rangeHash(range, size, read, hash, subtreeRoot));

/** The tiles that `treeRoot` reads. */
export const rootTiles = (size: number): Tile[] => tilesFor([{ start: 0, end: size }], size);

/** The root of a tree of `size` leaves, from tiles. @throws TileError */
export const treeRoot = (size: number, read: ReadTile, hash: Sha256 = sha256): Uint8Array =>
  size === 0 ? emptyRoot(hash) : rangeHash({ start: 0, end: size }, size, read, hash);
