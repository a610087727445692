import { Injectable } from '@nestjs/common';
import pg from 'pg';
import { BlobIdTaken, BlobTooLarge } from './errors.js';
import { Blobs } from './ports.js';
import { SEAL_OVERHEAD } from './seal.js';
import { withErased } from './vault.postgres.js';

/** The largest file, before it is sealed. Bytes. */
export const MAX_FILE_BYTES = 10 * 1024 * 1024;

/** Sealed files as rows of `vault.sealed_blob`. */
@Injectable()
export class PostgresBlobs extends Blobs {
  constructor(private readonly pool: pg.Pool) {
    super();
  }

  override async put(id: string, sealed: Uint8Array): Promise<void> {
    if (sealed.length > MAX_FILE_BYTES + SEAL_OVERHEAD)
      throw new BlobTooLarge('blob_too_large', 'a file is larger than the ledger takes', {
        maxBytes: MAX_FILE_BYTES,
      });
    const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
    const { rowCount } = await this.pool.query(
      'INSERT INTO vault.sealed_blob (id, sealed) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING',
      [id, bytes],
    );
    if (rowCount === 1) return;
    const stored = await this.get(id);
    if (stored === null || !bytes.equals(stored))
      throw new BlobIdTaken('blob_id_taken', 'another file stands under this id', { id });
  }

  override async get(id: string): Promise<Uint8Array | null> {
    const { rows } = await this.pool.query<{ sealed: Buffer }>(
      'SELECT sealed FROM vault.sealed_blob WHERE id = $1',
      [id],
    );
    return rows[0]?.sealed ?? null;
  }

  override async belong(ids: readonly string[], subjects: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    // Who was erased meanwhile holds nothing; the certificate is refused then, because its key cannot be wrapped for the holder.
    await this.pool.query(
      `WITH ${withErased('$2')}
       INSERT INTO vault.blob_holder (blob, subject)
       SELECT b.id, s.id FROM unnest($1::text[]) AS b (id), unnest($2::text[]) AS s (id)
       WHERE NOT EXISTS (SELECT FROM erased WHERE erased.subject = s.id)
       ON CONFLICT DO NOTHING`,
      [ids, subjects],
    );
  }
}
