import { Injectable } from '@nestjs/common';
import { createCipheriv, createDecipheriv, hash, randomBytes } from 'node:crypto';
import pg from 'pg';
import type { CommandContext } from '#libs/event-store';
import type { Instant } from '#libs/kernel';
import { LedgerSecrets } from '#libs/vault';

/** How often digits may be typed for one enrolment, the right ones included. */
export const triesOfTypedCode = 5;

/**
 * Eight digits, the same for every retry of the command: with the terminal's handle they stand for
 * the enrolment's code where it cannot be scanned.
 */
export const typedDigits = ({ seed }: Pick<CommandContext, 'seed'>): string =>
  String(
    hash('sha256', `${seed}\0enrolment-digits`, 'buffer').readBigUInt64BE() % 100_000_000n,
  ).padStart(8, '0');

interface Row {
  readonly enrolment: string;
  readonly sealed: Buffer;
}

/**
 * Leads from a terminal's handle and eight digits to the 128-bit code of an enrolment, which is
 * sealed under a key of the digits and a secret of the ledger: neither table nor record helps to
 * guess them. Each try counts, whoever makes it, before it is judged.
 */
@Injectable()
export class TypedCodes {
  constructor(
    private readonly pool: pg.Pool,
    private readonly secrets: LedgerSecrets,
  ) {}

  /** Rows are deleted a day after their code expired, or with the enrolment's subject. */
  async put(
    { handle, digits }: Readonly<Record<'handle' | 'digits', string>>,
    { enrolment, code }: Readonly<Record<'enrolment' | 'code', string>>,
    expires: Instant,
  ): Promise<void> {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.#key(enrolment, digits), nonce);
    const text = Buffer.concat([cipher.update(code, 'utf8'), cipher.final()]);
    const sealed = Buffer.concat([nonce, cipher.getAuthTag(), text]);
    await this.pool.query(
      `WITH gone AS (
         DELETE FROM vault.typed_code WHERE expires < $4::timestamptz - interval '1 day')
       INSERT INTO vault.typed_code (enrolment, handle, sealed, expires)
       VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
      [enrolment, handle, sealed, expires],
    );
  }

  /** The code; null where the digits are wrong, too late, or one try too many. */
  async open(handle: string, digits: string, now: Instant): Promise<string | null> {
    const { rows } = await this.pool.query<Row>(
      `UPDATE vault.typed_code SET tries = tries + 1
       WHERE handle = $1 AND expires > $2::timestamptz AND tries < $3
       RETURNING enrolment, sealed`,
      [handle, now, triesOfTypedCode],
    );
    for (const row of rows) {
      const code = this.#opened(row, digits);
      if (code !== null) return code;
    }
    return null;
  }

  /** How often its digits may still be typed; null where the enrolment has none. */
  async triesLeft(enrolment: string): Promise<number | null> {
    const { rows } = await this.pool.query<{ tries: number }>(
      'SELECT tries FROM vault.typed_code WHERE enrolment = $1',
      [enrolment],
    );
    return rows[0] === undefined ? null : triesOfTypedCode - rows[0].tries;
  }

  #opened({ enrolment, sealed }: Row, digits: string): string | null {
    const decipher = createDecipheriv(
      'aes-256-gcm',
      this.#key(enrolment, digits),
      sealed.subarray(0, 12),
    );
    decipher.setAuthTag(sealed.subarray(12, 28));
    try {
      return decipher.update(sealed.subarray(28), undefined, 'utf8') + decipher.final('utf8');
    } catch {
      return null;
    }
  }

  #key(enrolment: string, digits: string): Uint8Array {
    return this.secrets.of('typed-code', `${enrolment} ${digits}`);
  }
}
