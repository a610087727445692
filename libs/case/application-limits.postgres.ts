import { Injectable } from '@nestjs/common';
import pg from 'pg';
import { shanghaiDay } from '#libs/kernel';
import { Settings } from '#libs/platform';
import { ApplicationLimitReached } from './case.errors.js';
import { ApplicationLimits } from './ports.js';

/** Counts in PostgreSQL, so that all processes of a city count together. */
@Injectable()
export class PostgresApplicationLimits extends ApplicationLimits {
  constructor(
    private readonly pool: pg.Pool,
    private readonly settings: Settings,
  ) {
    super();
  }

  async count(
    subject: string,
    { idempotencyKey, now }: { readonly idempotencyKey: string; readonly now: string },
  ): Promise<void> {
    const limit = this.settings.limits.casesPerHolderAndDay;
    const { rowCount } = await this.pool.query({
      name: 'daily_application_count',
      text: `WITH gone AS (DELETE FROM daily_application WHERE day < $1)
             INSERT INTO daily_application AS a (day, subject, commands) VALUES ($1, $2, ARRAY[$3])
             ON CONFLICT (day, subject) DO UPDATE
               SET commands = CASE WHEN $3 = ANY(a.commands) THEN a.commands ELSE a.commands || $3 END
             WHERE $3 = ANY(a.commands) OR cardinality(a.commands) < $4`,
      values: [shanghaiDay(now), subject, idempotencyKey, limit],
    });
    if (rowCount !== 0) return;
    throw new ApplicationLimitReached(
      'cases_of_holder',
      'as many cases were opened online today as may be',
      { limit },
      {
        hint: 'Withdrawn ones count, too. Windows open cases without this limit.',
        retryAfterSeconds: secondsLeft(now),
      },
    );
  }
}

/** Until the day ends in Asia/Shanghai. */
const secondsLeft = (now: string): number =>
  86_400 - (Math.floor(Date.parse(now) / 1000 + 8 * 3600) % 86_400);
