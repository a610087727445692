import { Injectable } from '@nestjs/common';
import pg from 'pg';
import { type ConsentPlace, ConsentPlaces } from './ports.js';

/** The index of consents in `consent_place`. */
@Injectable()
export class PostgresConsentPlaces extends ConsentPlaces {
  constructor(private readonly pool: pg.Pool) {
    super();
  }

  override async find(
    wanted: { readonly ofCase: string } | { readonly consents: readonly string[] },
    newest: string,
  ): Promise<readonly ConsentPlace[] | null> {
    const consents = 'ofCase' in wanted ? [] : wanted.consents;
    const { rows } = await this.pool.query<{ consent: string; versions: number[] }>({
      name: 'consent_places',
      text: `SELECT consent, array_agg(version ORDER BY version) AS versions FROM consent_place
             WHERE consent = ANY($1)
                OR consent IN (SELECT consent FROM consent_place WHERE case_id = $2)
             GROUP BY consent`,
      values: [[newest, ...consents], 'ofCase' in wanted ? wanted.ofCase : null],
    });
    if (!rows.some(({ consent }) => consent === newest)) return null;
    return rows.flatMap(({ consent, versions: [version, ...later] }) =>
      version === undefined ? [] : [{ consent, version, later }],
    );
  }
}
