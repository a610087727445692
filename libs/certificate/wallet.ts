import { Injectable } from '@nestjs/common';
import pg from 'pg';
import { Gathered } from '#libs/event-store';
import { type HeldPaper, Wallet } from './ports.js';

/**
 * How many certificates of a type that are not valid are looked at for the reason why: valid ones
 * are looked at without number.
 */
const maxLapsed = 20;

/** SQL that says whether a row `c` of `wallet_certificate` is valid on the day in a parameter. */
export const validOn = (day: string): string =>
  `(c.status = 'valid' AND c.valid_from <= ${day} AND (c.valid_until IS NULL OR c.valid_until >= ${day}))`;

interface Asked {
  readonly subject: string;
  readonly types: readonly string[];
  readonly day: string;
}

/**
 * The wallet from its projection: a release asks it often, so the statement has a name and is
 * planned once a connection.
 */
@Injectable()
export class ProjectedWallet extends Wallet {
  readonly #asked = new Gathered((all: readonly Asked[]) => this.#answer(all));

  constructor(private readonly pool: pg.Pool) {
    super();
  }

  async certificatesOf(
    subject: string,
    types: readonly string[],
    day: string,
  ): Promise<readonly HeldPaper[]> {
    const [held] = await this.#asked.of([{ subject, types, day }]);
    return held ?? [];
  }

  async #answer(all: readonly Asked[]): Promise<readonly (readonly HeldPaper[])[]> {
    const { rows } = await this.pool.query<HeldPaper & { readonly place: number }>({
      name: 'wallet-certificates',
      text: `WITH held AS (
               SELECT a.place, c.certificate, c.type, c.issued_at, ${validOn('a.day')} AS valid
               FROM unnest($1::integer[], $2::text[], $3::text[]) AS a (place, subject, day)
               CROSS JOIN LATERAL (
                 SELECT DISTINCT certificate FROM wallet_holding WHERE subject = a.subject) h
               JOIN wallet_certificate c USING (certificate)
               WHERE EXISTS (
                 SELECT FROM unnest($4::integer[], $5::text[]) AS t (place, type)
                 WHERE t.place = a.place AND t.type = c.type)
             ), ranked AS (
               SELECT *, row_number() OVER (
                 PARTITION BY place, type, valid ORDER BY issued_at DESC, certificate) AS nth
               FROM held)
             SELECT place, certificate, type, valid FROM ranked WHERE valid OR nth <= $6
             ORDER BY place, valid DESC, issued_at DESC, certificate`,
      values: [
        all.map((_, place) => place),
        all.map(({ subject }) => subject),
        all.map(({ day }) => day),
        all.flatMap(({ types }, place) => types.map(() => place)),
        all.flatMap(({ types }) => types),
        maxLapsed,
      ],
    });
    const held = all.map((): HeldPaper[] => []);
    for (const { place, certificate, type, valid } of rows)
      held[place]?.push({ certificate, type, valid });
    return held;
  }
}
