import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes, randomInt } from 'node:crypto';
import type pg from 'pg';
import { canonicalize, type JsonObject } from '#libs/kernel';
import { formatCheckpoint } from '#libs/log';
import { TestKey } from '../../../test/support/keys.js';
import {
  appendTo,
  city,
  placesOfRecords,
  SealedLedger,
} from '../../../test/support/sealed-ledger.js';
import { bookOf } from '#libs/consent';
import { checkLedger } from './check-ledger.js';

const patience = 30_000;

interface Place {
  readonly position: number;
  readonly stream: string;
  readonly version: number;
}

const check = async (ledger: SealedLedger, checkpoints: readonly Uint8Array[] = []) =>
  checkLedger(ledger.database.pool, ledger.database.url, {
    city,
    policy: ledger.policy,
    checkpoints,
    threads: 0,
    // A store that has seen nothing so far: another one may remember what the tables held.
    ...(ledger.place === 'elsewhere' && { store: await ledger.openStore() }),
  });
const findings = async (ledger: SealedLedger, checkpoints?: readonly Uint8Array[]) =>
  (await check(ledger, checkpoints)).findings;

const sealAll = async (ledger: SealedLedger) => {
  const sealer = ledger.sealer();
  sealer.start();
  const checkpoint = await sealer.reached(await ledger.size(), patience);
  await sealer.stop();
  return Buffer.from(formatCheckpoint(checkpoint!));
};

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

  /** Each changes the tables and says which records must be named, one of them at least. */
  const ways: Record<string, () => Promise<readonly Place[]>> = {
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
      return [place];
    },
    'other bytes with their own hash': async () => {
      const place = any();
      await pool.query(
        `UPDATE log_record SET bytes = convert_to(replace(convert_from(bytes, 'utf8'), 'accepted', 'rejected'), 'utf8') WHERE position = $1`,
        [place.position],
      );
      await pool.query(`UPDATE log_record SET ${rehash} WHERE position = $1`, [place.position]);
      return [place];
    },
    'a deleted record': async () => {
      const place = any();
      await pool.query('DELETE FROM log_record WHERE position = $1', [place.position]);
      const after = places.find(({ position }) => position === place.position + 1);
      return [after ?? { stream: '', version: -1, position: 0 }];
    },
    'two records in each other’s place': async () => {
      const [a, b] = two();
      await pool.query('UPDATE log_record SET position = -1 WHERE position = $1', [a.position]);
      await pool.query('UPDATE log_record SET position = $1 WHERE position = $2', [
        a.position,
        b.position,
      ]);
      await pool.query('UPDATE log_record SET position = $1 WHERE position = -1', [b.position]);
      return [a, b];
    },
    'a record that stands twice': async () => {
      const [a, b] = two();
      await pool.query(
        `UPDATE log_record SET bytes = o.bytes, hash = o.hash FROM log_record o WHERE log_record.position = $1 AND o.position = $2`,
        [a.position, b.position],
      );
      return [a];
    },
    'an end that was cut off': async () => {
      const kept = randomInt(places.length);
      await pool.query('DELETE FROM log_record WHERE position > $1', [kept]);
      await pool.query('UPDATE log_head SET position = $1', [kept]);
      return [{ stream: '', version: -1, position: 0 }];
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
      return places.slice(at - 1, at + 2);
    },
    'a changed tile': async () => {
      await pool.query(
        `UPDATE log_tile SET hashes = set_byte(hashes, 40, get_byte(hashes, 40) # 1) WHERE level = 1`,
      );
      return [{ stream: '', version: -1, position: 0 }];
    },
    'a chain rewritten to its end, hashes and all': async () => {
      // Everything but the log agrees with itself afterwards.
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
      return [place];
    },
  };
  it.each(Object.entries(ways))(
    'shows %s, each of 10 times, and names the record',
    async (_, way) => {
      for (let n = 0; n < 10; n++) {
        const wanted = await way();
        const found = await findings(ledger);
        const named = found.filter(({ stream, version }) =>
          wanted.some((place) => place.stream === stream && place.version === version),
        );
        expect([wanted, found, named.length > 0]).toEqual([wanted, found, true]);
        await restore();
      }
      expect(await findings(ledger)).toEqual([]);
    },
  );
});

