import { parentPort, workerData } from 'node:worker_threads';
import { sha256Into } from '../../../libs/audit/ledger-check/hashing.js';
import type { Share } from './hashing.js';

/** Hashes its share of the texts, when it is told to. */
const { bytes, offsets, from, to } = workerData as Share;
const texts = Buffer.from(bytes);
const hashes = Buffer.alloc(32);
parentPort?.on('message', () => {
  for (let n = from; n < to; n++)
    sha256Into(hashes, 0, texts.subarray(offsets[n] ?? 0, offsets[n + 1] ?? 0));
  parentPort?.postMessage('done');
});
