import { Injectable } from '@nestjs/common';
import pg from 'pg';
import { type HeldPaper, Wallet } from './ports.js';

/**
 * How many certificates of a type that are not valid are looked at for the reason why: valid ones
 * are looked at without number.
 */
const maxLapsed = 20;

/** SQL that says whether a row `c` of `wallet_certificate` is valid on the day in a parameter. */
export const validOn = (day: string): string =>
  `(c.status = 'valid' AND c.valid_from <= ${day} AND (c.valid_until IS NULL OR c.valid_until >= ${day}))`;

/**
 * The wallet from its projection: a release asks it often, so the statement has a name and is
 * planned once a connection.
 */
@Injectable()
export class ProjectedWallet extends Wallet {
  constructor(private readonly pool: pg.Pool) {
    super();
  }

  async certificatesOf(
    subject: string,
    types: readonly string[],
    day: string,
  ): Promise<readonly HeldPaper[]> {
    const { rows } = await this.pool.query<HeldPaper>({
      name: 'wallet-certificates',
      text: `WITH held AS (
               SELECT c.certificate, c.type, c.issued_at, ${validOn('$3')} AS valid
               FROM (SELECT DISTINCT certificate FROM wallet_holding WHERE subject = $1) h
               JOIN wallet_certificate c USING (certificate)
               WHERE c.type = ANY($2::text[])
             ), ranked AS (
               SELECT *, row_number() OVER (
                 PARTITION BY type, valid ORDER BY issued_at DESC, certificate) AS place
               FROM held)
             SELECT certificate, type, valid FROM ranked WHERE valid OR place <= $4
             ORDER BY valid DESC, issued_at DESC, certificate`,
      values: [subject, types, day, maxLapsed],
    });
    return rows;
  }
}
