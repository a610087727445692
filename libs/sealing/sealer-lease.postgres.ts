import pg from 'pg';
import { type EventStore, type Position, START } from '#libs/event-store';
import { fromHex } from '#libs/kernel';
import type { Lease, OwnConnection } from '#libs/lease/postgres';
import { type Checkpoint, sameBytes, TILE_WIDTH } from '#libs/log';
import { type SealedHead, type SealedStep, SealerLease } from './ports.js';
import { SealerStopped, SealingRefused } from './sealing.errors.js';

/** How a step is written, which depends on where the records are. */
export interface StepWriter {
  /**
   * @returns whether the head moved. @throws SealingRefused where the ledger does not have what is
   *   sealed
   */
  write(connection: OwnConnection, epoch: string, step: SealedStep): Promise<StepDone>;
}

interface StepDone {
  readonly moved: number;
  /** How many of the step's tiles exist as full ones already; then nothing is written. */
  readonly existing: number;
}

const existingTiles = (from: string) => `
    SELECT count(*) AS n FROM log_tile JOIN unnest(${from}) AS t (level, tile) USING (level, tile)
    WHERE octet_length(log_tile.hashes) >= 8192
      AND EXISTS (SELECT FROM log_sealed WHERE epoch = $1 AND position = $2)`;

const keepTiles = (from: string) => `
    INSERT INTO log_tile (level, tile, hashes)
    SELECT level, tile, hashes FROM unnest(${from}) AS t (level, tile, hashes)
    WHERE EXISTS (SELECT FROM moved)
    ON CONFLICT (level, tile) DO UPDATE SET hashes = EXCLUDED.hashes
      WHERE octet_length(log_tile.hashes) < 8192`;

const columnsOf = (tiles: SealedStep['tiles']) => [
  tiles.map(({ level }) => level),
  tiles.map(({ index }) => index),
  tiles.map(({ hashes }) => hashes),
];

/**
 * One statement, one commit: the head moves, and tiles are written, only where epoch and head are
 * the writer's, the ledger still has the records at both ends of the step, and no full tile would
 * change. Leaves of the incomplete tile are appended as one small row and not rewritten.
 */
const stepBeside = `
  WITH tails AS (
    SELECT count(*) AS n FROM log_record
    WHERE (position, hash) IN (($6::bigint, $7::bytea), ($2::bigint, $3::bytea))
  ), existing AS (${existingTiles('$9::smallint[], $10::bigint[]')}
  ), moved AS (
    UPDATE log_sealed
    SET size = $4, root = $5, position = $6, tail = $7, note = coalesce($15::bytea, note)
    WHERE epoch = $1 AND position = $2 AND (SELECT n FROM tails) = $8 AND (SELECT n FROM existing) = 0
    RETURNING 1
  ), edge AS (
    INSERT INTO log_edge (first, hashes) SELECT $12::bigint, $13::bytea
    WHERE $13::bytea IS NOT NULL AND EXISTS (SELECT FROM moved)
    ON CONFLICT (first) DO UPDATE SET hashes = EXCLUDED.hashes
  ), full_by_now AS (
    DELETE FROM log_edge WHERE first < $14::bigint AND EXISTS (SELECT FROM moved)
  ), kept AS (${keepTiles('$9::smallint[], $10::bigint[], $11::bytea[]')}
  )
  SELECT (SELECT count(*)::int FROM moved) AS moved, (SELECT n::int FROM tails) AS tails,
    (SELECT n::int FROM existing) AS existing`;

/** The records are in the same database: the statement itself checks that they exist. */
export class RecordsBeside implements StepWriter {
  async write(connection: OwnConnection, epoch: string, step: SealedStep) {
    const { before, after, tiles } = step;
    const tails = before.tail === null ? 1 : 2;
    const { rows } = await connection.query<StepDone & { tails: number }>({
      name: 'sealing_write_step',
      text: stepBeside,
      values: [
        epoch,
        before.position,
        before.tail,
        after.size,
        after.root,
        after.position,
        after.tail,
        tails,
        ...columnsOf(tiles),
        ...edgeOf(step),
        step.note,
      ],
    });
    const [done] = rows;
    if (done === undefined) throw fenced();
    if (done.tails !== tails) throw vanished();
    return done;
  }
}

