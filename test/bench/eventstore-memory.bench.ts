import { readMuch } from '../eventstore/much.js';
import type { Bench, Row } from './bench.js';

const records = 1_000_000;
const megabytes = (bytes: number) => Math.round(bytes / 1024 / 1024);

/**
 * What a process takes that reads 10^6 records from EventStoreDB's protocol, from a double that
 * keeps none of them. `ratio` is the most memory that is left after a collection in the last nine
 * tenths to that in the first; it should be 1.
 */
export const bench: Bench = {
  name: 'eventstore-memory',
  async run({ say }) {
    const rows: Row[] = [];
    for (const by of ['subscribe', 'readAll'] as const) {
      const { read, seconds, earlyPeak, latePeak } = await readMuch(records, by);
      say(
        `  ${by}: ${megabytes(earlyPeak.live)} MB alive and ${megabytes(earlyPeak.rss)} MB of the machine in the first tenth, ` +
          `${megabytes(latePeak.live)} and ${megabytes(latePeak.rss)} MB in the rest`,
      );
      rows.push({
        test: 'eventstore-memory',
        side: by,
        callers: 1,
        perSecond: read / seconds,
        p50Ms: null,
        p99Ms: null,
        ratio: latePeak.live / earlyPeak.live,
      });
    }
    return rows;
  },
};
