import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes, randomInt } from 'node:crypto';
import type pg from 'pg';
import { canonicalize, type JsonObject } from '#libs/kernel';
import { formatCheckpoint, formatKey, SignatureType, signCheckpoint } from '#libs/log';
import { nodeSigner } from '#libs/sealing';
import { parsePolicy } from '#libs/verify';
import {
  appendTo,
  city,
  placesOfRecords,
  SealedLedger,
} from '../../../test/support/sealed-ledger.js';
import { checkLedger } from './check-ledger.js';
import { check, findings, sealAll } from '../../../test/support/checked-ledger.js';

interface Place {
  readonly position: number;
  readonly stream: string;
  readonly version: number;
}

describe.each(placesOfRecords)('a ledger, its records %s, that was tampered with', (where) => {
  let ledger: SealedLedger;
  let pool: pg.Pool;
  let places: readonly Place[];

  beforeAll(async () => {
    ledger = await SealedLedger.make(1, where);
    ({ pool } = ledger.database);
    const streams = Array.from(
      { length: 60 },
      () => `case-${randomBytes(16).toString('base64url')}`,
    );
    for (let version = -1; version < 9; version++)
      await Promise.all(streams.map((stream) => appendTo(ledger.store, stream, version)));
    await sealAll(ledger);
    const { rows } = await pool.query<Place>(
      'SELECT position::int, stream, version FROM log_record ORDER BY position',
    );
    places = rows;
    for (const table of ['log_record', 'log_head', 'log_tile', 'log_sealed'])
      await pool.query(`CREATE TABLE kept_${table} AS TABLE ${table}`);
  });
  afterAll(() => ledger.close());

  const restore = async () => {
    for (const table of ['log_record', 'log_head', 'log_tile', 'log_sealed'])
      await pool.query(`TRUNCATE ${table}; INSERT INTO ${table} SELECT * FROM kept_${table}`);
  };
  const any = () => places[randomInt(places.length)]!;
  const two = (): [Place, Place] => {
    const [a, b] = [any(), any()];
    return a.position === b.position ? two() : [a, b];
  };
  const nextInStream = ({ stream, version }: Place) =>
    places.find((place) => place.stream === stream && place.version === version + 1);
  const rehash = `hash = sha256('\\x00'::bytea || bytes)`;

  it('is first of all found whole', async () => {
    expect(await check(ledger)).toMatchObject({
      records: 600,
      streams: 60,
      checkpoints: 1,
      findings: [],
    });
  });

  /**
   * The expected first finding: the leaf, and which of these records; none where it is about the
   * log.
   */
  interface First {
    readonly leaf: number;
    readonly of: readonly Place[];
    readonly what?: string;
    readonly until?: number;
  }
  const firstAt = (position: number, ...of: readonly Place[]): First => ({
    leaf: position - 1,
    of,
  });
  const cutFrom = (leaf: number): First =>
    where === 'beside'
      ? { leaf, until: places.length - 1, of: [], what: 'missing' }
      : { leaf, of: [places[leaf]!], what: 'missing' };
  /** Each changes the tables. */
  const ways: Record<string, () => Promise<First>> = {
    'a flipped bit': async () => {
      const place = any();
      const { rows } = await pool.query<{ bytes: Buffer }>(
        'SELECT bytes FROM log_record WHERE position = $1',
        [place.position],
      );
      const bytes = rows[0]!.bytes;
      const bit = randomInt(bytes.length * 8);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      await pool.query('UPDATE log_record SET bytes = $2 WHERE position = $1', [
        place.position,
        bytes,
      ]);
      return firstAt(place.position, place);
    },
    'other bytes with their own hash': async () => {
      const place = any();
      await pool.query(
        `UPDATE log_record SET bytes = convert_to(replace(convert_from(bytes, 'utf8'), 'accepted', 'rejected'), 'utf8') WHERE position = $1`,
        [place.position],
      );
      await pool.query(`UPDATE log_record SET ${rehash} WHERE position = $1`, [place.position]);
      return firstAt(place.position, place);
    },
    'a deleted record': async () => {
      const place = any();
      await pool.query('DELETE FROM log_record WHERE position = $1', [place.position]);
      const after = places.find(({ position }) => position === place.position + 1);
      // Beside the log, the next record shows where one is missing; elsewhere, the log has kept its
      // name.
      if (where === 'elsewhere') return firstAt(place.position, place);
      if (after === undefined) return cutFrom(place.position - 1);
      return firstAt(after.position, after);
    },
    'two records in each other’s place': async () => {
      const [a, b] = two();
      await pool.query('UPDATE log_record SET position = -1 WHERE position = $1', [a.position]);
      await pool.query('UPDATE log_record SET position = $1 WHERE position = $2', [
        a.position,
        b.position,
      ]);
      await pool.query('UPDATE log_record SET position = $1 WHERE position = -1', [b.position]);
      return firstAt(Math.min(a.position, b.position), a, b);
    },
    'a record that stands twice': async () => {
      const [a, b] = two();
      await pool.query(
        `UPDATE log_record SET bytes = o.bytes, hash = o.hash FROM log_record o WHERE log_record.position = $1 AND o.position = $2`,
        [a.position, b.position],
      );
      // A store of another kind keeps no name beside the bytes.
      return firstAt(a.position, a, ...(where === 'elsewhere' ? [b] : []));
    },
    'an end that was cut off': async () => {
      const kept = randomInt(places.length);
      await pool.query('DELETE FROM log_record WHERE position > $1', [kept]);
      if (randomInt(2) === 0) await pool.query('UPDATE log_head SET position = $1', [kept]);
      return cutFrom(kept);
    },
    'records moved along': async () => {
      const at = 1 + randomInt(places.length - 3);
      await pool.query(
        'UPDATE log_record SET position = -position WHERE position BETWEEN $1 AND $2',
        [at, at + 2],
      );
      await pool.query(
        'UPDATE log_record SET position = CASE -position WHEN $1 THEN $1 + 2 ELSE -position - 1 END WHERE position < 0',
        [at],
      );
      return firstAt(at, ...places.slice(at - 1, at + 2));
    },
    'a changed tile': async () => {
      await pool.query(
        `UPDATE log_tile SET hashes = set_byte(hashes, 40, get_byte(hashes, 40) # 1) WHERE level = 1`,
      );
      return { leaf: 0, of: [], what: 'tile' };
    },
    'a chain rewritten to its end, hashes and all': async () => {
      // Everything except the log is consistent afterwards.
      const place = any();
      let prev: string | null = null;
      for (let at: Place | undefined = place; at !== undefined; at = nextInStream(at)) {
        const { rows } = await pool.query<{ bytes: Buffer }>(
          'SELECT bytes FROM log_record WHERE position = $1',
          [at.position],
        );
        const body = JSON.parse(rows[0]!.bytes.toString()) as {
          prev: string | null;
          data: JsonObject;
        };
        if (prev === null) body.data = { outcome: 'rejected' };
        else body.prev = prev;
        const bytes = Buffer.from(canonicalize(body));
        const written = await pool.query<{ hash: Buffer }>(
          `UPDATE log_record SET bytes = $2, hash = sha256('\\x00'::bytea || $2) WHERE position = $1 RETURNING hash`,
          [at.position, bytes],
        );
        prev = written.rows[0]!.hash.toString('hex');
      }
      return firstAt(place.position, place);
    },
  };
  it.each(Object.entries(ways))(
    'shows %s, each of 10 times, and names the first wrong record first',
    async (_, way) => {
      for (let n = 0; n < 10; n++) {
        const { leaf, of, what, until } = await way();
        const found = await findings(ledger);
        const [first] = found;
        const named = of.some(
          ({ stream, version }) => stream === first?.stream && version === first.version,
        );
        expect([of, found, first]).toEqual([
          of,
          found,
          expect.objectContaining({ leaf, ...(what !== undefined && { what }) }),
        ]);
        expect(named).toBe(of.length > 0);
        if (of.length === 0) expect(first).toMatchObject({ stream: '', version: -1 });
        if (of.length === 0 && until !== undefined) expect(found).toEqual([{ ...first, until }]);
        await restore();
      }
      expect(await findings(ledger)).toEqual([]);
    },
  );

  it('names an end that was cut off by its records, and blames nothing else', async () => {
    await pool.query('DELETE FROM log_record WHERE position > 450');
    await pool.query('UPDATE log_head SET position = 450');
    const found = await findings(ledger);
    await restore();
    const cut = { leaf: 450, stream: '', version: -1, what: 'missing', until: 599 };
    if (where === 'beside') expect(found).toEqual([cut]);
    else expect(found).toEqual([...gone(450, 600), cut]);
  });
  const gone = (from: number, to: number) =>
    places
      .slice(from, to)
      .map(({ stream, version }, n) => ({ leaf: from + n, stream, version, what: 'missing' }));
});