/**
 * The step's leaves in the incomplete tile: the first, their hashes, and, where a tile became full,
 * where the incomplete one begins.
 */
function edgeOf({ before, after, records }: SealedStep) {
  const start = after.size - (after.size % TILE_WIDTH);
  const first = Math.max(before.size, start);
  const hashes = records.slice(records.length - (after.size - first)).map(({ hash }) => hash);
  return [
    first,
    hashes.length === 0 ? null : Buffer.from(hashes.join(''), 'hex'),
    before.size < start ? start : null,
  ];
}

const stepElsewhere = `
  WITH existing AS (${existingTiles('$12::smallint[], $13::bigint[]')}
  ), moved AS (
    UPDATE log_sealed
    SET size = $3, root = $4, position = $5, tail = $6, note = coalesce($15::bytea, note)
    WHERE epoch = $1 AND position = $2 AND (SELECT n FROM existing) = 0
    RETURNING 1
  ), leaves AS (
    INSERT INTO log_leaf (index, stream, version, hash, position)
    SELECT $7::bigint + l.place - 1, l.stream, l.version, l.hash, l.position
    FROM unnest($8::text[], $9::int[], $10::bytea[], $11::bigint[])
      WITH ORDINALITY AS l (stream, version, hash, position, place)
    WHERE EXISTS (SELECT FROM moved)
  ), kept AS (${keepTiles('$12::smallint[], $13::bigint[], $14::bytea[]')}
  )
  SELECT (SELECT count(*)::int FROM moved) AS moved, (SELECT n::int FROM existing) AS existing`;

const uniqueViolation = '23505';

/**
 * The records are in a store of another kind, which is asked for those at both ends of the step
 * before the write. A record that vanishes between check and write is missed by the next step,
 * which asks for it again.
 */
export class RecordsElsewhere implements StepWriter {
  constructor(private readonly store: EventStore) {}

  async write(connection: OwnConnection, epoch: string, step: SealedStep) {
    const { before, after, tiles, records, note } = step;
    await this.#findTails(connection, step);
    const hashes = records.map(({ hash }) => Buffer.from(hash, 'hex'));
    try {
      const { rows } = await connection.query<StepDone>({
        name: 'sealing_write_step_and_leaves',
        text: stepElsewhere,
        values: [
          epoch,
          before.position,
          after.size,
          after.root,
          after.position,
          after.tail,
          before.size,
          records.map(({ body }) => body.stream),
          records.map(({ body }) => body.version),
          hashes,
          records.map(({ position }) => position),
          ...columnsOf(tiles),
          note,
        ],
      });
      if (rows[0] === undefined) throw fenced();
      return rows[0];
    } catch (error) {
      if (error instanceof pg.DatabaseError && error.code === uniqueViolation)
        throw damaged('store_changed', 'the feed has a record that is a leaf already', error);
      throw error;
    }
  }

  async #findTails(connection: OwnConnection, { before, after, records }: SealedStep) {
    const last = records.at(-2)?.position ?? before.position;
    const asked = [this.#has(last, after)];
    if (before.tail !== null) {
      const { rows } = await connection.query<{ position: string }>({
        name: 'sealing_position_before',
        text: 'SELECT position FROM log_leaf WHERE index = $1',
        values: [before.size - 2],
      });
      const [row] = rows;
      asked.push(this.#has(row === undefined ? START : BigInt(row.position), before));
    }
    if ((await Promise.all(asked)).includes(false)) throw vanished();
  }

  /** Whether the first record after `previous` is the last one of `head`. */
  async #has(previous: Position, { position, tail }: Pick<SealedHead, 'position' | 'tail'>) {
    const [record] = await this.store.readAll(previous, 1);
    const hash = record === undefined ? null : fromHex(record.hash);
    return record?.position === position && hash !== null && sameBytes(hash, tail ?? EMPTY);
  }
}
const EMPTY = new Uint8Array();

