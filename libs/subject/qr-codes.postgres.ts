import { Injectable } from '@nestjs/common';
import { hash } from 'node:crypto';
import pg from 'pg';
import { type Instant, plusSeconds } from '#libs/kernel';
import { QrCodes, type ShownBy } from './qr-codes.js';

/** Seconds for which a shown code can be read. */
export const codeSeconds = 60;
/**
 * Seconds for which a used code is kept, so that a retry of the command that used it is answered.
 */
const keptSeconds = 3600;

const sha256 = (text: string): string => hash('sha256', text, 'base64url');

/** Codes in PostgreSQL, by hash: a copy of the table reveals no usable code. */
@Injectable()
export class PostgresQrCodes extends QrCodes {
  constructor(private readonly pool: pg.Pool) {
    super();
  }

  async issue(
    code: string,
    { subject, jkt }: ShownBy,
    now: Instant,
  ): Promise<{ expires: Instant }> {
    const { rows } = await this.pool.query<{ expires: string }>({
      name: 'qr_code_issue',
      text: `WITH gone AS (DELETE FROM qr_code WHERE expires < $5)
             INSERT INTO qr_code (code_hash, subject, jkt, expires) VALUES ($1, $2, $3, $4)
             ON CONFLICT (code_hash) DO UPDATE SET subject = qr_code.subject
             RETURNING expires`,
      values: [
        sha256(code),
        subject,
        jkt,
        plusSeconds(now, codeSeconds),
        plusSeconds(now, -keptSeconds),
      ],
    });
    return { expires: rows[0]?.expires ?? plusSeconds(now, codeSeconds) };
  }

  async find(code: string, user: string, now: Instant): Promise<ShownBy | null> {
    const { rows } = await this.pool.query<ShownBy>({
      name: 'qr_code_find',
      text: `SELECT subject, jkt FROM qr_code
             WHERE code_hash = $1 AND ((used_by IS NULL AND expires >= $3) OR used_by = $2)`,
      values: [sha256(code), sha256(user), now],
    });
    return rows[0] ?? null;
  }

  async use(code: string, user: string, now: Instant): Promise<ShownBy | null> {
    const { rows } = await this.pool.query<ShownBy>({
      name: 'qr_code_use',
      text: `UPDATE qr_code SET used_by = $2
             WHERE code_hash = $1 AND ((used_by IS NULL AND expires >= $3) OR used_by = $2)
             RETURNING subject, jkt`,
      values: [sha256(code), sha256(user), now],
    });
    return rows[0] ?? null;
  }
}
