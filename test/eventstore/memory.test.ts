import { describe, expect, test } from '@jest/globals';
import { readMuch } from './much.js';

const records = 200_000;
const megabyte = 1024 * 1024;

/**
 * The adapter in a process of its own, the double in another one. `npm run bench -- --only
 * eventstore-memory` does it with 10^6 records.
 */
describe('the memory of a process that reads a long log from EventStoreDB', () => {
  test.concurrent.each(['subscribe', 'readAll'] as const)(
    'by %s is the same at its end as after a tenth, also where the reader stops for a while',
    async (by) => {
      const { read, earlyPeak, latePeak } = await readMuch(records, by);
      expect(read).toBe(records);
      // A tenth of the records, which would arrive without being taken, is 20 megabytes; all of
      // them 200 and more.
      expect(latePeak.live - earlyPeak.live).toBeLessThan(6 * megabyte);
      expect(latePeak.rss - earlyPeak.rss).toBeLessThan(64 * megabyte);
    },
    600_000,
  );
});
