import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes, randomInt } from 'node:crypto';
import type pg from 'pg';
import { caseSchemas } from '#libs/case';
import { certificateIdOf, certificateSchemas, sdJwtType, signedDigest } from '#libs/certificate';
import { consentSchemas } from '#libs/consent';
import type { Schemas } from '#libs/event-store';
import { exclusionSchemas } from '#libs/exclusion';
import { pagesSchemas } from '#libs/pages';
import {
  identitySchemas,
  operatorSchemas,
  keyApprovalType,
  newKeyProofType,
  registrationProofType,
} from '#libs/identity';
import { canonicalize, type JsonObject } from '#libs/kernel';
import { formatCheckpoint, formatKey, SignatureType, signCheckpoint } from '#libs/log';
import { nodeSigner } from '#libs/sealing';
import { bookOf, subjectSchemas } from '#libs/subject';
import { matchCommitment, parsePolicy } from '#libs/verify';
import { TestKey } from '../../../test/support/keys.js';
import {
  appendTo,
  city,
  placesOfRecords,
  SealedLedger,
} from '../../../test/support/sealed-ledger.js';
import { checkLedger } from './check-ledger.js';
import type { Finding } from './finding.js';
import { told } from './rule-shapes.js';

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
    // A store without a cache of what the tables held.
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

const moment = '2026-11-22T01:02:03.004Z';
const minutesLater = '2026-11-22T01:12:03.004Z';
const daysLater = '2026-11-25T01:02:03.004Z';

interface Said {
  readonly time?: string;
  readonly schema?: number;
  readonly operator?: string;
}
const sayIn =
  (ledger: () => SealedLedger) =>
  async (stream: string, type: string, data: JsonObject, { time, schema, operator }: Said = {}) => {
    const { store } = ledger();
    const expected = (await store.readStream(stream)).length - 1;
    await store.append(stream, expected, [
      {
        id: randomBytes(16).toString('hex'),
        type,
        schema: schema ?? 1,
        time: time ?? moment,
        actor: { client: 'window-7', ...(operator !== undefined && { operator }) },
        data,
      },
    ]);
  };
type Say = ReturnType<typeof sayIn>;

const phone = new TestKey();
const id = () => randomBytes(16).toString('base64url');

/** A consent, from its request to the last reading; each step makes one record. */
function scene(say: Say) {
  const [subject, ofCase, consent] = [id(), id(), id()];
  const book = bookOf(subject);
  const noticeHash = randomBytes(32).toString('base64url');
  const grant = {
    answer: 'grant',
    capacity: 'self',
    case: ofCase,
    consent,
    digits: '37',
    iat: 1,
    noticeHash,
  };
  const match = { digits: '37', salt: randomBytes(32).toString('base64url') };
  const used = { material: 'M1', certificate: id(), type: 'ZZ001' };
  const read = { ...used, number: 1, streamVersion: 0, head: '', fields: ['name'] };
  return {
    book,
    match,
    read,
    used,
    open: (identifiedBy = 'number') =>
      say(`case-${ofCase}`, 'CaseOpened', {
        case: ofCase,
        participants: [{ subject, role: 'applicant', identifiedBy }],
      }),
    close: (how?: Said) => say(`case-${ofCase}`, 'CaseClosed', { case: ofCase }, how),
    enrol: async (whose = subject) => {
      await say(`subject-${whose}`, 'PhoneKeyOffered', {
        jkt: phone.jkt,
        jwk: phone.jwk as JsonObject,
      });
      await say(`subject-${whose}`, 'PhoneEnrolled', { jkt: phone.jkt });
    },
    ask: (how?: Said, changed: JsonObject = {}) =>
      say(
        book,
        'ConsentRequested',
        {
          consent,
          case: ofCase,
          role: 'applicant',
          action: 'read',
          basis: 'consent',
          match: { commitment: matchCommitment(consent, match) },
          asks: [{ material: 'M1', answers: [{ type: 'ZZ001', fields: ['name', 'day'] }] }],
          notice: { hash: noticeHash },
          ...changed,
        },
        how,
      ),
    grant: (changed: object = {}, key = phone, recorded: JsonObject = {}) =>
      say(book, 'ConsentGranted', {
        consent,
        caller: subject,
        capacity: 'self',
        match,
        proof: {
          method: 'jws',
          jkt: phone.jkt,
          jws: key.sign({ typ: 'consent-grant+jws' }, canonicalize({ ...grant, ...changed })),
        },
        ...recorded,
      }),
    mismatch: (ends: boolean, caller = subject) =>
      say(book, 'NumberMismatched', { consent, caller, ends }),
    refuse: (caller = subject) => say(book, 'ConsentRefused', { consent, caller }),
    withdraw: (caller = subject) => say(book, 'ConsentWithdrawn', { consent, caller }),
    end: () => say(book, 'ConsentEnded', { consent, reason: 'material_brought' }),
    tellNothing: (ends = false, reading = 0) =>
      say(book, 'NothingReleased', { consent, reading, missing: [], ends }),
    redeem: (changed: JsonObject = {}, how?: Said) =>
      say(
        book,
        'ConsentRedeemed',
        {
          consent,
          case: ofCase,
          caseVersion: 0,
          action: 'read',
          basis: 'consent',
          read: [read],
          ...changed,
        },
        how,
      ),
    withhold: (reading = 0) => say(book, 'ReleaseWithheld', { consent, reading }),
    readAgain: (changed: JsonObject = {}, how?: Said) =>
      say(book, 'ReleaseReadAgain', { consent, reading: 1, used: [used], ...changed }, how),
  };
}
type Scene = ReturnType<typeof scene>;
type Steps = (s: Scene) => (() => Promise<void>)[];