describe('a ledger whose log was made again', () => {
  it('is shown by a checkpoint that somebody kept', async () => {
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

describe('records that are whole and say what must not be', () => {
  let ledger: SealedLedger;
  beforeAll(async () => {
    ledger = await SealedLedger.make();
  });
  afterAll(() => ledger.close());

  const phone = new TestKey();
  const say = async (stream: string, type: string, data: JsonObject) => {
    const expected = (await ledger.store.readStream(stream)).length - 1;
    await ledger.store.append(stream, expected, [
      {
        id: randomBytes(16).toString('hex'),
        type,
        schema: 1,
        time: '2026-11-22T01:02:03.004Z',
        actor: { client: 'window-7' },
        data,
      },
    ]);
  };
  const scene = () => {
    const [subject, ofCase, consent] = [0, 0, 0].map(() => randomBytes(16).toString('base64url'));
    const book = bookOf(subject!);
    const noticeHash = randomBytes(32).toString('base64url');
    const grant = {
      answer: 'grant',
      capacity: 'self',
      case: ofCase!,
      consent: consent!,
      iat: 1,
      noticeHash,
    };
    return {
      book,
      open: () => say(`case-${ofCase}`, 'CaseOpened', { case: ofCase! }),
      close: () => say(`case-${ofCase}`, 'CaseClosed', { case: ofCase! }),
      enrol: async () => {
        await say(`subject-${subject}`, 'PhoneKeyOffered', {
          jkt: phone.jkt,
          jwk: phone.jwk as JsonObject,
        });
        await say(`subject-${subject}`, 'PhoneEnrolled', { jkt: phone.jkt });
      },
      ask: () =>
        say(book, 'ConsentRequested', {
          consent: consent!,
          case: ofCase!,
          notice: { hash: noticeHash },
        }),
      grant: (changed: object = {}, key = phone) =>
        say(book, 'ConsentGranted', {
          consent: consent!,
          proof: {
            method: 'jws',
            jkt: phone.jkt,
            jws: key.sign({ typ: 'consent-grant+jws' }, canonicalize({ ...grant, ...changed })),
          },
        }),
      redeem: () => say(book, 'ConsentRedeemed', { consent: consent!, case: ofCase! }),
      readAgain: () => say(book, 'ReleaseReadAgain', { consent: consent! }),
    };
  };
  const whats = async (book: string) =>
    (await findings(ledger)).filter(({ stream }) => stream === book).map(({ what }) => what);

  it('are not found where all is as it must be', async () => {
    const right = scene();
    for (const step of [
      right.open,
      right.enrol,
      right.ask,
      right.grant,
      right.redeem,
      right.readAgain,
      right.close,
    ])
      await step();
    expect(await whats(right.book)).toEqual([]);
  });
  it.each<[string, (s: ReturnType<typeof scene>) => (() => Promise<void>)[], string]>([
    [
      'a consent spent twice',
      (s) => [s.open, s.enrol, s.ask, s.grant, s.redeem, s.redeem],
      'release_twice',
    ],
    [
      'a release without a grant',
      (s) => [s.open, s.enrol, s.ask, s.redeem],
      'release_without_grant',
    ],
    [
      'a release without a case',
      (s) => [s.enrol, s.ask, s.grant, s.redeem],
      'release_without_open_case',
    ],
    [
      'a release after the case was closed',
      (s) => [s.open, s.enrol, s.ask, s.grant, s.close, s.redeem],
      'release_without_open_case',
    ],
    ['a grant that nobody asked for', (s) => [s.open, s.enrol, s.grant], 'grant_without_request'],
    ['a grant by a key that nobody enrolled', (s) => [s.open, s.ask, s.grant], 'grant_key_unknown'],
    [
      'a grant signed by another key',
      (s) => [s.open, s.enrol, s.ask, () => s.grant({}, new TestKey())],
      'grant_signature',
    ],
    [
      'a grant of another text',
      (s) => [s.open, s.enrol, s.ask, () => s.grant({ noticeHash: 'x' })],
      'grant_of_other_request',
    ],
    [
      'a reading again without a release',
      (s) => [s.open, s.enrol, s.ask, s.grant, s.readAgain],
      'reading_without_release',
    ],
  ])('show %s', async (_, steps, what) => {
    const wrong = scene();
    for (const step of steps(wrong)) await step();
    expect(await whats(wrong.book)).toContain(what);
  });
  it('show a certificate that no registered authority signed', async () => {
    const stream = `certificate-${randomBytes(16).toString('base64url')}`;
    const signed = new TestKey().sign({ typ: 'dc+sd-jwt', kid: 'nobody' }, '{}');
    await say(stream, 'CertificateIssued', { certificate: 'x', version: { number: 1, signed } });
    expect(await whats(stream)).toEqual(['authority_key_unknown']);
  });
});
