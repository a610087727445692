import { hash, randomBytes } from 'node:crypto';
import pg from 'pg';
import { plusSeconds, shanghaiDay, TooManyError } from '#libs/kernel';
import type { Settings } from '#libs/platform';
import { type ClientCaller, DailyHolders, type Question } from './caller.js';
import { dailyLimitState } from './identity.migrations.js';

/**
 * A window or a department asked about as many people today as it may. It learns which limit it is,
 * and nothing about the people.
 */
export class DailyLimitReached extends TooManyError<
  'daily_holders_of_window' | 'daily_holders_of_department'
> {}

/** A window asked one holder as often within the hour as it may. */
export class QuestionLimitReached extends TooManyError<'questions_of_holder'> {}

interface Place {
  readonly name: string;
  readonly limit: number;
  readonly code: 'daily_holders_of_window' | 'daily_holders_of_department';
}

/**
 * All of the holders or none, at a window and its department: one statement, which fails where it
 * counts past a limit. Rows in one order, windows before departments, so that two that wait for
 * each other do not deadlock.
 */
const countHolders = `
  WITH newcomer AS (
    INSERT INTO daily_holder (day, place, holder_hash)
    SELECT DISTINCT $1::date, place, hash FROM unnest($4::text[], $5::bytea[]) AS h (place, hash)
    ORDER BY 2 DESC, 3
    ON CONFLICT DO NOTHING RETURNING day, place
  ), counted AS (
    INSERT INTO daily_holder_count AS c (day, place, holders)
    SELECT day, place, count(*)::integer FROM newcomer GROUP BY day, place ORDER BY place DESC
    ON CONFLICT (day, place) DO UPDATE SET holders = c.holders + excluded.holders
    RETURNING place, holders
  )
  SELECT daily_limit_reached(place)
  FROM (
    SELECT place FROM counted JOIN unnest($2::text[], $3::integer[]) AS p (place, most) USING (place)
    WHERE holders > most ORDER BY place DESC LIMIT 1
  ) full_place`;

/** The place that would refuse; it reads, and locks nothing. */
const checkHolders = `
  SELECT place FROM (
    SELECT p.place, p.most,
      coalesce((SELECT holders FROM daily_holder_count c WHERE c.day = $1::date AND c.place = p.place), 0)
        AS holders,
      (SELECT count(DISTINCT h.hash) FROM unnest($4::text[], $5::bytea[]) AS h (place, hash)
       WHERE h.place = p.place AND NOT EXISTS (
         SELECT FROM daily_holder d
         WHERE d.day = $1::date AND d.place = h.place AND d.holder_hash = h.hash)) AS newcomers
    FROM unnest($2::text[], $3::integer[]) AS p (place, most)
  ) asked
  WHERE newcomers > 0 AND holders + newcomers > most ORDER BY place DESC LIMIT 1`;

const deadlockDetected = '40P01';
const maxAttempts = 3;

/**
 * Distinct holders of a day in PostgreSQL. Each is stored as a hash with the day's salt until the
 * day after; then nothing in the tables can identify them.
 */
export class PostgresDailyHolders extends DailyHolders {
  #salt: { readonly day: string; readonly value: Promise<Buffer> } | null = null;

  constructor(
    private readonly pool: pg.Pool,
    private readonly settings: Settings,
    /** Told of each request that is refused. */
    private readonly onRefused: (code: Place['code'] | 'questions_of_holder') => void = () =>
      undefined,
  ) {
    super();
  }

  async count(caller: ClientCaller, holders: readonly string[], now: string): Promise<void> {
    if (holders.length === 0) return;
    const asked = await this.#asked(caller, holders, now);
    for (let attempt = 1; ; attempt++)
      try {
        await this.pool.query({ name: 'daily_holder_count', text: countHolders, values: asked });
        return;
      } catch (error) {
        if (!(error instanceof pg.DatabaseError)) throw error;
        if (error.code === dailyLimitState) throw this.#reached(caller, error.detail, now);
        // The victim of a deadlock changed nothing.
        if (error.code !== deadlockDetected || attempt === maxAttempts) throw error;
      }
  }

  async check(caller: ClientCaller, holders: readonly string[], now: string): Promise<void> {
    if (holders.length === 0) return;
    const { rows } = await this.pool.query<{ place: string }>({
      name: 'daily_holder_check',
      text: checkHolders,
      values: await this.#asked(caller, holders, now),
    });
    const [full] = rows;
    if (full !== undefined) throw this.#reached(caller, full.place, now);
  }

