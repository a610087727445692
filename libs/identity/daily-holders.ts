import { hash, randomBytes } from 'node:crypto';
import type pg from 'pg';
import { shanghaiDay, TooManyError } from '#libs/kernel';
import { inTransaction, type Settings } from '#libs/platform';
import { type ClientCaller, DailyHolders } from './caller.js';

/** A window or a department asked about as many people today as it may. It is told which, and nothing about whom. */
export class DailyLimitReached extends TooManyError<
  'daily_holders_of_window' | 'daily_holders_of_department'
> {}

interface Place {
  readonly name: string;
  readonly limit: number;
  readonly code: 'daily_holders_of_window' | 'daily_holders_of_department';
}

/**
 * Distinct holders of a day in PostgreSQL. Who was counted is kept as a hash with the day's salt until the day after; then
 * nobody, not even with the tables, can say who it was.
 */
export class PostgresDailyHolders extends DailyHolders {
  #salt: { readonly day: string; readonly value: Promise<Buffer> } | null = null;

  constructor(
    private readonly pool: pg.Pool,
    private readonly settings: Settings,
    /** Told of each request that is refused. */
    private readonly onRefused: (code: Place['code']) => void = () => undefined,
  ) {
    super();
  }

  async count(caller: ClientCaller, subject: string, now: string): Promise<void> {
    const day = shanghaiDay(now);
    const salt = await this.#saltOf(day);
    const places = this.#placesOf(caller).map((place) => ({
      ...place,
      holder: hash('sha256', `${salt.toString('hex')}\0${place.name}\0${subject}`, 'buffer'),
    }));
    await inTransaction(this.pool, async (client) => {
      // Always the window before its department: transactions that wait for each other in one order cannot deadlock.
      for (const place of places) {
        const { rows } = await client.query<{ holders: number }>(
          `WITH newcomer AS (
             INSERT INTO daily_holder (day, place, holder_hash) VALUES ($1, $2, $3)
             ON CONFLICT DO NOTHING RETURNING day, place)
           INSERT INTO daily_holder_count AS c (day, place, holders)
           SELECT day, place, 1 FROM newcomer
           ON CONFLICT (day, place) DO UPDATE SET holders = c.holders + 1
           RETURNING holders`,
          [day, place.name, place.holder],
        );
        const [counted] = rows; // none where this holder was counted before
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
    });
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

  /** The first process of a day makes its salt and forgets the days before yesterday (another process's clock may be behind midnight). */
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

/** Until the day ends in Asia/Shanghai. */
const secondsToMidnight = (now: string): number => {
  const day = 86_400;
  return day - (Math.floor(Date.parse(now) / 1000 + 8 * 3600) % day);
};
