import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  consistencyTiles,
  GrowingTree,
  inclusionTiles,
  leafHash,
  proveInclusion,
  type Tile,
  verifyConsistency,
  verifyInclusion,
} from '#libs/log';
import { nodeSha256 } from './node-crypto.js';
import type { Leaves, LogStorage } from './ports.js';
import { TileMemory } from './tile-memory.js';
import { TileReading } from './tile-reading.js';

/** A log in memory that counts reads. */
function countedLog(size: number) {
  const tree = new GrowingTree(nodeSha256);
  const leaves = Array.from({ length: size }, (_, n) => leafHash(Buffer.from(`${n}`), nodeSha256));
  const roots = [tree.root()];
  for (const leaf of leaves) {
    tree.append(leaf);
    roots.push(tree.root());
  }
  const { completed, edge } = tree.takeChanges();
  const stored = new Map(
    [...completed, ...edge].map(({ level, index, hashes }) => [`${level}/${index}`, hashes]),
  );
  const read: Tile[] = [];
  let statements = 0;
  const storage = {
    tiles: (wanted: readonly Tile[]) => {
      statements++;
      read.push(...wanted);
      return Promise.resolve(
        new Map([...stored].filter(([key]) => wanted.some((t) => `${t.level}/${t.index}` === key))),
      );
    },
  } as Partial<LogStorage> as LogStorage;
  const rest = {
    hashes: (first: number, count: number) => {
      statements++;
      return Promise.resolve(Buffer.concat(leaves.slice(first, first + count)));
    },
  } as Partial<Leaves> as Leaves;
  return { storage, rest, leaves, roots, stored, read, statements: () => statements };
}

describe('proofs from tiles that are kept in memory', () => {
  const size = 70_000;
  const log = countedLog(size);

  it('hold for every record under every checkpoint, as the log grows', async () => {
    const reading = new TileReading(log.storage, log.rest, nodeSha256, new TileMemory(2));
    const sizes = fc.integer({ min: 1, max: size });
    await fc.assert(
      fc.asyncProperty(sizes, sizes, async (a, b) => {
        const [old, now] = [Math.min(a, b), Math.max(a, b)];
        const proof = await reading.inclusion(old - 1, now);
        verifyInclusion(log.leaves[old - 1]!, old - 1, now, proof, log.roots[now]!, nodeSha256);
        const grown = await reading.consistency(old, now);
        verifyConsistency(old, now, grown, log.roots[old]!, log.roots[now]!, nodeSha256);
      }),
      { numRuns: 300 },
    );
  });
  it('read one tile of leaves each and nothing else, once those above are known', async () => {
    const reading = new TileReading(log.storage, log.rest, nodeSha256, new TileMemory());
    for (let index = 0; index < size; index += 256) await reading.inclusion(index, size);
    log.read.length = 0;
    const before = log.statements();
    for (let index = 100; index < 60_000; index += 997) {
      const [tile, ...others] = (await asked(() => reading.inclusion(index, size))).map(
        ({ level, index: at }) => ({ level, at }),
      );
      expect(tile).toEqual({ level: 0, at: Math.floor(index / 256) });
      expect(others).toEqual([]);
    }
    expect(log.statements() - before).toBe(Math.ceil((60_000 - 100) / 997));
    expect(inclusionTiles(100, size).length).toBeGreaterThan(2);
    expect(consistencyTiles(100, size).length).toBeGreaterThan(2);
  });
  it('do not grow beyond what was set, nor keep tiles of leaves but the last', () => {
    const memory = new TileMemory(2);
    for (const [at, level] of [1, 2, 3, 4].entries())
      memory.keep({ level, index: 0, width: 1 }, new Uint8Array(32).fill(at));
    memory.keep({ level: 0, index: 3, width: 256 }, new Uint8Array(8192));
    memory.keep({ level: 0, index: 4, width: 2 }, new Uint8Array(64));
    memory.keep({ level: 0, index: 3, width: 2 }, new Uint8Array(64));
    const here = (level: number, index: number, width = 1) =>
      memory.find({ level, index, width }) !== null;
    expect([1, 2, 3, 4].map((level) => here(level, 0))).toEqual([false, false, true, true]);
    expect([here(0, 3), here(0, 4), here(0, 4, 3)]).toEqual([false, true, false]);
  });
  it('are forgotten when they do not hold any more, and read from what is stored', async () => {
    const memory = new TileMemory();
    const reading = new TileReading(log.storage, log.rest, nodeSha256, memory);
    memory.keep({ level: 1, index: 0, width: 256 }, new Uint8Array(8192));
    const check = async () => {
      const proof = await reading.inclusion(3, size);
      verifyInclusion(log.leaves[3]!, 3, size, proof, log.roots[size]!, nodeSha256);
    };
    await expect(check()).rejects.toMatchObject({ code: 'inclusion_not_proved' });
    reading.forget();
    await check();
    const fresh = proveInclusion(
      3,
      size,
      await new TileReading(log.storage, log.rest, nodeSha256).fetch(inclusionTiles(3, size)),
      nodeSha256,
    );
    expect(await reading.inclusion(3, size)).toEqual(fresh);
  });

  async function asked(work: () => Promise<unknown>): Promise<Tile[]> {
    log.read.length = 0;
    await work();
    return [...log.read];
  }
});