  async question(
    caller: ClientCaller,
    about: Question,
    holder: string,
    { idempotencyKey, now }: { readonly idempotencyKey: string; readonly now: string },
  ): Promise<void> {
    const limit = this.settings.limits.questionsPerHolderAndHour;
    const salt = await this.#saltOf(shanghaiDay(now));
    const [place] = this.#placesOf(caller);
    const hour = now.slice(0, 13);
    const { rowCount } = await this.pool.query({
      name: 'hourly_question_count',
      text: `WITH gone AS (DELETE FROM hourly_question WHERE hour < $4)
             INSERT INTO hourly_question AS q (hour, asked_hash, commands) VALUES ($1, $2, ARRAY[$5::bytea])
             ON CONFLICT (hour, asked_hash) DO UPDATE
               SET commands = CASE WHEN $5 = ANY(q.commands) THEN q.commands ELSE q.commands || $5::bytea END
             WHERE $5 = ANY(q.commands) OR cardinality(q.commands) < $3`,
      values: [
        hour,
        hashed(salt, `${about}\0${place.name}`, holder),
        limit,
        plusSeconds(now, -7200).slice(0, 13),
        hashed(salt, caller.client, idempotencyKey).subarray(0, 16),
      ],
    });
    if (rowCount !== 0) return;
    this.onRefused('questions_of_holder');
    throw new QuestionLimitReached(
      'questions_of_holder',
      'this holder was asked as often within the hour as may be',
      { limit },
      { retryAfterSeconds: 3600 - (Math.floor(Date.parse(now) / 1000) % 3600) },
    );
  }

  /** The day, the places with their limits, and each holder's hash at each place. */
  async #asked(caller: ClientCaller, holders: readonly string[], now: string) {
    const day = shanghaiDay(now);
    const salt = await this.#saltOf(day);
    const places = this.#placesOf(caller);
    const pairs = places.flatMap(({ name }) =>
      holders.map((holder) => ({ name, hash: hashed(salt, name, holder) })),
    );
    return [
      day,
      places.map(({ name }) => name),
      places.map(({ limit }) => limit),
      pairs.map(({ name }) => name),
      pairs.map((pair) => pair.hash),
    ];
  }

  #reached(caller: ClientCaller, place: string | undefined, now: string): DailyLimitReached {
    const places = this.#placesOf(caller);
    const { code, limit } = places.find(({ name }) => name === place) ?? places[0];
    this.onRefused(code);
    return new DailyLimitReached(
      code,
      'as many people were asked about today as may be',
      { limit },
      { retryAfterSeconds: secondsToMidnight(now) },
    );
  }

  #placesOf({ department, window }: ClientCaller): readonly [Place, ...Place[]] {
    const { holdersPerWindowAndDay, holdersPerDepartmentAndDay } = this.settings.limits;
    const ofDepartment: Place = {
      name: `department:${department}`,
      limit: holdersPerDepartmentAndDay,
      code: 'daily_holders_of_department',
    };
    if (window === null) return [ofDepartment];
    return [
      {
        name: `window:${department}:${window}`,
        limit: holdersPerWindowAndDay,
        code: 'daily_holders_of_window',
      },
      ofDepartment,
    ];
  }

  #saltOf(day: string): Promise<Buffer> {
    if (this.#salt?.day !== day) {
      const value = this.#makeSalt(day);
      const salt = { day, value };
      this.#salt = salt;
      value.catch(() => {
        if (this.#salt === salt) this.#salt = null;
      });
    }
    return this.#salt.value;
  }

  /**
   * The first process of a day makes its salt and forgets the days before yesterday (another
   * process's clock may be behind midnight).
   */
  async #makeSalt(day: string): Promise<Buffer> {
    const { rowCount } = await this.pool.query(
      'INSERT INTO daily_salt (day, salt) VALUES ($1, $2) ON CONFLICT DO NOTHING',
      [day, randomBytes(32)],
    );
    if (rowCount === 1)
      for (const table of ['daily_holder', 'daily_holder_count', 'daily_salt'])
        await this.pool.query(`DELETE FROM ${table} WHERE day < $1::date - 1`, [day]);
    const { rows } = await this.pool.query<{ salt: Buffer }>(
      'SELECT salt FROM daily_salt WHERE day = $1',
      [day],
    );
    const [row] = rows;
    if (row === undefined) return this.#makeSalt(day); // removed between the two statements
    return row.salt;
  }
}

const hashed = (salt: Buffer, place: string, holder: string): Buffer =>
  hash('sha256', `${salt.toString('hex')}\0${place}\0${holder}`, 'buffer');

/** Until the day ends in Asia/Shanghai. */
const secondsToMidnight = (now: string): number => {
  const day = 86_400;
  return day - (Math.floor(Date.parse(now) / 1000 + 8 * 3600) % day);
};
