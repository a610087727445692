import { Injectable } from '@nestjs/common';
import type { PoolClient } from 'pg';
import type { RecordedEvent } from '#libs/event-store';
import { Projection } from '#libs/feed';
import { type IdentityEvent, identitySchemas } from '#libs/identity';
import { type AuthorityKeyRow, foldAuthorityKeys } from './authority-key-rows.js';

/**
 * Folds clients into the keys of issuing authorities: a row for each key and each period in which
 * certificates by it are accepted, by versions of the client's stream. Enabling a disabled client
 * begins a new period for its keys.
 */
@Injectable()
export class AuthorityKeysProjection extends Projection<IdentityEvent> {
  readonly name = 'authority-keys';
  readonly tables = ['authority_key'];
  readonly folds = identitySchemas;

  async apply(page: readonly RecordedEvent<IdentityEvent>[], client: PoolClient): Promise<void> {
    const rows = await known(page, client);
    for (const event of page) {
      const of = event.stream.slice('client-'.length);
      rows.set(of, foldAuthorityKeys(rows.get(of) ?? [], event, of, event.version));
    }
    await write([...rows.values()].flat(), client);
  }
}

/** The rows of the page's clients. */
async function known(page: readonly RecordedEvent[], client: PoolClient) {
  const clients = new Set(page.map(({ stream }) => stream.slice('client-'.length)));
  const { rows } = await client.query<AuthorityKeyRow>(
    'SELECT * FROM authority_key WHERE client = ANY($1::text[]) ORDER BY client, since, kid',
    [[...clients]],
  );
  return Map.groupBy(rows, (row) => row.client) as Map<string, readonly AuthorityKeyRow[]>;
}

async function write(rows: readonly AuthorityKeyRow[], client: PoolClient): Promise<void> {
  if (rows.length === 0) return;
  await client.query(
    `INSERT INTO authority_key (client, kid, since, until, authority, alg, jwk, retired)
     SELECT * FROM unnest($1::text[], $2::text[], $3::integer[], $4::integer[], $5::text[], $6::text[], $7::text[],
                          $8::boolean[])
     ON CONFLICT (client, kid, since) DO UPDATE SET until = excluded.until, retired = excluded.retired`,
    [
      rows.map((row) => row.client),
      rows.map((row) => row.kid),
      rows.map((row) => row.since),
      rows.map((row) => row.until),
      rows.map((row) => row.authority),
      rows.map((row) => row.alg),
      rows.map((row) => row.jwk),
      rows.map((row) => row.retired),
    ],
  );
}
