import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type pg from 'pg';

/** Texts that lie one behind the other in shared memory, and the part of them for one thread. */
export interface Share extends Texts {
  readonly from: number;
  readonly to: number;
}

interface Texts {
  readonly bytes: SharedArrayBuffer;
  /** Where each begins, and the last ends. */
  readonly offsets: Float64Array;
}

/** The bytes of all records as they are hashed: the leaf's prefix, a zero, before each. */
export async function textsOf(pool: pg.Pool): Promise<Texts> {
  const { rows: sums } = await pool.query<{ records: string; bytes: string }>(
    'SELECT count(*) AS records, coalesce(sum(length(bytes) + 1), 0) AS bytes FROM log_record',
  );
  const bytes = new SharedArrayBuffer(Number(sums[0]?.bytes));
  const offsets = new Float64Array(Number(sums[0]?.records) + 1);
  const into = Buffer.from(bytes);
  const page = 10_000;
  let at = 0;
  for (let n = 0; n < offsets.length - 1;) {
    const { rows } = await pool.query<{ bytes: Buffer }>(
      'SELECT bytes FROM log_record ORDER BY position OFFSET $1 LIMIT $2',
      [n, page],
    );
    for (const row of rows) {
      at += 1 + row.bytes.copy(into, at + 1);
      offsets[++n] = at;
    }
  }
  return { bytes, offsets };
}

/** Texts a second that threads hash and do nothing else, each an equal share of them. */
export async function hashedPerSecond({ bytes, offsets }: Texts, threads: number): Promise<number> {
  const count = offsets.length - 1;
  const workers = Array.from({ length: threads }, (_, n) => {
    const share: Share = {
      bytes,
      offsets,
      from: Math.floor((count * n) / threads),
      to: Math.floor((count * (n + 1)) / threads),
    };
    return new Worker(new URL('./hash-worker.js', import.meta.url), { workerData: share });
  });
  const all = async () => {
    const answers = workers.map((worker) => once(worker, 'message'));
    for (const worker of workers) worker.postMessage('go');
    await Promise.all(answers);
  };
  try {
    await all(); // compiled
    const start = performance.now();
    await all();
    return count / ((performance.now() - start) / 1000);
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}
