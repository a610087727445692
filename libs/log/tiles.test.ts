import { hash as nodeHashOf } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { emptyRoot, nodeHash, ProofError, verifyConsistency, verifyInclusion } from './merkle.js';
import type { Sha256 } from './record.js';
import {
  consistencyTiles,
  inclusionTiles,
  parseTilePath,
  proveConsistency,
  proveInclusion,
  type Tile,
  TileError,
  tilePath,
  treeRoot,
} from './tiles.js';
import { edgeTiles, type FilledTile, GrowingTree } from './tree.js';

const sha: Sha256 = (bytes) => nodeHashOf('sha256', bytes, 'buffer');
const leafOf = (n: number) => sha(Buffer.from(`leaf ${n}`));

/** RFC 6962, section 2.1, literally: the reference for the implementation. */
function textbookRoot(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return emptyRoot(sha);
  if (leaves.length === 1) return leaves[0]!;
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return nodeHash(textbookRoot(leaves.slice(0, k)), textbookRoot(leaves.slice(k)), sha);
}

/** Keeps what a tree hands over, as a store would. */
class TileStorage {
  readonly tiles = new Map<string, Uint8Array>();
  readonly asked: Tile[] = [];
  keep(tiles: readonly FilledTile[]) {
    for (const { level, index, hashes } of tiles) this.tiles.set(`${level}/${index}`, hashes);
  }
  save(tree: GrowingTree) {
    const { completed, edge } = tree.takeChanges();
    this.keep(completed);
    this.keep(edge);
    const leaves = tree.edgeTile(0);
    if (leaves) this.keep([leaves]);
  }
  readonly read = (tile: Tile) => {
    this.asked.push(tile);
    return this.tiles.get(`${tile.level}/${tile.index}`) ?? new Uint8Array();
  };
}

const largest = 70_000;
const leaves = Array.from({ length: largest }, (_, n) => leafOf(n));
const grown = new GrowingTree(sha);
const storage = new TileStorage();
for (const leaf of leaves) grown.append(leaf);
storage.save(grown);

const size = fc.oneof(
  fc.integer({ min: 1, max: 600 }),
  fc.integer({ min: 1, max: largest }),
  fc.constantFrom(255, 256, 257, 65535, 65536, 65537, largest),
);

describe('the names of tiles', () => {
  it('are those of tlog-tiles', () => {
    expect(tilePath({ level: 0, index: 1234067, width: 256 })).toBe('tile/0/x001/x234/067');
    expect(tilePath({ level: 5, index: 0, width: 17 })).toBe('tile/5/000.p/17');
  });
  it('read back as the same tile', () => {
    fc.assert(
      fc.property(
        fc.record({
          level: fc.integer({ min: 0, max: 63 }),
          index: fc.maxSafeNat(),
          width: fc.integer({ min: 1, max: 256 }),
        }),
        (tile) => {
          expect(parseTilePath(tilePath(tile))).toEqual(tile);
        },
      ),
    );
  });
  it.each([
    'tile/0/000.p/0',
    'tile/0/000.p/256',
    'tile/0/000.p/01',
    'tile/00/000',
    'tile/64/000',
    'tile/0/0',
    'tile/0/x000/001',
    'tile/0/001/002',
    'tile/0/x001/002/',
    'tile/0/../000',
    '/tile/0/000',
    'tile/entries/000',
    'tile/0/x999/x999/x999/x999/x999/999',
    'tile/0/000\n',
  ])('refuse %j', (path) => {
    expect(() => parseTilePath(path)).toThrow(TileError);
  });
});