/** A checkpoint lost in a crash is signed again, so this commit need not wait for the disk. */
const keepNote = `
  WITH weaker AS (SELECT set_config('synchronous_commit', 'off', true))
  UPDATE log_sealed SET note = $2 FROM weaker WHERE epoch = $1 AND size >= $3`;

/**
 * The epoch of every write of this holder; it fences all earlier holders. A holder that was frozen
 * since it got its lease fences none.
 * @throws SealerStopped
 */
export async function takeEpoch(
  connection: OwnConnection,
  { name, epoch }: Pick<Lease, 'name' | 'epoch'>,
): Promise<string> {
  const { rows } = await connection.query<{ epoch: string }>(
    `UPDATE log_sealed SET epoch = epoch + 1
     WHERE EXISTS (SELECT FROM lease WHERE name = $1 AND epoch = $2) RETURNING epoch`,
    [name, epoch],
  );
  if (rows[0] === undefined) throw fenced();
  return rows[0].epoch;
}

export const selectSealed = 'SELECT epoch, size, root, position, tail, note FROM log_sealed';

export interface SealedRow {
  readonly epoch: string;
  readonly size: string;
  readonly root: Buffer;
  readonly position: string;
  readonly tail: Buffer | null;
  readonly note: Buffer | null;
}

/** @throws SealingRefused where the row is gone */
export function sealedHead(row: SealedRow | undefined): {
  readonly epoch: string;
  readonly head: SealedHead;
} {
  if (row === undefined) throw damaged('checkpoint_changed', 'the sealed head is missing');
  const { epoch, root, tail, note } = row;
  return {
    epoch,
    head: { size: Number(row.size), position: BigInt(row.position), root, tail, note },
  };
}

/**
 * One sealer's right while it has its lease: it writes by its own connection, which is cut when the
 * lease is lost.
 */
export class PostgresSealerLease extends SealerLease {
  constructor(
    private readonly lease: Lease,
    private readonly connection: OwnConnection,
    private readonly epoch: string,
    private readonly writer: StepWriter,
    private readonly lost: () => void,
  ) {
    super();
    lease.lost.addEventListener('abort', this.cut);
    connection.gone.addEventListener('abort', lost);
    if (lease.lost.aborted) this.cut();
    else if (connection.gone.aborted) lost();
  }

  private readonly cut = () => {
    this.connection.cut();
  };

  async read(): Promise<SealedHead> {
    const { rows } = await this.connection.query<SealedRow>(selectSealed);
    const { epoch, head } = sealedHead(rows[0]);
    if (epoch !== this.epoch) throw fenced();
    return head;
  }

  async write(step: SealedStep): Promise<void> {
    const { moved, existing } = await this.writer.write(this.connection, this.epoch, step);
    if (existing > 0) throw damaged('tiles_changed', 'a full tile is there already');
    if (moved !== 1) throw fenced();
  }

  async publish({ size }: Checkpoint, note: Uint8Array): Promise<void> {
    await this.connection.query({
      name: 'sealing_keep_note',
      text: keepNote,
      values: [this.epoch, note, size],
    });
  }

  async release(): Promise<void> {
    this.connection.gone.removeEventListener('abort', this.lost);
    this.lease.lost.removeEventListener('abort', this.cut);
    // The lease last: its next holder meets no other writer.
    await this.connection.end();
    await this.lease.giveBack();
  }
}

const fenced = () => new SealerStopped('sealer_fenced', 'another sealer has taken over');
const damaged = (code: SealingRefused['code'], what: string, cause?: unknown) =>
  new SealingRefused(code, what, {}, { cause });
const vanished = () => damaged('store_changed', 'a sealed record is not in the ledger any more');
