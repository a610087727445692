import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { describeWithVectors, vectorsFolder } from '../../test/support/vectors.js';
import { emptyRoot, nodeHash, ProofError, verifyConsistency, verifyInclusion } from './merkle.js';
import { leafHash } from './record.js';

interface Probe {
  leafIdx: number;
  treeSize: number;
  root: string;
  leafHash: string;
  size1: number;
  size2: number;
  root1: string;
  root2: string;
  proof: string[] | null;
  wantErr: boolean;
}

const decode = (text: string | null) => new Uint8Array(Buffer.from(text ?? '', 'base64'));

const accepts = (run: () => void): boolean => {
  try {
    run();
    return true;
  } catch (error) {
    if (error instanceof ProofError) return false;
    throw error;
  }
};

const probes = (kind: string) =>
  readdirSync(join(vectorsFolder, 'merkle', kind), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.json'))
    .map((file): [string, Probe] => [
      file,
      JSON.parse(readFileSync(join(vectorsFolder, 'merkle', kind, file), 'utf8')) as Probe,
    ]);

describeWithVectors('the verdict on every Merkle probe is that of its author', () => {
  it.each(probes('inclusion'))('inclusion %s', (_, probe) => {
    const { leafIdx, treeSize, root, leafHash: leaf, proof, wantErr } = probe;
    const path = (proof ?? []).map(decode);
    expect(
      accepts(() => {
        verifyInclusion(decode(leaf), leafIdx, treeSize, path, decode(root));
      }),
    ).toBe(!wantErr);
  });
  it.each(probes('consistency'))('consistency %s', (_, probe) => {
    const { size1, size2, root1, root2, proof, wantErr } = probe;
    const path = (proof ?? []).map(decode);
    expect(
      accepts(() => {
        verifyConsistency(size1, size2, path, decode(root1), decode(root2));
      }),
    ).toBe(!wantErr);
  });
  it('are 196', () => {
    expect(probes('inclusion').length + probes('consistency').length).toBe(196);
  });
});

describe('a Merkle tree', () => {
  it('begins with the hash of nothing, and tells leaves from nodes', () => {
    expect(Buffer.from(emptyRoot())).toEqual(createHash('sha256').digest());
    const two = [leafHash(new Uint8Array([1])), leafHash(new Uint8Array([2]))] as const;
    const asLeaf = leafHash(new Uint8Array([...two[0], ...two[1]]));
    expect(nodeHash(...two)).not.toEqual(asLeaf);
  });
  it('of no leaves includes nothing, whatever the proof', () => {
    const root = emptyRoot();
    expect(
      accepts(() => {
        verifyInclusion(root, 0, 0, [], root);
      }),
    ).toBe(false);
    expect(
      accepts(() => {
        verifyInclusion(new Uint8Array(), 0, 1, [], new Uint8Array());
      }),
    ).toBe(false);
    expect(
      accepts(() => {
        verifyConsistency(0, 0, [], root, root);
      }),
    ).toBe(false);
  });
  it('accepts no sizes that are not whole numbers', () => {
    const leaf = leafHash(new Uint8Array());
    fc.assert(
      fc.property(fc.constantFrom(-1, 0.5, NaN, Infinity, 2 ** 53), (odd) => {
        expect(
          accepts(() => {
            verifyInclusion(leaf, odd, odd + 1, [], leaf);
          }),
        ).toBe(false);
        expect(
          accepts(() => {
            verifyConsistency(odd, odd, [], leaf, leaf);
          }),
        ).toBe(false);
      }),
    );
  });
});