describe('records that are intact and break a rule', () => {
  let ledger: SealedLedger;
  beforeAll(async () => {
    ledger = await SealedLedger.make();
  });
  afterAll(() => ledger.close());
  const say = sayIn(() => ledger);

  /** The findings and observations of the scene's book. */
  const whats = async (steps: Steps) => {
    const here = scene(say);
    for (const step of steps(here)) await step();
    const report = await check(ledger);
    const of = (all: readonly Finding[]) =>
      all.filter(({ stream }) => stream === here.book).map(({ what }) => what);
    return { found: of(report.findings), noted: of(report.notes) };
  };
  const granted = (s: Scene) => [s.open, s.enrol, s.ask, s.grant];

  it.each<[string, Steps]>([
    ['all is as it must be', (s) => [...granted(s), s.redeem, s.readAgain, s.close]],
    [
      'the holder’s own code was scanned, and no number was asked',
      (s) => [
        () => s.open('code'),
        s.enrol,
        () => s.ask({}, { match: null }),
        () => s.grant({ digits: null }, phone, { match: null }),
        s.redeem,
      ],
    ],
    [
      'the number was typed wrongly once',
      (s) => [s.open, s.enrol, s.ask, () => s.mismatch(false), s.grant, s.redeem],
    ],
    [
      'the number was typed wrongly twice',
      (s) => [s.open, s.enrol, s.ask, () => s.mismatch(false), () => s.mismatch(true)],
    ],
    ['the holder refused', (s) => [s.open, s.enrol, s.ask, s.refuse, s.close]],
    ['the holder took the grant back', (s) => [...granted(s), s.redeem, s.withdraw, s.close]],
    [
      'the case was closed while it was released, and the house withheld it',
      (s) => [...granted(s), s.close, s.redeem, s.withhold],
    ],
    [
      'that came late, because a process stood still meanwhile',
      (s) => [
        ...granted(s),
        s.close,
        () => s.redeem({}, { time: minutesLater }),
        s.withhold,
        s.withdraw,
      ],
    ],
    [
      'the case was closed while it was read again, and the house withheld that',
      (s) => [...granted(s), s.redeem, s.close, s.readAgain, () => s.withhold(1)],
    ],
  ])('are not found where %s', async (_, steps) => {
    expect(await whats(steps)).toEqual({ found: [], noted: [] });
  });

  it.each<[string, Steps]>([
    ['released', (s) => [...granted(s), s.close, s.redeem]],
    ['read again', (s) => [...granted(s), s.redeem, s.close, s.readAgain]],
    [
      'read again, and another reading withheld',
      (s) => [...granted(s), s.redeem, s.close, s.readAgain, () => s.withhold(2)],
    ],
  ])(
    'are no fault, and are noted, where the case was closed while it was %s and the house was killed',
    async (_, steps) => {
      expect(await whats(steps)).toEqual({ found: [], noted: ['not_shown_withheld'] });
    },
  );

  it.each<[string, Steps, string]>([
    ['a consent spent twice', (s) => [...granted(s), s.redeem, s.redeem], 'release_twice'],
    [
      'a consent spent after it was withheld',
      (s) => [...granted(s), s.close, s.redeem, s.withhold, s.redeem],
      'release_twice',
    ],
    ['a consent that is asked for twice', (s) => [...granted(s), s.redeem, s.ask], 'consent_twice'],
    [
      'a release without a grant',
      (s) => [s.open, s.enrol, s.ask, s.redeem],
      'release_without_grant',
    ],
    [
      'a release after the holder refused',
      (s) => [s.open, s.enrol, s.ask, s.refuse, s.redeem],
      'release_after_refusal',
    ],
    [
      'a release after the holder took the grant back',
      (s) => [...granted(s), s.withdraw, s.redeem],
      'release_after_withdrawal',
    ],
    [
      'a release after the consent ended',
      (s) => [...granted(s), s.end, s.redeem],
      'release_after_withdrawal',
    ],
    [
      'a release after the last time that nothing could be released',
      (s) => [...granted(s), () => s.tellNothing(true), s.redeem],
      'release_after_withdrawal',
    ],
    [
      'a terminal that was told of a holder’s certificates without a grant',
      (s) => [s.open, s.enrol, s.ask, () => s.tellNothing()],
      'release_without_grant',
    ],
    [
      'a second reading of what was withheld for a withdrawal',
      (s) => [...granted(s), s.redeem, s.withdraw, s.withhold, s.readAgain],
      'reading_without_release',
    ],
    ...(
      [
        ['fields', { fields: ['name', 'number'] }],
        ['no field', { fields: [] }],
        ['a type', { type: 'ZZ002' }],
        ['a material', { material: 'M2' }],
      ] as const
    ).map(([what, other]): [string, Steps, string] => [
      `a release of ${what} that was not granted`,
      (s) => [...granted(s), () => s.redeem({ read: [{ ...s.read, ...other }] })],
      'release_beyond_grant',
    ]),
    [
      'a release that does not say of what',
      (s) => [...granted(s), () => s.redeem({ read: [] })],
      'release_beyond_grant',
    ],
    [
      'a release without a case',
      (s) => [s.enrol, s.ask, s.grant, s.redeem],
      'release_without_open_case',
    ],
    [
      'a release for another case',
      (s) => [...granted(s), () => s.redeem({ case: id() })],
      'release_without_open_case',
    ],
    [
      'a release after the case was closed',
      (s) => [...granted(s), s.close, () => s.redeem({}, { time: minutesLater })],
      'release_without_open_case',
    ],
    [
      'a release that says itself that the case was closed',
      (s) => [...granted(s), s.close, () => s.redeem({ caseVersion: 1 }), s.withhold],
      'release_without_open_case',
    ],
    [
      'a release of a case that was opened again',
      (s) => [...granted(s), s.close, s.open, () => s.redeem({ caseVersion: 2 })],
      'release_without_open_case',
    ],
    ['a grant that nobody asked for', (s) => [s.open, s.enrol, s.grant], 'grant_without_request'],
    [
      'a grant after a refusal',
      (s) => [s.open, s.enrol, s.ask, s.refuse, s.grant],
      'grant_after_answer',
    ],
    ['a grant by a key that nobody enrolled', (s) => [s.open, s.ask, s.grant], 'grant_key_unknown'],
    [
      'a grant signed by another key',
      (s) => [s.open, s.enrol, s.ask, () => s.grant({}, new TestKey())],
      'grant_signature',
    ],
    ...(
      [
        ['text', { noticeHash: 'x' }],
        ['case', { case: 'x' }],
        ['consent', { consent: 'x' }],
        ['answer', { answer: 'refuse' }],
        ['capacity', { capacity: 'agent' }],
      ] as const
    ).map(([what, other]): [string, Steps, string] => [
      `a grant of another ${what}`,
      (s) => [s.open, s.enrol, s.ask, () => s.grant(other)],
      'grant_of_other_request',
    ]),
    [
      'a grant in the name of another, by a key of theirs',
      (s) => [
        s.open,
        () => s.enrol('another'),
        s.ask,
        () => s.grant({}, phone, { caller: 'another' }),
      ],
      'caller_not_principal',
    ],
    [
      'a grant in another capacity, which the holder signed',
      (s) => [
        s.open,
        s.enrol,
        s.ask,
        () => s.grant({ capacity: 'agent' }, phone, { capacity: 'agent' }),
      ],
      'caller_not_principal',
    ],
    [
      'a grant in the name of another, by a key of the holder',
      (s) => [s.open, s.enrol, s.ask, () => s.grant({}, phone, { caller: id() })],
      'caller_not_principal grant_key_unknown',
    ],
    [
      'a refusal in the name of another',
      (s) => [s.open, s.enrol, s.ask, () => s.refuse('another')],
      'caller_not_principal',
    ],
    [
      'a withdrawal in the name of another',
      (s) => [...granted(s), () => s.withdraw('another')],
      'caller_not_principal',
    ],
    [
      'a consent without a number where no code was scanned',
      (s) => [s.open, () => s.ask({}, { match: null })],
      'consent_number_missing',
    ],
    [
      'a consent without a number in another role than the one whose code was scanned',
      (s) => [() => s.open('code'), () => s.ask({}, { match: null, role: 'spouse' })],
      'consent_number_missing',
    ],
    [
      'a consent for another action',
      (s) => [s.open, () => s.ask({}, { action: 'print' })],
      'consent_action',
    ],
    [
      'a request on another basis',
      (s) => [s.open, () => s.ask({}, { basis: 'duty' })],
      'consent_basis',
    ],
    [
      'a grant by a proof of another kind',
      (s) => [s.open, s.enrol, s.ask, () => s.grant({}, phone, { proof: { method: 'face' } })],
      'grant_proof',
    ],
    [
      'a grant of another number',
      (s) => [s.open, s.enrol, s.ask, () => s.grant({ digits: '38' })],
      'grant_of_other_number',
    ],
    [
      'a grant of no number',
      (s) => [s.open, s.enrol, s.ask, () => s.grant({ digits: null })],
      'grant_of_other_number',
    ],
    ...(
      [
        ['other digits', (s) => ({ ...s.match, digits: '38' })],
        ['another salt', (s) => ({ ...s.match, salt: '_'.repeat(43) })],
        ['no digits', () => null],
      ] as readonly [string, (s: Scene) => JsonObject | null][]
    ).map(([what, match]): [string, Steps, string] => [
      `a grant that opens its request with ${what}`,
      (s) => [s.open, s.enrol, s.ask, () => s.grant({}, phone, { match: match(s) })],
      'grant_number_not_opened',
    ]),
    [
      'a grant with a number where none was asked',
      (s) => [() => s.open('code'), s.enrol, () => s.ask({}, { match: null }), s.grant],
      'grant_number_not_opened',
    ],
    [
      'a wrong number where none was asked',
      (s) => [() => s.open('code'), () => s.ask({}, { match: null }), () => s.mismatch(false)],
      'mismatch_without_request',
    ],
    [
      'a wrong number in the name of another',
      (s) => [s.open, s.ask, () => s.mismatch(false, 'another')],
      'caller_not_principal',
    ],
    [
      'a wrong number after a grant',
      (s) => [...granted(s), () => s.mismatch(false)],
      'mismatch_without_request',
    ],
    [
      'a wrong number that closed its request at once',
      (s) => [s.open, s.ask, () => s.mismatch(true)],
      'mismatch_count',
    ],
    [
      'a second wrong number that did not close its request',
      (s) => [s.open, s.ask, () => s.mismatch(false), () => s.mismatch(false)],
      'mismatch_count',
    ],
    [
      'a grant after the number was wrong twice',
      (s) => [s.open, s.enrol, s.ask, () => s.mismatch(false), () => s.mismatch(true), s.grant],
      'grant_after_answer',
    ],
    [
      'a release for another action',
      (s) => [...granted(s), () => s.redeem({ action: 'print' })],
      'release_of_other_action',
    ],
    [
      'a release on another basis',
      (s) => [...granted(s), () => s.redeem({ basis: 'duty' })],
      'release_of_other_action',
    ],
    [
      'a reading again without a release',
      (s) => [...granted(s), s.readAgain],
      'reading_without_release',
    ],
    [
      'a reading again of what was withheld',
      (s) => [...granted(s), s.close, s.redeem, s.withhold, s.readAgain],
      'reading_without_release',
    ],
    [
      'a reading again after the grant was taken back',
      (s) => [...granted(s), s.redeem, s.withdraw, s.readAgain],
      'reading_after_withdrawal',
    ],
    [
      'a reading again of another certificate',
      (s) => [
        ...granted(s),
        s.redeem,
        () => s.readAgain({ used: [{ ...s.used, certificate: id() }] }),
      ],
      'reading_beyond_release',
    ],
    [
      'a reading again after the case was closed',
      (s) => [...granted(s), s.redeem, s.close, () => s.readAgain({}, { time: minutesLater })],
      'reading_without_open_case',
    ],
  ])('show %s', async (_, steps, what) => {
    expect(await whats(steps)).toEqual({ found: what.split(' '), noted: [] });
  });
});

