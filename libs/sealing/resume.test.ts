import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { EventStore } from '#libs/event-store';
import { utf8Bytes } from '#libs/kernel';
import { edgeTiles, GrowingTree, leafHash, TILE_WIDTH } from '#libs/log';
import { nodeSha256 } from './node-crypto.js';
import type { Leaves, LogStorage, SealedHead } from './ports.js';
import { resumeTree } from './resume.js';

/** As many as need tiles of three levels, the last of each incomplete. */
const size = 256 * 256 + 256 * 3 + 77;
const bytesOf = (index: number) => utf8Bytes(`record ${index}`);

const tree = new GrowingTree(nodeSha256);
const tiles = new Map<string, Uint8Array>();
for (let index = 0; index < size; index++) tree.append(leafHash(bytesOf(index), nodeSha256));
const { completed, edge } = tree.takeChanges();
for (const { level, index, hashes } of [...completed, ...edge])
  tiles.set(`${level}/${index}`, hashes);

const head: SealedHead = {
  size,
  root: tree.root(),
  position: BigInt(size),
  tail: leafHash(bytesOf(size - 1), nodeSha256),
  note: null,
};

function flip(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = Uint8Array.from(bytes);
  flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return flipped;
}

/** @param changed tiles and records that differ from what was sealed */
const resume = (changed: {
  readonly tiles?: ReadonlyMap<string, Uint8Array>;
  readonly records?: ReadonlyMap<number, Uint8Array>;
}) =>
  resumeTree(
    {
      store: {
        head: () => Promise.resolve(BigInt(size)),
        readAll: (after: bigint, limit: number) =>
          Promise.resolve(
            Array.from({ length: Math.min(limit, size - Number(after)) }, (_, n) => {
              const index = Number(after) + n;
              return {
                position: BigInt(index + 1),
                bytes: changed.records?.get(index) ?? bytesOf(index),
              };
            }),
          ),
      } as unknown as EventStore,
      storage: {
        tiles: () => Promise.resolve(new Map([...tiles, ...(changed.tiles ?? [])])),
      } as unknown as LogStorage,
      leaves: { before: (index: number) => Promise.resolve(BigInt(index)) } as unknown as Leaves,
      hash: nodeSha256,
    },
    head,
  );

describe('a sealer that begins', () => {
  const lastFull = Math.floor(size / TILE_WIDTH) - 1;
  const looked = [
    ...edgeTiles(size).filter(({ level }) => level > 0),
    { level: 0, index: lastFull },
  ].map(({ level, index }) => `${level}/${index}`);

  it('goes on from what was sealed', async () => {
    expect((await resume({})).root()).toEqual(head.root);
    expect(looked.map((key) => key[0]).toSorted()).toEqual(['0', '1', '2']);
  });
  it('refuses with any bit flipped of a tile that its tree goes on from', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...looked), fc.nat(), async (key, bit) => {
        const tile = tiles.get(key)!;
        const changed = new Map([[key, flip(tile, bit % (tile.length * 8))]]);
        await expect(resume({ tiles: changed })).rejects.toMatchObject({
          code: expect.stringMatching(/^(tiles|store)_changed$/),
        });
      }),
    );
  });
  it('refuses with any bit flipped of a record that no full tile covers, or the last full one does', async () => {
    const first = lastFull * TILE_WIDTH;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: first, max: size - 1 }), fc.nat(), async (index, bit) => {
        const bytes = bytesOf(index);
        const changed = new Map([[index, flip(bytes, bit % (bytes.length * 8))]]);
        await expect(resume({ records: changed })).rejects.toMatchObject({
          code: expect.stringMatching(/^(tiles|store)_changed$/),
        });
      }),
    );
  });
});
