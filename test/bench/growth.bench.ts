import { hash } from 'node:crypto';
import {
  nodeHash,
  proveConsistency,
  proveInclusion,
  type ReadTile,
  type Sha256,
  treeRoot,
  verifyConsistency,
  verifyInclusion,
} from '#libs/log';
import { type Bench, median, quantile, type Row } from './bench.js';
import { fill, filled, sealedBench } from './sealed.js';

const sizes = [10_000, 100_000, 1_000_000];
const samples = 300;

/**
 * What must not grow with the ledger, at 10^4, 10^5 and 10^6 records: the medians of a receipt, a
 * consistency proof and an append, with and without its seal, stay within 1.25 of the smallest
 * ledger's. A receipt reads O(1) and hashes O(log n); proofs from tiles alone are O(log n), one
 * more tile for each factor of 256.
 */
export const bench: Bench = {
  name: 'growth',
  async run({ database, say }) {
    say('  (to be: at most 1.25 times the smallest; what is from tiles alone grows by O(log n))');
    const rows: Row[] = [];
    const smallest = new Map<string, number>();
    const add = (side: string, size: number, times: readonly number[]) => {
      const middle = median(times);
      if (!smallest.has(side)) smallest.set(side, middle);
      rows.push({
        test: 'growth',
        side: `${side} ${size.toExponential(0)}`,
        callers: 1,
        perSecond: 1000 / middle,
        p50Ms: middle,
        p99Ms: quantile(times, 0.99),
        ratio: middle / (smallest.get(side) ?? middle),
      });
    };
    const sealed = await sealedBench(await database());
    let from = 0;
    for (const size of sizes) {
      const began = performance.now();
      await fill(sealed.pool, from, size);
      sealed.sealer().start();
      await sealed.sealer().reached(size, 600_000);
      const seconds = (performance.now() - began) / 1000;
      say(`  ${size} records are there and sealed after ${seconds.toFixed(0)} s`);
      // What filling left to be written is not measured.
      await sealed.pool.query('CHECKPOINT');
      const any = (): number => {
        const n = 1 + Math.floor(Math.random() * size);
        // Between two fillings lie the records that were appended one by one: these have other
        // names.
        return sizes.some((s) => n > s && n <= s + 2 * samples) ? any() : n;
      };
      add('receipt', size, await timed(async () => sealed.receipts.of(filled(any()))));
      add('consistency', size, await timed(async () => sealed.reading.consistency(any(), size)));
      from = size;
      const append = () =>
        sealed.store.append(`case-new-${from++}`, -1, [
          {
            id: from.toString(16).padStart(32, '0'),
            type: 'CaseClosed',
            schema: 1,
            time: '2026-11-22T01:02:03.004Z',
            actor: { client: 'window-7' },
            data: {},
          },
        ]);
      add('append', size, await timed(append));
      await sealed.sealer().reached(from, 60_000);
      add(
        'append+seal',
        size,
        await timed(async () => {
          await append();
          await sealed.sealer().reached(from, 60_000);
        }),
      );
    }
    await sealed.close();
    for (const size of [10_000, 1_000_000, 100_000_000]) {
      const { read, leaf } = uniform();
      const root = treeRoot(size, read, sha);
      const any = () => Math.floor(Math.random() * size);
      add(
        'inclusion from tiles, O(log n),',
        size,
        await timed(() => {
          const index = any();
          verifyInclusion(leaf, index, size, proveInclusion(index, size, read, sha), root, sha);
        }),
      );
      add(
        'consistency from tiles, O(log n),',
        size,
        await timed(() => {
          const old = 1 + any();
          const proof = proveConsistency(old, size, read, sha);
          verifyConsistency(old, size, proof, treeRoot(old, read, sha), root, sha);
        }),
      );
    }
    return rows;
  },
};

async function timed(once: () => unknown): Promise<number[]> {
  const times: number[] = [];
  for (let n = 0; n < samples; n++) {
    const before = performance.now();
    await once();
    times.push(performance.now() - before);
  }
  return times.slice(samples / 10);
}

const sha: Sha256 = (bytes) => hash('sha256', bytes, 'buffer');

/**
 * A tree whose leaves are all alike: its tiles of any size can be made as they are asked for, and
 * its proofs hold.
 */
function uniform(): { readonly read: ReadTile; readonly leaf: Uint8Array } {
  const leaf = sha(new Uint8Array([0]));
  const levels = [leaf];
  const perfect = (level: number): Uint8Array =>
    (levels[level] ??= nodeHash(perfect(level - 1), perfect(level - 1), sha));
  const tiles = new Map<number, Buffer>();
  const read: ReadTile = ({ level }) => {
    const known = tiles.get(level);
    if (known !== undefined) return known;
    const tile = Buffer.concat(Array<Uint8Array>(256).fill(perfect(8 * level)));
    tiles.set(level, tile);
    return tile;
  };
  return { read, leaf };
}