describe('an operator beside the caller', () => {
  it.each([
    ['plain', { outcome: 'accepted' }],
    ['of a form that is read strictly', { 结果: 1.5 }],
  ])('is shown where it is a name, or no terminal called, in a record %s', async (_, data) => {
    const ledger = await SealedLedger.make();
    const say = sayIn(() => ledger);
    await say('case-a', 'CaseClosed', data, { operator: '张三' });
    await say('case-b', 'Other', data, { operator: id() });
    await say('case-c', 'CaseClosed', data);
    expect(await findings(ledger)).toMatchObject([
      { stream: 'case-a', what: 'operator_malformed' },
      { stream: 'case-b', what: 'operator_without_terminal' },
    ]);
    await ledger.close();
  });
});

describe('a ledger that has gone on for days', () => {
  it('shows a release that says a time at which its case was still open', async () => {
    const ledger = await SealedLedger.make();
    const say = sayIn(() => ledger);
    const [here, other] = [scene(say), scene(say)];
    for (const step of [here.open, here.enrol, here.ask, here.grant, here.close]) await step();
    await other.open();
    await other.close({ time: daysLater });
    await here.redeem();
    expect(await findings(ledger)).toMatchObject([
      { stream: here.book, what: 'release_without_open_case' },
    ]);
    await ledger.close();
  });
});

