import { hash, randomBytes } from 'node:crypto';
import pg from 'pg';
import { plusSeconds, shanghaiDay, TooManyError } from '#libs/kernel';
import { Gathered } from '#libs/event-store';
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

/**
 * Of the commands that ask about one holder in an hour, those that are not counted yet, in order,
 * as many as may be. Rows in one order, so that two that wait for each other do not deadlock.
 */
const countQuestions = `
  WITH asked AS MATERIALIZED (
    SELECT hour, asked_hash, array_agg(command ORDER BY place) AS commands
    FROM (
      SELECT hour, asked_hash, command, min(place) AS place
      FROM unnest($1::text[], $2::bytea[], $3::bytea[])
        WITH ORDINALITY AS u (hour, asked_hash, command, place)
      GROUP BY hour, asked_hash, command
    ) once
    GROUP BY hour, asked_hash
  )
  INSERT INTO hourly_question AS q (hour, asked_hash, commands)
  SELECT hour, asked_hash, commands[1:$4::integer] FROM asked ORDER BY asked_hash, hour
  ON CONFLICT (hour, asked_hash) DO UPDATE
    SET commands = q.commands || (
      SELECT coalesce(array_agg(command ORDER BY place), '{}')
      FROM (
        SELECT command, place
        FROM asked a, unnest(a.commands) WITH ORDINALITY AS u (command, place)
        WHERE a.hour = q.hour AND a.asked_hash = q.asked_hash AND command <> ALL (q.commands)
        ORDER BY place LIMIT greatest(0, $4::integer - cardinality(q.commands))
      ) more)
  RETURNING hour, asked_hash, commands`;

interface CountedQuestions {
  readonly hour: string;
  readonly asked_hash: Buffer;
  readonly commands: readonly Buffer[];
}

/** Holders to be counted at places on a day; `hash` under the day's salt. */
interface Asked {
  readonly day: string;
  readonly places: readonly Place[];
  readonly pairs: readonly { readonly place: string; readonly hash: Buffer }[];
}

/** A question to be counted; `command` stays the same when the request is repeated. */
interface Asking {
  readonly hour: string;
  readonly asked: Buffer;
  readonly command: Buffer;
}

const nameOf = ({ hour, asked }: Pick<Asking, 'hour' | 'asked'>): string =>
  hour + asked.toString('latin1');

/** Parameters of both statements: the day, places with their limits, holders at places. */
function valuesOf(day: string, all: readonly Asked[]): unknown[] {
  const limits = new Map(all.flatMap(({ places }) => places.map((p) => [p.name, p.limit])));
  const pairs = all.flatMap((asked) => asked.pairs);
  return [
    day,
    [...limits.keys()],
    [...limits.values()],
    pairs.map(({ place }) => place),
    pairs.map((pair) => pair.hash),
  ];
}

/** Requests of one statement. */
const maxBatch = 500;
const deadlockDetected = '40P01';
const maxAttempts = 3;

/**
 * Distinct holders of a day in PostgreSQL. Each is stored as a hash with the day's salt until the
 * day after; then nothing in the tables can identify them.
 */
export class PostgresDailyHolders extends DailyHolders {
  readonly #counts = new Gathered((all: readonly Asked[]) => this.#countAll(all), maxBatch);
  readonly #questions = new Gathered((all: readonly Asking[]) => this.#questionAll(all), maxBatch);
  /** The hour at which what hours before had left was deleted. */
  #cleared = '';
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
    const [full] = await this.#counts.of([await this.#asked(caller, holders, now)]);
    if (full !== undefined && full !== null) throw this.#reached(caller, full, now);
  }

  /**
   * Together, but for those at a place that is full, who are counted each by itself: others wait
   * for one statement more, and not for one for each of them. @returns the full places
   */
  async #countAll(all: readonly Asked[]): Promise<readonly (string | null)[]> {
    const places = new Map<Asked, string | null>();
    let waiting = all;
    for (let first = waiting[0]; first !== undefined; first = waiting[0]) {
      const { day } = first;
      const together = waiting.filter((asked) => asked.day === day);
      const full = await this.#countTogether(day, together);
      if (full === null || together.length === 1)
        for (const asked of together) places.set(asked, full);
      else
        for (const asked of together)
          if (asked.places.some(({ name }) => name === full))
            places.set(asked, await this.#countTogether(day, [asked]));
      waiting = waiting.filter((asked) => !places.has(asked));
    }
    return all.map((asked) => places.get(asked) ?? null);
  }

  /** Nothing is counted where a place is full. @returns that place */
  async #countTogether(day: string, all: readonly Asked[]): Promise<string | null> {
    const values = valuesOf(day, all);
    for (let attempt = 1; ; attempt++)
      try {
        await this.pool.query({ name: 'daily_holder_count', text: countHolders, values });
        return null;
      } catch (error) {
        if (!(error instanceof pg.DatabaseError)) throw error;
        if (error.code === dailyLimitState && error.detail !== undefined) return error.detail;
        // The victim of a deadlock changed nothing.
        if (error.code !== deadlockDetected || attempt === maxAttempts) throw error;
      }
  }

  async check(caller: ClientCaller, holders: readonly string[], now: string): Promise<void> {
    if (holders.length === 0) return;
    const asked = await this.#asked(caller, holders, now);
    const { rows } = await this.pool.query<{ place: string }>({
      name: 'daily_holder_check',
      text: checkHolders,
      values: valuesOf(asked.day, [asked]),
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
    const [admitted] = await this.#questions.of([
      {
        hour: now.slice(0, 13),
        asked: hashed(salt, `${about}\0${place.name}`, holder),
        command: hashed(salt, caller.client, idempotencyKey).subarray(0, 16),
      },
    ]);
    if (admitted === true) return;
    this.onRefused('questions_of_holder');
    throw new QuestionLimitReached(
      'questions_of_holder',
      'this holder was asked as often within the hour as may be',
      { limit },
      { retryAfterSeconds: 3600 - (Math.floor(Date.parse(now) / 1000) % 3600) },
    );
  }

  /**
   * In one statement, so that many about one holder make no other window wait. The rows of hours
   * that are over go with the first question of an hour.
   * @returns whether each is one that may be asked
   */
  async #questionAll(all: readonly Asking[]): Promise<readonly boolean[]> {
    const latest = all.map(({ hour }) => hour).reduce((a, b) => (a > b ? a : b));
    if (latest !== this.#cleared) {
      await this.pool.query('DELETE FROM hourly_question WHERE hour < $1', [
        plusSeconds(`${latest}:00:00.000Z`, -7200).slice(0, 13),
      ]);
      this.#cleared = latest;
    }
    const { rows } = await this.pool.query<CountedQuestions>({
      name: 'hourly_question_count',
      text: countQuestions,
      values: [
        all.map(({ hour }) => hour),
        all.map(({ asked }) => asked),
        all.map(({ command }) => command),
        this.settings.limits.questionsPerHolderAndHour,
      ],
    });
    const counted = new Map(
      rows.map(({ hour, asked_hash: asked, commands }) => [nameOf({ hour, asked }), commands]),
    );
    return all.map(
      (asking) =>
        counted.get(nameOf(asking))?.some((command) => command.equals(asking.command)) === true,
    );
  }

  async #asked(caller: ClientCaller, holders: readonly string[], now: string): Promise<Asked> {
    const day = shanghaiDay(now);
    const salt = await this.#saltOf(day);
    const places = this.#placesOf(caller);
    const pairs = places.flatMap(({ name }) =>
      holders.map((holder) => ({ place: name, hash: hashed(salt, name, holder) })),
    );
    return { day, places, pairs };
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
