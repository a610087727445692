import { hash, randomBytes } from 'node:crypto';
import type pg from 'pg';
import { plusSeconds, shanghaiDay, TooManyError } from '#libs/kernel';
import type { Settings } from '#libs/platform';
import { type ClientCaller, DailyHolders, type Question } from './caller.js';

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
    await this.#counting(caller, holders, now, true);
  }

  async check(caller: ClientCaller, holders: readonly string[], now: string): Promise<void> {
    await this.#counting(caller, holders, now, false);
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
        hashed(salt, `${about}\0${place?.name ?? ''}`, holder),
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

  /**
   * All of them or none, in one transaction; `keep` false finds out whether they could be counted,
   * and counts none.
   */
  async #counting(
    caller: ClientCaller,
    holders: readonly string[],
    now: string,
    keep: boolean,
  ): Promise<void> {
    if (holders.length === 0) return;
    const day = shanghaiDay(now);
    const salt = await this.#saltOf(day);
    const client = await this.pool.connect();
    try {
      await client.query('BEGIN');
      // Always the window before its department, holders in one order: transactions that wait for
      // each other cannot deadlock.
      for (const place of this.#placesOf(caller)) {
        const hashes = holders.map((holder) => hashed(salt, place.name, holder));
        const { rows } = await client.query<{ holders: number }>(
          `WITH newcomer AS (
             INSERT INTO daily_holder (day, place, holder_hash)
             SELECT $1, $2, h FROM (SELECT DISTINCT unnest($3::bytea[]) AS h ORDER BY 1) AS sorted
             ON CONFLICT DO NOTHING RETURNING day, place)
           INSERT INTO daily_holder_count AS c (day, place, holders)
           SELECT day, place, count(*)::integer FROM newcomer GROUP BY day, place
           ON CONFLICT (day, place) DO UPDATE SET holders = c.holders + excluded.holders
           RETURNING holders`,
          [day, place.name, hashes],
        );
        const [counted] = rows; // none where all were counted before
        if (counted !== undefined && counted.holders > place.limit) {
          this.onRefused(place.code);
          throw new DailyLimitReached(
            place.code,
            'as many people were asked about today as may be',
            { limit: place.limit },
            { retryAfterSeconds: secondsToMidnight(now) },
          );
        }
      }
      await client.query(keep ? 'COMMIT' : 'ROLLBACK');
    } catch (error) {
      await client.query('ROLLBACK');
      throw error;
    } finally {
      client.release();
    }
  }

  #placesOf({ department, window }: ClientCaller): readonly Place[] {
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
