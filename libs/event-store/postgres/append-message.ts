import type { FormedRecord } from '../forming.js';
import { oid } from './binary-arrays.js';

/**
 * One statement, so one round trip and one commit: it advances the head row where the epoch is
 * still the writer's, and inserts at the positions that this gave. The head row's lock is held
 * until the commit is durable, so positions are gapless and in commit order.
 */
const insertBatch = `
  WITH head AS (
    UPDATE log_head SET position = position + $1 WHERE epoch = $2
    RETURNING position - $1 AS base
  ), written AS (
    INSERT INTO log_record (position, stream, version, hash, bytes)
    SELECT head.base + u.place, u.stream, u.version, u.hash, u.bytes
    FROM head CROSS JOIN
      unnest($3, $4, $5, $6)
      WITH ORDINALITY AS u (stream, version, hash, bytes, place)
  )
  SELECT base FROM head`;

const statement = 'event_store_append';

/** Sent once on each connection. */
export const prepareAppend = `PREPARE ${statement} (bigint, bigint, text[], int4[], bytea[], bytea[]) AS ${insertBatch}`;

/** A batch is as long as its columns. */
export interface Rows {
  readonly streams: readonly string[];
  readonly records: readonly FormedRecord[];
}

/**
 * Memory of messages that were sent and answered: allocated anew for each batch, it would make the
 * garbage collector run several times a second.
 */
export class MessageMemory {
  readonly #free: Buffer[] = [];

  take(bytes: number): Buffer {
    const free = this.#free.pop();
    if (free !== undefined && free.length >= bytes) return free;
    return Buffer.allocUnsafeSlow(Math.max(bytes + (bytes >> 1), minBytes));
  }

  /** Only of a message that the database has answered: until then the socket may read it. */
  giveBack(message: Buffer): void {
    if (message.buffer.byteLength > maxKeptBytes || this.#free.length === 2) return;
    this.#free.push(Buffer.from(message.buffer));
  }
}
const minBytes = 64 * 1024;
const maxKeptBytes = 2 * 1024 * 1024;

/**
 * Bind, Describe, Execute and Sync of one batch in one buffer (PostgreSQL's documentation, message
 * formats), with its columns as arrays in binary format (src/backend/utils/adt/arrayfuncs.c,
 * array_recv): the driver would copy each of them several times, and escape JavaScript's arrays.
 */
export function appendMessage(memory: MessageMemory, epoch: bigint, rows: Rows): Buffer {
  const { streams, records } = rows;
  const length = records.length;
  let streamBytes = 0;
  for (const stream of streams) streamBytes += Buffer.byteLength(stream);
  let recordBytes = 0;
  for (const { leaf } of records) recordBytes += Buffer.byteLength(leaf) - 1;
  const size =
    bindStart.length +
    2 * (4 + 8) +
    4 * (4 + arrayHeader) +
    (4 * length + streamBytes) +
    8 * length +
    (4 + hashBytes) * length +
    (4 * length + recordBytes) +
    bindEnd.length;

  const to = memory.take(size);
  let at = bindStart.copy(to);
  to.writeInt32BE(size - 1 - afterBind, 1);
  at = to.writeInt32BE(8, at);
  at = to.writeBigInt64BE(BigInt(length), at);
  at = to.writeInt32BE(8, at);
  at = to.writeBigInt64BE(epoch, at);

  at = startArray(to, at, oid.text, length, 4 * length + streamBytes);
  for (const stream of streams) {
    const written = to.write(stream, at + 4);
    at = to.writeInt32BE(written, at) + written;
  }
  at = startArray(to, at, oid.int4, length, 8 * length);
  for (const { version } of records) at = to.writeInt32BE(version, to.writeInt32BE(4, at));
  at = startArray(to, at, oid.bytea, length, (4 + hashBytes) * length);
  for (const { hash } of records) {
    at = to.writeInt32BE(hashBytes, at);
    at += to.write(hash, at, 'hex');
  }
  at = startArray(to, at, oid.bytea, length, 4 * length + recordBytes);
  for (const { leaf } of records) {
    // The leaf's prefix lands on the last byte of the length, which is then overwritten.
    const written = to.write(leaf, at + 3) - 1;
    at = to.writeInt32BE(written, at) + written;
  }
  at += bindEnd.copy(to, at);
  return to.subarray(0, at);
}

const hashBytes = 32;
const arrayHeader = 20;

/** An array of one dimension without nulls. @returns the place of its first element */
function startArray(to: Buffer, at: number, type: number, length: number, elements: number) {
  at = to.writeInt32BE(arrayHeader + elements, at);
  at = to.writeInt32BE(1, at);
  at = to.writeInt32BE(0, at);
  at = to.writeInt32BE(type, at);
  at = to.writeInt32BE(length, at);
  return to.writeInt32BE(1, at);
}

/** Bind, its length left open: the portal without a name, six parameters in binary format. */
const bindStart = Buffer.from(`B\0\0\0\0\0${statement}\0\0\x01\0\x01\0\x06`, 'latin1');
const resultsAsText = '\0\0';
const describePortal = 'D\0\0\0\x06P\0';
const execute = 'E\0\0\0\x09\0\0\0\0\0';
const sync = 'S\0\0\0\x04';
const bindEnd = Buffer.from(resultsAsText + describePortal + execute + sync, 'latin1');
const afterBind = describePortal.length + execute.length + sync.length;
