import { randomBytes, randomInt } from 'node:crypto';
import type pg from 'pg';
import { coin, one, type Place, shuffled, two, type Wrong, wrongAt } from './place.js';

/** Changes the tables behind the program's back. @param places all records, in their order */
type Way = (pool: pg.Pool, places: readonly Place[]) => Promise<Wrong>;

const ofItsBytes = `sha256('\\x00'::bytea || bytes)`;

/** Puts records in other positions: first away, as positions are unique. */
async function move(pool: pg.Pool, moves: ReadonlyMap<number, number>): Promise<void> {
  await pool.query('UPDATE log_record SET position = -position WHERE position = ANY($1)', [
    [...moves.keys()],
  ]);
  await pool.query(
    'UPDATE log_record SET position = m.to FROM unnest($1::bigint[], $2::bigint[]) m ("from", "to") WHERE position = -m.from',
    [[...moves.keys()], [...moves.values()]],
  );
}

/** A bit of the bytes, with the hash left or made anew; or a bit of the hash. */
const flip: Way = async (pool, places) => {
  const place = one(places);
  const column = randomInt(4) === 0 ? 'hash' : 'bytes';
  await pool.query(
    `UPDATE log_record SET ${column} = set_bit(${column}, b.bit, 1 - get_bit(${column}, b.bit))
     FROM (SELECT floor($2::float8 * 8 * length(${column}))::bigint AS bit FROM log_record WHERE position = $1) b
     WHERE position = $1`,
    [place.position, randomInt(2 ** 40) / 2 ** 40],
  );
  if (column === 'bytes' && coin())
    await pool.query(`UPDATE log_record SET hash = ${ofItsBytes} WHERE position = $1`, [
      place.position,
    ]);
  return wrongAt(place.position, place);
};

/**
 * Leaves a gap, or closes it. The record behind it shows it, where it stands now; at the end of the
 * ledger, that it ends too early.
 */
const remove: Way = async (pool, places) => {
  const place = one(places);
  await pool.query('DELETE FROM log_record WHERE position = $1', [place.position]);
  const after = places.find(({ position }) => position === place.position + 1);
  const closed = coin();
  if (closed) {
    await pool.query('UPDATE log_record SET position = -position WHERE position > $1', [
      place.position,
    ]);
    await pool.query('UPDATE log_record SET position = -position - 1 WHERE position < 0');
    await pool.query('UPDATE log_head SET position = position - 1');
  }
  if (after === undefined) return wrongAt(place.position);
  return wrongAt(closed ? place.position : after.position, after);
};

/** Two records change places, or what they say does. */
const swap: Way = async (pool, places) => {
  const [a, b] = two(places);
  if (coin())
    await move(
      pool,
      new Map([
        [a.position, b.position],
        [b.position, a.position],
      ]),
    );
  else
    await pool.query(
      `UPDATE log_record r SET bytes = o.bytes, hash = o.hash FROM log_record o
       WHERE (r.position, o.position) IN (($1::bigint, $2::bigint), ($2::bigint, $1::bigint))`,
      [a.position, b.position],
    );
  return wrongAt(Math.min(a.position, b.position), a, b);
};

/** A record stands a second time: over another one, or behind the last as its stream's next. */
const duplicate: Way = async (pool, places) => {
  const [a, b] = two(places);
  if (coin()) {
    await pool.query(
      'UPDATE log_record r SET bytes = o.bytes, hash = o.hash FROM log_record o WHERE r.position = $1 AND o.position = $2',
      [a.position, b.position],
    );
    return wrongAt(a.position, a);
  }
  const { rows } = await pool.query<{ position: number; stream: string; version: number }>(
    `INSERT INTO log_record (position, version, stream, hash, bytes)
     SELECT (SELECT max(position) + 1 FROM log_record), (SELECT max(version) + 1 FROM log_record WHERE stream = o.stream), stream, hash, bytes
     FROM log_record o WHERE position = $1 RETURNING position::int, stream, version`,
    [a.position],
  );
  await pool.query('UPDATE log_head SET position = position + 1');
  return wrongAt(places.length + 1, ...rows);
};

/** The end is cut off; the head row says so, or does not. */
const truncate: Way = async (pool, places) => {
  const kept = randomInt(places.length);
  await pool.query('DELETE FROM log_record WHERE position > $1', [kept]);
  if (coin()) await pool.query('UPDATE log_head SET position = $1', [kept]);
  return wrongAt(kept + 1);
};

/** Records that stand together come in another order. */
const reorder: Way = async (pool, places) => {
  const { here, there } = shuffled(places);
  await move(pool, new Map(here.map(({ position }, n) => [position, there[n]!.position])));
  const first = here.findIndex((place, n) => place !== there[n]);
  return wrongAt(here[first]!.position, ...here);
};

/** A record names an operator who did not act, with its hash made anew. */
const nameOperator: Way = async (pool, places) => {
  const place = one(places);
  await pool.query(
    `UPDATE log_record SET bytes = convert_to(
       regexp_replace(convert_from(bytes, 'UTF8'), '("actor":{"client":"[^"]*")', $2), 'UTF8')
     WHERE position = $1`,
    [place.position, `\\1,"operator":"${randomBytes(16).toString('base64url')}"`],
  );
  await pool.query(`UPDATE log_record SET hash = ${ofItsBytes} WHERE position = $1`, [
    place.position,
  ]);
  return wrongAt(place.position, place);
};

export const ways: Readonly<Record<string, Way>> = {
  flip,
  delete: remove,
  swap,
  duplicate,
  truncate,
  reorder,
  'name an operator': nameOperator,
};
