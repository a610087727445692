import { sha256 } from '@noble/hashes/sha2.js';
import { InvalidError } from '#libs/kernel';
import type { Sha256 } from './record.js';

/** A proof that does not show what it should, or is none at all. */
export class ProofError extends InvalidError<
  'proof_malformed' | 'inclusion_not_proved' | 'consistency_not_proved'
> {}

export const HASH_BYTES = 32;

/** Reused for every node hash, so that an append leaves no garbage to collect. */
const pair = new Uint8Array(1 + 2 * HASH_BYTES);
pair[0] = 1;

/** RFC 6962, section 2.1: SHA-256(0x01 ‖ left ‖ right), both of 32 bytes. */
export function nodeHash(left: Uint8Array, right: Uint8Array, hash: Sha256 = sha256): Uint8Array {
  pair.set(left, 1);
  pair.set(right, 1 + HASH_BYTES);
  return hash(pair);
}

/** RFC 6962, section 2.1: the root of a log without leaves is the hash of nothing. */
export const emptyRoot = (hash: Sha256 = sha256): Uint8Array => hash(new Uint8Array());

/** Not for secrets: it stops at the first difference. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/**
 * RFC 9162, section 2.1.3.2, with sizes and indices in leaves, up to 2^53 − 1. A tree of size 0
 * includes nothing; every hash must have 32 bytes.
 * @throws ProofError where `leaf` at `index` is not shown to be in the tree of `size` leaves with
 * `root`
 */
export function verifyInclusion(
  leaf: Uint8Array,
  index: number,
  size: number,
  proof: readonly Uint8Array[],
  root: Uint8Array,
  hash: Sha256 = sha256,
): void {
  checkHashes([root]);
  if (!sameBytes(inclusionRoot(leaf, index, size, proof, hash), root)) throw notIncluded();
}

/**
 * The same where the root is not at hand: the one root that a tree of `size` leaves with `leaf` at
 * `index` and these siblings has. It proves nothing by itself.
 * @throws ProofError where no tree of that size has so many siblings there
 */
export function inclusionRoot(
  leaf: Uint8Array,
  index: number,
  size: number,
  proof: readonly Uint8Array[],
  hash: Sha256 = sha256,
): Uint8Array {
  checkHashes([leaf, ...proof]);
  if (!isCount(index) || !isCount(size) || index >= size) throw notIncluded();
  let fn = index;
  let sn = size - 1;
  let computed = leaf;
  for (const sibling of proof) {
    if (sn === 0) throw notIncluded();
    if (fn % 2 === 1 || fn === sn) {
      computed = nodeHash(sibling, computed, hash);
      while (fn % 2 === 0 && fn !== 0) {
        fn = fn / 2;
        sn = half(sn);
      }
    } else {
      computed = nodeHash(computed, sibling, hash);
    }
    fn = half(fn);
    sn = half(sn);
  }
  if (sn !== 0) throw notIncluded();
  return computed;
}

/**
 * RFC 9162, section 2.1.4.2, for `1 <= oldSize <= newSize`. That anything is consistent with an
 * empty tree needs no proof and is not decided here.
 * @throws ProofError where the tree of `newSize` leaves is not shown to begin with the tree of
 * `oldSize`
 */
export function verifyConsistency(
  oldSize: number,
  newSize: number,
  proof: readonly Uint8Array[],
  oldRoot: Uint8Array,
  newRoot: Uint8Array,
  hash: Sha256 = sha256,
): void {
  checkHashes(proof);
  if (!isCount(oldSize) || !isCount(newSize) || oldSize < 1 || oldSize > newSize)
    throw notConsistent();
  if (oldSize === newSize) {
    // Nothing is computed here: equal roots are roots of equal trees.
    if (proof.length !== 0 || oldRoot.length === 0 || !sameBytes(oldRoot, newRoot))
      throw notConsistent();
    return;
  }
  checkHashes([oldRoot, newRoot]);
  const path = isPowerOfTwo(oldSize) ? [oldRoot, ...proof] : [...proof];
  const first = path.shift();
  if (first === undefined) throw notConsistent();
  let fn = oldSize - 1;
  let sn = newSize - 1;
  while (fn % 2 === 1) {
    fn = half(fn);
    sn = half(sn);
  }
  let oldComputed = first;
  let newComputed = first;
  for (const sibling of path) {
    if (sn === 0) throw notConsistent();
    if (fn % 2 === 1 || fn === sn) {
      oldComputed = nodeHash(sibling, oldComputed, hash);
      newComputed = nodeHash(sibling, newComputed, hash);
      while (fn % 2 === 0 && fn !== 0) {
        fn = fn / 2;
        sn = half(sn);
      }
    } else {
      newComputed = nodeHash(newComputed, sibling, hash);
    }
    fn = half(fn);
    sn = half(sn);
  }
  if (sn !== 0 || !sameBytes(oldComputed, oldRoot) || !sameBytes(newComputed, newRoot))
    throw notConsistent();
}

// Shifts would cut numbers to 32 bits.
const half = (n: number) => Math.floor(n / 2);

export const isCount = (n: number): boolean => Number.isSafeInteger(n) && n >= 0;

const isPowerOfTwo = (n: number) => Number.isInteger(Math.log2(n)) && 2 ** Math.log2(n) === n;

function checkHashes(hashes: readonly Uint8Array[]) {
  for (const { length } of hashes)
    if (length !== HASH_BYTES)
      throw new ProofError('proof_malformed', 'a hash does not have 32 bytes', { length });
}

const notIncluded = () =>
  new ProofError('inclusion_not_proved', 'the proof does not lead from the leaf to the root');
const notConsistent = () =>
  new ProofError('consistency_not_proved', 'the proof does not lead from the old root to the new');
