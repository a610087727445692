import { Injectable } from '@nestjs/common';
import type { PoolClient } from 'pg';
import { type RecordedEvent, schemasOf } from '#libs/event-store';
import { Projection, type Together, type Write, writeInOrder } from '#libs/feed';
import { type ConsentEvent, consentSchemas } from './consent.events.js';

const requestedAndWithdrawn = schemasOf(consentSchemas, 'ConsentRequested', 'ConsentWithdrawn');
type PlacedEvent = Extract<ConsentEvent, { readonly type: keyof typeof requestedAndWithdrawn }>;

/**
 * Where consents are in their books. Of what may follow a request a withdrawal alone has no
 * deadline; everything else is found near it.
 */
@Injectable()
export class ConsentPlacesProjection extends Projection<PlacedEvent> {
  readonly name = 'consent-places';
  readonly tables = ['consent_place'];
  readonly folds = requestedAndWithdrawn;

  override apply(page: readonly RecordedEvent<PlacedEvent>[], client: PoolClient): Promise<void> {
    return writeInOrder(writesOf(page), client);
  }

  override together(page: readonly RecordedEvent<PlacedEvent>[]): Together {
    return { writes: writesOf(page) };
  }
}

const writesOf = (page: readonly RecordedEvent<PlacedEvent>[]): Write[] => [
  {
    name: 'consent_place_new',
    text: `
      INSERT INTO consent_place (consent, version, case_id)
      SELECT * FROM unnest($1::text[], $2::int[], $3::text[])`,
    values: [
      page.map(({ data }) => data.consent),
      page.map(({ version }) => version),
      page.map((event) => (event.type === 'ConsentRequested' ? event.data.case : null)),
    ],
  },
];