describe('a ledger whose log was made again', () => {
  it('is detected by a checkpoint kept elsewhere', async () => {
    const other = await SealedLedger.make();
    for (let n = 0; n < 5; n++) await appendTo(other.store, `case-${n}`);
    const kept = await sealAll(other);
    await other.database.pool
      .query(`DELETE FROM log_record WHERE position = 5; UPDATE log_head SET position = 4;
      DELETE FROM log_tile; UPDATE log_sealed SET size = 0, root = sha256(''), position = 0, tail = NULL, note = NULL`);
    await other.openStore();
    await appendTo(other.store, 'case-other');
    await sealAll(other);
    expect(await findings(other)).toEqual([]);
    expect(await findings(other, [kept])).toEqual([
      { leaf: 0, until: 4, stream: '', version: -1, what: 'checkpoint' },
    ]);
    await other.close();
  });
});

describe('a checkpoint that somebody kept', () => {
  it('of another log that the policy names says nothing of this ledger', async () => {
    const ledger = await SealedLedger.make();
    const signer = nodeSigner('other.example', SignatureType.ed25519, randomBytes(32));
    const policy = parsePolicy(
      `log ${formatKey(ledger.signer.key)}\nlog ${formatKey(signer.key)}\nquorum none\n`,
    );
    for (let n = 0; n < 5; n++) await appendTo(ledger.store, `case-${n}`);
    await sealAll(ledger);
    const kept = formatCheckpoint(
      signCheckpoint({ origin: 'other.example', size: 3, root: randomBytes(32) }, signer),
    );
    const { findings: found } = await checkLedger(ledger.database.pool, ledger.database.url, {
      city,
      policy,
      checkpoints: [Buffer.from(kept)],
      threads: 0,
    });
    expect(found).toEqual([{ leaf: -1, stream: '', version: -1, what: 'checkpoint_not_trusted' }]);
    await ledger.close();
  });
});