describe('a record of a schema that the program does not know', () => {
  it('is shown itself, and nothing behind it is accused', async () => {
    const ledger = await SealedLedger.make();
    const say = sayIn(() => ledger);
    const [before, here] = [scene(say), scene(say)];
    await before.readAgain();
    await here.ask({ schema: 2 });
    for (const step of [here.grant, here.redeem, here.readAgain]) await step();
    expect(await findings(ledger)).toMatchObject([
      { stream: before.book, what: 'reading_without_release' },
      { stream: here.book, version: 0, what: 'schema_unknown' },
    ]);
    await ledger.close();
  });

  it('is none that this release writes', () => {
    const schemas: Schemas = {
      ...caseSchemas,
      ...certificateSchemas,
      ...consentSchemas,
      ...exclusionSchemas,
      ...identitySchemas,
      ...operatorSchemas,
      ...pagesSchemas,
      ...subjectSchemas,
    };
    // A new upcaster also says in `told` where the members are now.
    for (const [type, shapes] of told)
      expect([type, shapes.length]).toEqual([type, schemas[type]!.length + 1]);
  });
});

describe('certificates', () => {
  let ledger: SealedLedger;
  beforeAll(async () => {
    ledger = await SealedLedger.make();
  });
  afterAll(() => ledger.close());
  const say = sayIn(() => ledger);

  /** A signed statement about a key, at the time of the records. */
  const statement = (key: TestKey, typ: string, claims: object) =>
    key.sign(
      { typ, kid: key.jkt },
      { aud: city, iat: Math.floor(Date.parse(moment) / 1000), ...claims },
    );

  /** An authority that will issue a certificate. */
  function desk() {
    const client = `client-${id()}`;
    const key = new TestKey();
    const next = new TestKey('P-256');
    const creditCode = `code-${id()}`;
    const asKey = (of: TestKey, typ: string, claims: object) => ({
      kid: of.jkt,
      alg: of.alg,
      jwk: of.jwk as JsonObject,
      proof: statement(of, typ, claims),
    });
    const registration = {
      kind: 'issuing-authority',
      name: 'x',
      department: 'x',
      window: null,
      town: null,
      authority: { creditCode, name: 'x', types: ['ZZ001', 'ZZ002'] },
    };
    const name = client.slice('client-'.length);
    const approval = {
      by: name,
      jws: statement(key, keyApprovalType, { by: name, client: name, jkt: next.jkt }),
    };
    const sign = (payload: JsonObject, by = key, typ = sdJwtType) =>
      by.sign(
        { typ, kid: by.jkt },
        canonicalize({ iss: creditCode, vct: 'ZZ001', version: 1, ...payload }),
      );
    const first = sign({});
    const stream = (signed: string) => `certificate-${certificateIdOf(signed)}`;
    return {
      key,
      next,
      first,
      sign,
      stream,
      register: () =>
        say(client, 'ClientRegistered', {
          ...registration,
          scopes: ['certificates:issue'],
          keys: [asKey(key, registrationProofType, registration)],
        }),
      rotate: () =>
        say(client, 'ClientKeyRotated', {
          added: asKey(next, newKeyProofType, { client: name }),
          retired: [key.jkt],
          approval,
        }),
      disable: () => say(client, 'ClientDisabled', { reason: 'x' }),
      enable: () => say(client, 'ClientEnabled', { reason: 'x' }),
      may: (...types: string[]) => say(client, 'ClientTypesChanged', { types }),
      issue: (signed = first, other: JsonObject = {}, how: Said & { stream?: string } = {}) =>
        say(
          how.stream ?? stream(signed),
          'CertificateIssued',
          { type: 'ZZ001', authority: creditCode, version: { number: 1, signed }, ...other },
          how,
        ),
      /** A certificate's versions, each as of its time. */
      versions: (...times: readonly (string | null)[]) => {
        let before: string | undefined;
        return times.map((asOf, n) => async () => {
          const number = n + 1;
          const signed = sign({
            version: number,
            ...(asOf !== null && { as_of: asOf }),
            ...(before !== undefined && {
              supersedes: { digest: signedDigest(before), reason: 'change' },
            }),
          });
          before = signed;
          const version = { number, signed, ...(asOf !== null && { asOf }) };
          await (n === 0
            ? say(stream(first), 'CertificateIssued', {
                type: 'ZZ001',
                authority: creditCode,
                version,
              })
            : say(stream(first), 'CertificateAmended', { version }));
        });
      },
      amend: ({ by = key, digest = signedDigest(first), number = 2 } = {}, how: Said = {}) =>
        say(
          stream(first),
          'CertificateAmended',
          {
            version: {
              number,
              signed: sign({ version: 2, supersedes: { digest, reason: 'renewal' } }, by),
            },
          },
          how,
        ),
    };
  }
  type Desk = ReturnType<typeof desk>;
  type DeskSteps = (d: Desk) => (() => Promise<void>)[];
  const whats = async (steps: DeskSteps) => {
    const before = await ledger.size();
    for (const step of steps(desk())) await step();
    return (await findings(ledger)).filter(({ leaf }) => leaf >= before).map(({ what }) => what);
  };

  it.each<[string, DeskSteps]>([
    ['are what their authority signed', (d) => [d.register, d.issue, d.amend]],
    [
      'are as of later than the version before, or as of the same time, sealed anew',
      (d) => [
        d.register,
        ...d.versions(null, '2026-11-21', '2026-11-22', '2026-11-22', '2026-11-22T08:00:00'),
      ],
    ],
    [
      'were first signed in other words than those that name their stream',
      (d) => [d.register, () => d.issue(d.first, {}, { stream: `certificate-${id()}` })],
    ],
    [
      'were signed by the new key after a rotation',
      (d) => [d.register, d.issue, d.rotate, () => d.amend({ by: d.next }, { time: minutesLater })],
    ],
    [
      'were handed in at the moment at which the key was retired',
      (d) => [d.register, d.rotate, d.issue],
    ],
    [
      'were handed in at the moment at which the authority was disabled',
      (d) => [d.register, d.disable, d.issue],
    ],
    [
      'were handed in at the moment at which their type was taken away',
      (d) => [d.register, () => d.may('ZZ002'), d.issue],
    ],
    [
      'are of a type that was taken away and given again',
      (d) => [
        d.register,
        () => d.may('ZZ002'),
        () => d.may('ZZ002', 'ZZ001'),
        () => d.issue(d.first, {}, { time: minutesLater }),
      ],
    ],
    [
      'were signed when the authority was enabled again',
      (d) => [d.register, d.disable, d.enable, () => d.issue(d.first, {}, { time: minutesLater })],
    ],
  ])('are not found where they %s', async (_, steps) => {
    expect(await whats(steps)).toEqual([]);
  });

  it('show a certificate that no registered authority signed', async () => {
    expect(await whats((d) => [() => d.issue()])).toEqual(['authority_key_unknown']);
  });
  it.each<[string, DeskSteps, readonly string[]]>([
    [
      'whose signature is of another key',
      (d) => {
        const [head, payload] = d.first.split('.');
        const [, , signature] = d.sign({}, new TestKey()).split('.');
        return [d.register, () => d.issue([head, payload, signature].join('.'))];
      },
      ['authority_signature'],
    ],
    [
      'whose signed part was signed as something else',
      (d) => [d.register, () => d.issue(d.sign({}, d.key, 'client-assertion+jwt'))],
      ['signed_as_no_certificate'],
    ],
    [
      'of a type that was taken away before',
      (d) => [d.register, () => d.may('ZZ002'), () => d.issue(d.first, {}, { time: minutesLater })],
      ['authority_not_entitled'],
    ],
    [
      'that were signed as another type',
      (d) => [d.register, () => d.issue(d.first, { type: 'ZZ002' })],
      ['certificate_not_as_signed'],
    ],
    [
      'that were signed as another version',
      (d) => [d.register, () => d.issue(d.first, { version: { number: 2, signed: d.first } })],
      ['certificate_not_as_signed'],
    ],
    [
      'that were signed as another certificate',
      (d) => [d.register, d.issue, () => d.issue(d.first, {}, { stream: `certificate-${id()}` })],
      ['certificate_twice'],
    ],
    [
      'that are issued a second time',
      (d) => [
        d.register,
        d.issue,
        () => d.issue(d.sign({ x: 1 }), {}, { stream: d.stream(d.first) }),
      ],
      ['certificate_twice'],
    ],
    [
      'that were signed as of another time than the record says',
      (d) => [d.register, () => d.issue(d.sign({ as_of: '2026-11-21' }))],
      ['certificate_not_as_signed'],
    ],
    [
      'that are as of before the version that they supersede',
      (d) => [d.register, ...d.versions('2026-11-22T08:00:00', '2026-11-22')],
      ['certificate_out_of_order'],
    ],
    [
      'that do not say of when they are, though the version before did',
      (d) => [d.register, ...d.versions('2026-11-22', null)],
      ['certificate_out_of_order'],
    ],
    [
      'that were signed as the next version of another certificate',
      (d) => [d.register, d.issue, () => d.amend({ digest: signedDigest(d.sign({ x: 1 })) })],
      ['certificate_not_as_signed'],
    ],
    [
      'that nobody issued before they were amended',
      (d) => [d.register, d.amend],
      ['certificate_not_as_signed'],
    ],
    [
      'under the name of another authority',
      (d) => [d.register, () => d.issue(d.sign({ iss: 'other' }), { authority: 'other' })],
      ['authority_not_entitled'],
    ],
    [
      'of a type that is not its authority’s',
      (d) => [d.register, () => d.issue(d.sign({ vct: 'ZZ003' }), { type: 'ZZ003' })],
      ['authority_not_entitled'],
    ],
    [
      'by a key that was retired',
      (d) => [d.register, d.issue, d.rotate, () => d.amend({}, { time: minutesLater })],
      ['authority_key_retired'],
    ],
    [
      'of an authority that was disabled',
      (d) => [d.register, d.disable, () => d.issue(d.first, {}, { time: minutesLater })],
      ['authority_disabled'],
    ],
  ])('are shown %s', async (_, steps, found) => {
    expect(await whats(steps)).toEqual(found);
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
