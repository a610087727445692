import { Injectable } from '@nestjs/common';
import pg from 'pg';
import { BlobIdTaken, BlobsUnnamed, BlobTooLarge } from '../vault.errors.js';
import { Blobs } from '../ports.js';
import { SEAL_OVERHEAD } from '../seal.js';
import { withErased } from './vault.js';

/** The largest file, before it is sealed. Bytes. */
export const maxFileBytes = 10 * 1024 * 1024;

/**
 * Limit of stored files of one client that no certificate names yet, exceeded slightly under
 * concurrency: an import names its files within minutes.
 */
export const unnamedQuota = { files: 4096, bytes: 2 * 1024 * 1024 * 1024 } as const;

/** Sealed files as rows of `vault.sealed_blob`. */
@Injectable()
export class PostgresBlobs extends Blobs {
  constructor(private readonly pool: pg.Pool) {
    super();
  }

  override async put(id: string, sealed: Uint8Array, client: string): Promise<void> {
    if (sealed.length > maxFileBytes + SEAL_OVERHEAD)
      throw new BlobTooLarge('blob_too_large', 'a file is larger than the ledger takes', {
        maxBytes: maxFileBytes,
      });
    const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
    const { rowCount } = await this.pool.query(
      `INSERT INTO vault.sealed_blob (id, sealed, client, size)
       SELECT $1, $2, $3, $4::integer
       FROM (SELECT count(*) AS files, coalesce(sum(size), 0) AS bytes
             FROM vault.sealed_blob WHERE client = $3 AND NOT named) AS waiting
       WHERE files < $5 AND bytes + $4::integer <= $6
       ON CONFLICT (id) DO NOTHING`,
      [id, bytes, client, bytes.length, unnamedQuota.files, unnamedQuota.bytes],
    );
    if (rowCount === 1) return;
    const stored = await this.get(id);
    if (stored === null)
      throw new BlobsUnnamed(
        'files_unnamed_too_many',
        'so many stored files wait for a certificate that names them at most',
        unnamedQuota,
        {
          hint: 'Hand in the certificates that name them; what none names is removed after a day.',
          retryAfterSeconds: 60,
        },
      );
    if (!bytes.equals(stored))
      throw new BlobIdTaken('blob_id_taken', 'another file stands under this id', { id });
  }

  override async get(id: string): Promise<Uint8Array | null> {
    const { rows } = await this.pool.query<{ sealed: Buffer }>(
      'SELECT sealed FROM vault.sealed_blob WHERE id = $1',
      [id],
    );
    return rows[0]?.sealed ?? null;
  }

  override async belong(ids: readonly string[], subjects: readonly string[]): Promise<boolean> {
    if (ids.length === 0) return true;
    const { rowCount } = await this.pool.query(
      'UPDATE vault.sealed_blob SET named = true WHERE id = ANY($1)',
      [ids],
    );
    // Erased subjects are left out; the certificate is refused then, because its key cannot be
    // wrapped for them.
    await this.pool.query(
      `WITH ${withErased('$2')}
       INSERT INTO vault.blob_holder (blob, subject)
       SELECT b.id, s.id FROM unnest($1::text[]) AS b (id), unnest($2::text[]) AS s (id)
       WHERE NOT EXISTS (SELECT FROM erased WHERE erased.subject = s.id)
       ON CONFLICT DO NOTHING`,
      [ids, subjects],
    );
    return rowCount === new Set(ids).size;
  }

  override async forgetUnnamed(): Promise<void> {
    await this.pool.query(
      "DELETE FROM vault.sealed_blob WHERE NOT named AND created < now() - interval '1 day'",
    );
  }
}
