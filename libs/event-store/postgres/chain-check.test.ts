import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { freshDatabase, type TestDatabase } from '../../../test/support/postgres.js';
import { NONE } from '../port.js';
import { newEvent } from '../store.contract.js';
import { checkChains } from './chain-check.js';
import { createEventStore, PostgresEventStore } from './index.js';

describe('the chain check', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await freshDatabase();
    await createEventStore(database.pool);
    const store = await PostgresEventStore.open({ city: 'city.example', pool: database.pool });
    // Positions 1 to 6: book-1 v0, book-2 v0, book-1 v1, book-2 v1, book-1 v2, book-2 v2.
    for (let version = 0; version < 3; version++)
      for (const stream of ['book-1', 'book-2'])
        await store.append(stream, version - 1, [newEvent({ text: '测试', version })]);
    await store.close();
  });
  afterEach(() => database.drop());

  const forge = (statement: string) => database.pool.query(statement);
  const sha256 = (bytes: Uint8Array) =>
    createHash('sha256').update(Buffer.of(0)).update(bytes).digest();

  test('finds nothing in an untouched ledger, and counts its records', async () => {
    const progress: number[] = [];
    const report = await checkChains(database.pool, (records) => progress.push(records));
    expect(report).toEqual({ records: 6, streams: 2, wrong: [] });
    expect(progress).toEqual([6]);
  });

  test('accepts an empty ledger', async () => {
    await forge('TRUNCATE log_record');
    await forge('UPDATE log_head SET position = 0');
    expect(await checkChains(database.pool)).toEqual({ records: 0, streams: 0, wrong: [] });
  });

  test('finds one flipped bit, wherever it is in the bytes', async () => {
    const { rows } = await database.pool.query<{ length: number }>(
      'SELECT length(bytes) FROM log_record WHERE position = 3',
    );
    for (let bit = 0; bit < rows[0]!.length * 8; bit += 97) {
      const flip = `UPDATE log_record SET bytes = set_bit(bytes, ${bit}, 1 - get_bit(bytes, ${bit})) WHERE position = 3`;
      await forge(flip);
      const { wrong } = await checkChains(database.pool);
      expect(wrong).toContainEqual({ stream: 'book-1', version: 1, what: 'hash' });
      await forge(flip);
    }
    expect((await checkChains(database.pool)).wrong).toEqual([]);
  });

  test('finds a record rewritten together with its hash, by the next record', async () => {
    const { rows } = await database.pool.query<{ bytes: Buffer }>(
      'SELECT bytes FROM log_record WHERE position = 3',
    );
    const forged = Buffer.from(rows[0]!.bytes.toString().replace('"测试"', '"伪造"'));
    await database.pool.query('UPDATE log_record SET bytes = $1, hash = $2 WHERE position = 3', [
      forged,
      sha256(forged),
    ]);
    expect((await checkChains(database.pool)).wrong).toEqual([
      { stream: 'book-1', version: 2, what: 'prev' },
    ]);
  });

  test('finds a record that was taken out, in the middle and at the end', async () => {
    await forge('DELETE FROM log_record WHERE position = 3');
    expect((await checkChains(database.pool)).wrong).toEqual([
      { stream: 'book-2', version: 1, what: 'position' },
      { stream: 'book-1', version: 2, what: 'prev' },
      { stream: 'book-1', version: 2, what: 'version' },
    ]);
    await forge('DELETE FROM log_record WHERE position <> 1');
    expect((await checkChains(database.pool)).wrong).toEqual([
      { stream: '', version: NONE, what: 'missing' },
    ]);
  });

  test('finds a record that was moved to another stream or version', async () => {
    await forge("UPDATE log_record SET stream = 'book-3' WHERE position = 6");
    expect((await checkChains(database.pool)).wrong.map(({ what }) => what)).toEqual([
      'place',
      'prev',
      'version',
    ]);
  });

  test('finds bytes that are no record', async () => {
    for (const bytes of ['null', '{', '[]', '{"v":2}', ''])
      await database.pool
        .query('UPDATE log_record SET bytes = $1, hash = $2 WHERE position = 6', [
          Buffer.from(bytes),
          sha256(Buffer.from(bytes)),
        ])
        .then(async () => {
          expect((await checkChains(database.pool)).wrong).toEqual([
            { stream: 'book-2', version: 2, what: 'bytes' },
          ]);
        });
  });

  test('reads one state of the ledger while writers go on', async () => {
    const store = await PostgresEventStore.open({ city: 'city.example', pool: database.pool });
    let writing = true;
    const writers = Array.from({ length: 8 }, async (_, n) => {
      for (let version = 0; writing; version++)
        await store.append(`case-${n}`, version - 1, [newEvent()]);
    });
    for (let n = 0; n < 5; n++) expect((await checkChains(database.pool)).wrong).toEqual([]);
    writing = false;
    await Promise.all(writers);
    await store.close();
  });
});
