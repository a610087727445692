import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import pg from 'pg';
import { freshDatabase, type TestDatabase } from '../../../test/support/postgres.js';
import { appendMessage, MessageMemory, prepareAppend } from './append-message.js';
import { WriterConnection } from './connection.js';
import { createEventStore } from './index.js';

describe('a batch on its way to the database', () => {
  let database: TestDatabase;
  let connection: WriterConnection;
  beforeAll(async () => {
    database = await freshDatabase();
    await createEventStore(database.pool);
    connection = new WriterConnection(database.pool.options, 30_000, prepareAppend);
  });
  afterAll(async () => {
    await connection.end();
    await database.drop();
  });

  const text = fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\0'));
  const row = fc.record({
    stream: text,
    version: fc.nat(2 ** 31 - 1),
    hash: fc.stringMatching(/^[0-9a-f]{64}$/),
    bytes: fc.oneof(text, fc.constant('é'.repeat(40_000))),
  });
  const memory = new MessageMemory();

  test('arrives as it was, whatever was in its memory before', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 40 }), async (rows) => {
        await database.pool.query('TRUNCATE log_record');
        const streams = rows.map(({ stream }, n) => `${n} ${stream}`);
        const message = appendMessage(memory, 1n, {
          streams,
          records: rows.map(({ version, hash, bytes }) => ({
            id: '',
            version,
            hash,
            leaf: `\0${bytes}`,
          })),
        });
        const base = await connection.send(message);
        memory.giveBack(message);
        const stored = await database.pool.query<{ hash: Buffer; bytes: Buffer }>(
          'SELECT position - $1 AS place, stream, version, hash, bytes FROM log_record ORDER BY position',
          [base],
        );
        expect(
          stored.rows.map(({ hash, bytes, ...rest }) => ({
            ...rest,
            hash: hash.toString('hex'),
            bytes: bytes.toString(),
          })),
        ).toEqual(rows.map((wanted, n) => ({ ...wanted, place: `${n + 1}`, stream: streams[n] })));
      }),
      { numRuns: 60 },
    );
  });

  test('of another epoch is not written', async () => {
    await database.pool.query('TRUNCATE log_record');
    const records = [{ id: '', version: 0, hash: '0'.repeat(64), leaf: '\0{}' }];
    expect(await connection.send(appendMessage(memory, 7n, { streams: ['case-1'], records }))).toBe(
      null,
    );
    expect((await database.pool.query('SELECT FROM log_record')).rowCount).toBe(0);
  });

  test('that the database refuses leaves the connection usable', async () => {
    const records = [{ id: '', version: -1, hash: '0'.repeat(64), leaf: '\0{}' }];
    const refused = appendMessage(memory, 1n, { streams: ['case-1'], records });
    await expect(connection.send(refused)).rejects.toThrow(pg.DatabaseError);
    const { rows } = await connection.query({ text: 'SELECT 1 AS one' });
    expect(rows).toEqual([{ one: 1 }]);
  });

  test.each([
    ['forgot what was prepared', 'DEALLOCATE ALL'],
    ['only reads, as a former primary', 'SET default_transaction_read_only = on'],
  ])('is sent on a new connection after a session that %s', async (_, how) => {
    await database.pool.query('TRUNCATE log_record');
    await connection.query({ text: how });
    const records = [{ id: '', version: 0, hash: '0'.repeat(64), leaf: '\0{}' }];
    const send = () => connection.send(appendMessage(memory, 1n, { streams: ['case-1'], records }));
    await expect(send()).rejects.toMatchObject({ code: 'connection_lost', sent: false });
    expect(await send()).not.toBeNull();
  });
});

test('memory is used again once it was given back, and kept for two messages at most', () => {
  const memory = new MessageMemory();
  const first = memory.take(100);
  expect(memory.take(100).buffer).not.toBe(first.buffer);
  memory.giveBack(first.subarray(0, 10));
  expect(memory.take(first.length).buffer).toBe(first.buffer);
  for (const each of [memory.take(1), memory.take(2), memory.take(3)]) memory.giveBack(each);
  const large = memory.take(4 * 1024 * 1024);
  memory.giveBack(large);
  expect(memory.take(1).buffer).not.toBe(large.buffer);
});
