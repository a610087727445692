import { type Tile, TILE_WIDTH, widthIn } from '#libs/log';
import type { FetchedTile } from './fetched-log.js';

/** The tiles of leaves from that of leaf `from` on, as wide as a tree of `size` leaves has them. */
export function* leafTiles(from: number, size: number): Generator<Tile, void> {
  for (let index = Math.floor(from / TILE_WIDTH); index * TILE_WIDTH < size; index++)
    yield { level: 0, index, width: widthIn(size, 0, index) };
}

/**
 * tlog-tiles: each entry follows its length in two bytes, big-endian. Ends with the last complete
 * one, after `most` at the latest.
 */
export function* entriesOf(bundle: Buffer, most: number): Generator<Buffer, void> {
  let at = 0;
  for (let n = 0; n < most && at + 2 <= bundle.length; n++) {
    const end = at + 2 + bundle.readUInt16BE(at);
    if (end > bundle.length) return;
    yield bundle.subarray(at + 2, end);
    at = end;
  }
}

/** Whether a bundle has exactly so many entries; a full one in place of a partial one has more. */
export function isExact({ bytes, isWhole }: NonNullable<FetchedTile>, width: number): boolean {
  let at = 0;
  let entries = 0;
  for (; at + 2 <= bytes.length && (isWhole || entries < width); entries++)
    at += 2 + bytes.readUInt16BE(at);
  return at === bytes.length && (entries === width || (isWhole && entries === TILE_WIDTH));
}
