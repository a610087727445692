import { once } from 'node:events';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { createEventStore } from '#libs/event-store/postgres';
import { connections, type Side } from './side.js';

/**
 * The product's own table, filled without its event store: no chain, no checks, bytes made
 * beforehand.
 */

const bytes = Buffer.alloc(504, 0x61);
const hash = Buffer.alloc(32, 0x62);

/** A plain INSERT of one row, each its own transaction, through a pool of connections. */
export async function insert(url: string): Promise<Side> {
  const pool = new pg.Pool({ connectionString: url, max: connections });
  await createEventStore(pool);
  let position = 0;
  return {
    name: 'insert',
    append: (stream, version) =>
      pool.query({
        name: 'insert_one',
        text: 'INSERT INTO log_record (position, stream, version, hash, bytes) VALUES ($1, $2, $3, $4, $5)',
        values: [++position, stream, version, hash, bytes],
      }),
    close: () => pool.end(),
  };
}

/**
 * COPY, as the limit of what PostgreSQL takes: what concurrent callers wait for goes down in one
 * binary COPY, one after the other, on one connection, and each caller is answered.
 */
export async function copy(url: string): Promise<Side> {
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  await createEventStore(pool);
  const client = await pool.connect();
  let waiting: Row[] = [];
  let position = 0n;
  const write = async (rows: readonly Row[]) => {
    const into = client.query(
      copyFrom(
        'COPY log_record (position, version, stream, hash, bytes) FROM STDIN (FORMAT binary)',
      ),
    );
    const done = once(into, 'finish');
    into.end(encode(rows, position));
    position += BigInt(rows.length);
    await done;
    for (const row of rows) row.written();
  };
  let running = false;
  const run = async () => {
    while (waiting.length > 0) {
      const rows = waiting;
      waiting = [];
      await write(rows);
      await new Promise((resolve) => setImmediate(resolve));
    }
    running = false;
  };
  return {
    name: 'copy',
    append: (stream, version) =>
      new Promise<void>((written) => {
        waiting.push({ stream, version, written });
        if (running) return;
        running = true;
        setImmediate(() => void run());
      }),
    close: async () => {
      client.release();
      await pool.end();
    },
  };
}

interface Row {
  readonly stream: string;
  readonly version: number;
  readonly written: () => void;
}

const signature = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');

function encode(rows: readonly Row[], base: bigint): Buffer {
  let size = signature.length + 2;
  for (const { stream } of rows)
    size += 2 + 12 + 8 + 4 + Buffer.byteLength(stream) + 4 + hash.length + 4 + bytes.length;
  const copied = Buffer.allocUnsafe(size);
  let at = signature.copy(copied, 0);
  let position = base;
  for (const { stream, version } of rows) {
    at = copied.writeInt16BE(5, at);
    at = copied.writeInt32BE(8, at);
    at = copied.writeBigInt64BE(++position, at);
    at = copied.writeInt32BE(4, at);
    at = copied.writeInt32BE(version, at);
    const length = copied.write(stream, at + 4);
    at = copied.writeInt32BE(length, at) + length;
    at = copied.writeInt32BE(hash.length, at);
    at += hash.copy(copied, at);
    at = copied.writeInt32BE(bytes.length, at);
    at += bytes.copy(copied, at);
  }
  copied.writeInt16BE(-1, at);
  return copied;
}