describe('a tree kept as tiles', () => {
  it('has 273 full leaf tiles and widths 112, 17 and 1 at 70,000 leaves, as tlog-tiles counts', () => {
    expect(edgeTiles(largest)).toEqual([
      { level: 0, index: 273, width: 112 },
      { level: 1, index: 1, width: 17 },
      { level: 2, index: 0, width: 1 },
    ]);
    expect(edgeTiles(256)).toEqual([{ level: 1, index: 0, width: 1 }]);
    expect([...storage.tiles.keys()].filter((key) => key.startsWith('0/'))).toHaveLength(274);
  });
  it('has the root of the textbook, grown or read', () => {
    expect(grown.root()).toEqual(textbookRoot(leaves));
    fc.assert(
      fc.property(fc.oneof(fc.constant(0), size), (n) => {
        expect(treeRoot(n, storage.read, sha)).toEqual(textbookRoot(leaves.slice(0, n)));
      }),
      { numRuns: 60 },
    );
  });
  it('grows by full tiles as it does leaf by leaf', () => {
    const quick = new GrowingTree(sha);
    const kept = new TileStorage();
    for (let n = 0; n + 256 <= largest; n += 256) {
      const tile = leaves.slice(n, n + 256);
      quick.appendTile(Buffer.concat(tile), textbookRoot(tile));
    }
    for (let n = quick.size; n < largest; n++) quick.append(leaves[n]!);
    kept.save(quick);
    expect(quick.root()).toEqual(grown.root());
    expect([...kept.tiles.keys()].toSorted()).toEqual([...storage.tiles.keys()].toSorted());
    for (const [key, tile] of kept.tiles)
      expect(Buffer.compare(tile, storage.tiles.get(key)!)).toBe(0);
    expect(() => {
      quick.appendTile(new Uint8Array(8192), new Uint8Array(32));
    }).toThrow(TileError);
  });
  it('goes on after a stop at any size as if it had not stopped', () => {
    fc.assert(
      fc.property(size, fc.integer({ min: 0, max: 700 }), (stop, more) => {
        const end = Math.min(largest, stop + more);
        const edges = new TileStorage();
        const before = new GrowingTree(sha);
        for (let n = Math.max(0, stop - (stop % 65536)); n < stop; n++) before.append(leaves[n]!);
        const resumed = GrowingTree.resume(stop, storage.read, sha);
        for (let n = stop; n < end; n++) resumed.append(leaves[n]!);
        expect(resumed.root()).toEqual(treeRoot(end, storage.read, sha));
        edges.save(resumed);
        for (const [key, hashes] of edges.tiles)
          expect(Buffer.from(storage.tiles.get(key)!).subarray(0, hashes.length)).toEqual(
            Buffer.from(hashes),
          );
      }),
      { numRuns: 60 },
    );
  });
  it('proves each of its leaves, reading no other tiles than it names', () => {
    fc.assert(
      fc.property(size, fc.nat(), (n, at) => {
        const index = at % n;
        storage.asked.length = 0;
        const proof = proveInclusion(index, n, storage.read, sha);
        verifyInclusion(leaves[index]!, index, n, proof, treeRoot(n, storage.read, sha), sha);
        const named = inclusionTiles(index, n).map(tilePath);
        const { asked } = storage;
        for (const tile of asked.slice(0, proof.length)) expect(named).toContain(tilePath(tile));
        expect(named.length).toBeLessThanOrEqual(6);
      }),
    );
  });
  it('proves that it began as each smaller one', () => {
    fc.assert(
      fc.property(size, fc.nat(), (n, at) => {
        const old = 1 + (at % n);
        const proof = proveConsistency(old, n, storage.read, sha);
        const roots = [treeRoot(old, storage.read, sha), treeRoot(n, storage.read, sha)] as const;
        verifyConsistency(old, n, proof, ...roots, sha);
        expect(consistencyTiles(old, n).length).toBeLessThanOrEqual(6);
      }),
    );
  });
  it('gives no proof that holds where any bit of a tile is flipped that the proof goes through', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...storage.tiles.keys()),
        fc.nat(),
        fc.nat(255),
        (key, at, bit) => {
          const [level = 0, index = 0] = key.split('/').map(Number);
          const hashes = storage.tiles.get(key)!;
          const place = at % (hashes.length / 32);
          // The neighbour’s proof names the hash itself.
          const neighbour = place ^ 1;
          fc.pre(neighbour < hashes.length / 32);
          const leaf = (index * 256 + neighbour) * 256 ** level;
          const flipped = hashes.slice();
          flipped[place * 32 + (bit >> 3)]! ^= 1 << (bit & 7);
          const read = (tile: Tile) =>
            `${tile.level}/${tile.index}` === key ? flipped : storage.read(tile);
          const check = (tiles: typeof read) => {
            const path = proveInclusion(leaf, largest, tiles, sha);
            verifyInclusion(leaves[leaf]!, leaf, largest, path, grown.root(), sha);
          };
          check(storage.read);
          expect(() => {
            check(read);
          }).toThrow(ProofError);
        },
      ),
    );
  });
  it('proves nothing with one bit flipped', () => {
    fc.assert(
      fc.property(size, fc.nat(), fc.nat(), (n, at, bit) => {
        const index = at % n;
        const parts = [
          leaves[index]!,
          treeRoot(n, storage.read, sha),
          ...proveInclusion(index, n, storage.read, sha),
        ].map((part) => Uint8Array.from(part));
        const part = parts[bit % parts.length]!;
        part[bit % 32]! ^= 1 << (bit % 8);
        const [leaf, root, ...proof] = parts;
        expect(() => {
          verifyInclusion(leaf!, index, n, proof, root!, sha);
        }).toThrow(ProofError);
      }),
    );
  });
  it('names leaves that are not there, and tiles that are too short', () => {
    expect(() => proveInclusion(5, 5, storage.read, sha)).toThrow(TileError);
    expect(() => proveConsistency(0, 5, storage.read, sha)).toThrow(TileError);
    expect(() => proveInclusion(0, 5, () => new Uint8Array(64), sha)).toThrow(TileError);
  });
});
