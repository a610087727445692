import { appendFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Journal } from './journal.js';

describe('the journal of a department’s service', () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mianzheng-journal-'));
    path = join(folder, 'journal.ndjson');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const [first, later] = ['2026-12-01T08:00:00.000Z', '2026-12-01T08:05:00.000Z'] as const;
  const opened = async <Result>(use: (journal: Journal) => Promise<Result>): Promise<Result> => {
    const journal = await Journal.open(path);
    try {
      return await use(journal);
    } finally {
      await journal.close();
    }
  };

  test('answers a request that comes again with its first time, after a restart too', async () => {
    await opened((journal) => journal.madeAt('r1', 'ZM001 of one', first));
    const again = await opened((journal) => journal.madeAt('r1', 'ZM001 of one', later));
    expect(again).toBe(first);
  });

  test('refuses a request that comes again for something else', async () => {
    await opened(async (journal) => {
      await journal.madeAt('r1', 'ZM001 of one', first);
      await expect(journal.madeAt('r1', 'ZM001 of another', later)).rejects.toMatchObject({
        code: 'request_reused',
      });
    });
  });

  test('keeps what comes after half a line that a power cut left', async () => {
    await opened((journal) => journal.madeAt('r1', 'one', first));
    await appendFile(path, '{"request":"r2","wh');
    await opened((journal) => journal.madeAt('r3', 'three', first));
    await opened(async (journal) => {
      expect(await journal.madeAt('r1', 'one', later)).toBe(first);
      expect(await journal.madeAt('r3', 'three', later)).toBe(first);
      expect(await journal.madeAt('r2', 'two', later)).toBe(later);
    });
  });

  test('gives one time to a request that comes twice at one moment', async () => {
    await opened(async (journal) => {
      const times = await Promise.all(
        [first, later].map((now) => journal.madeAt('r1', 'one', now)),
      );
      expect(times).toEqual([first, first]);
    });
  });

  test('is not taken for empty where it cannot be read', async () => {
    await mkdir(path);
    await expect(Journal.open(path)).rejects.toThrow('EISDIR');
  });
});
