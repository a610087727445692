import { Injectable } from '@nestjs/common';
import type { PoolClient } from 'pg';
import type { RecordedEvent } from '#libs/event-store';
import { Projection } from '#libs/feed';
import type { CertificateStatus } from './certificate.decider.js';
import {
  type CertificateEvent,
  certificateSchemas,
  type CertificateVersion,
  type Holder,
} from './certificate.events.js';

interface Row {
  readonly certificate: string;
  readonly type: string;
  readonly authority: string;
  readonly status: CertificateStatus;
  readonly version: number;
  readonly valid_from: string;
  readonly valid_until: string | null;
  readonly issued_at: string;
}

/** Folds certificates into who holds what. One reading and one statement a table for each page. */
@Injectable()
export class WalletProjection extends Projection<CertificateEvent> {
  readonly name = 'wallet';
  readonly tables = ['wallet_holding', 'wallet_certificate'];
  readonly folds = certificateSchemas;

  async apply(page: readonly RecordedEvent<CertificateEvent>[], client: PoolClient): Promise<void> {
    const rows = await this.known(page, client);
    const holders = new Map<string, readonly Holder[]>();
    for (const event of page) {
      const certificate = certificateOf(event.stream);
      const row = fold(rows.get(certificate), event, certificate);
      if (row === undefined) continue;
      rows.set(certificate, row);
      if (event.type === 'CertificateIssued' || event.type === 'CertificateAmended')
        holders.set(certificate, event.data.version.holders);
    }
    await writeCertificates([...rows.values()], client);
    if (holders.size > 0) await writeHoldings(holders, client);
  }

  /** Rows of the page's certificates that began on an earlier one. */
  private async known(
    page: readonly RecordedEvent<CertificateEvent>[],
    client: PoolClient,
  ): Promise<Map<string, Row>> {
    const certificates = new Set(page.map(({ stream }) => certificateOf(stream)));
    for (const { type, stream } of page)
      if (type === 'CertificateIssued') certificates.delete(certificateOf(stream));
    if (certificates.size === 0) return new Map();
    const { rows } = await client.query<Row>(
      'SELECT * FROM wallet_certificate WHERE certificate = ANY($1::text[])',
      [[...certificates]],
    );
    return new Map(rows.map((row) => [row.certificate, row]));
  }
}

const certificateOf = (stream: string): string => stream.slice('certificate-'.length);

function fold(
  row: Row | undefined,
  event: RecordedEvent<CertificateEvent>,
  certificate: string,
): Row | undefined {
  if (event.type === 'CertificateIssued') {
    const { type, authority, version } = event.data;
    return {
      certificate,
      type,
      authority,
      status: 'valid',
      issued_at: event.time,
      ...versionColumns(version),
    };
  }
  if (row === undefined) return undefined;
  switch (event.type) {
    case 'CertificateAmended':
      return {
        ...row,
        status: event.data.reason === 'reissue' ? 'valid' : row.status,
        ...versionColumns(event.data.version),
      };
    case 'CertificateSuspended':
      return { ...row, status: 'suspended' };
    case 'CertificateReinstated':
      return { ...row, status: 'valid' };
    case 'CertificateRevoked':
      return { ...row, status: 'revoked' };
    case 'CertificateCancelled':
      return { ...row, status: 'cancelled' };
  }
}

const versionColumns = ({ number, validFrom, validUntil }: CertificateVersion) => ({
  version: number,
  valid_from: validFrom,
  valid_until: validUntil,
});

async function writeCertificates(rows: readonly Row[], client: PoolClient): Promise<void> {
  if (rows.length === 0) return;
  await client.query(
    `INSERT INTO wallet_certificate
       (certificate, type, authority, status, version, valid_from, valid_until, issued_at)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::integer[], $6::text[],
                          $7::text[], $8::text[])
     ON CONFLICT (certificate) DO UPDATE SET
       status = excluded.status, version = excluded.version,
       valid_from = excluded.valid_from, valid_until = excluded.valid_until`,
    [
      rows.map((row) => row.certificate),
      rows.map((row) => row.type),
      rows.map((row) => row.authority),
      rows.map((row) => row.status),
      rows.map((row) => row.version),
      rows.map((row) => row.valid_from),
      rows.map((row) => row.valid_until),
      rows.map((row) => row.issued_at),
    ],
  );
}

/** A new version may have other holders: whom it does not name holds the certificate no more. */
async function writeHoldings(
  holders: ReadonlyMap<string, readonly Holder[]>,
  client: PoolClient,
): Promise<void> {
  const rows = [...holders].flatMap(([certificate, list]) =>
    list.map(({ subject, role }) => ({ subject, certificate, role })),
  );
  await client.query(
    `WITH now AS (
       SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) AS t (subject, certificate, role)
     ), gone AS (
       DELETE FROM wallet_holding h
       WHERE h.certificate = ANY($4::text[])
         AND (h.subject, h.certificate, h.role) NOT IN (SELECT subject, certificate, role FROM now)
     )
     INSERT INTO wallet_holding (subject, certificate, role)
     SELECT DISTINCT subject, certificate, role FROM now
     ON CONFLICT DO NOTHING`,
    [
      rows.map((row) => row.subject),
      rows.map((row) => row.certificate),
      rows.map((row) => row.role),
      [...holders.keys()],
    ],
  );
}
