import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { emptyRoot, verifyInclusion } from './merkle.js';
import { leafHash } from './record.js';
import { GrowingTree } from './tree.js';
import { TreeEdge } from './tree-edge.js';

const empty = leafHash(new Uint8Array());
const leafOf = (n: number) => leafHash(new Uint8Array([n, n >> 8]));

/** Leaves, or how many places to leave empty. */
const steps = fc.array(
  fc.oneof(
    fc.record({ skip: fc.nat(40) }),
    fc.record({ batch: fc.array(fc.nat(60_000), { minLength: 1, maxLength: 9 }) }),
  ),
  { maxLength: 12 },
);

describe('the right edge of a tree', () => {
  it('has the root of the whole tree, with empty places and without, and resumes at any size', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const whole = new GrowingTree();
        let edge = new TreeEdge(empty);
        for (const step of all) {
          if ('skip' in step) {
            for (let n = 0; n < step.skip; n++) whole.append(empty);
            edge.skip(edge.size + step.skip);
          } else
            for (const leaf of step.batch.map(leafOf)) {
              whole.append(leaf);
              edge.append(leaf);
            }
          edge = TreeEdge.of(edge.size, edge.roots, empty);
          expect([edge.size, edge.root()]).toEqual([whole.size, whole.root()]);
        }
      }),
    );
  });

  it('gives each leaf that is appended its path to the root', () => {
    fc.assert(
      fc.property(fc.nat(300), fc.integer({ min: 1, max: 9 }), (before, count) => {
        const edge = new TreeEdge(empty);
        for (let n = 0; n < before; n++) edge.append(leafOf(n));
        const leaves = Array.from({ length: count }, (_, n) => leafOf(1000 + n));
        const paths = edge.pathsOf(leaves);
        for (const leaf of leaves) edge.append(leaf);
        leaves.forEach((leaf, n) => {
          verifyInclusion(leaf, before + n, edge.size, paths[n] ?? [], edge.root());
        });
      }),
    );
  });

  it('tells the nodes that become complete, each once, but those of empty places alone', () => {
    const edge = new TreeEdge(empty);
    const nodes = [
      ...edge.append(leafOf(1)),
      ...edge.skip(8),
      ...edge.append(leafOf(2)),
      ...edge.append(leafOf(3)),
    ];
    expect(nodes.map(({ level, index }) => `${level}/${index}`)).toEqual([
      '0/0',
      '1/0',
      '2/0',
      '3/0',
      '0/8',
      '0/9',
      '1/4',
    ]);
    expect(new TreeEdge(empty).root()).toEqual(emptyRoot());
  });

  it('of another number of roots is refused', () => {
    expect(() => TreeEdge.of(3, [empty], empty)).toThrow(
      expect.objectContaining({ code: 'range_outside' }),
    );
  });
});
