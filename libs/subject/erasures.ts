import { Injectable } from '@nestjs/common';
import pg from 'pg';
import type { Position } from '#libs/event-store';

/**
 * Leads from the ids that administrators use to the subject in whose stream an erasure or a legal
 * hold is decided. The ids are random and hold nothing personal.
 */
@Injectable()
export class Erasures {
  constructor(private readonly pool: pg.Pool) {}

  /** Written before the event, as every row that leads to one. */
  async put(erasure: string, subject: string): Promise<void> {
    await this.pool.query(
      'INSERT INTO vault.erasure (erasure, subject) VALUES ($1, $2) ON CONFLICT DO NOTHING',
      [erasure, subject],
    );
  }

  async putHold(hold: string, subject: string): Promise<void> {
    await this.pool.query(
      'INSERT INTO vault.legal_hold (hold, subject) VALUES ($1, $2) ON CONFLICT DO NOTHING',
      [hold, subject],
    );
  }

  async subjectOf(erasure: string): Promise<string | null> {
    const { rows } = await this.pool.query<{ subject: string }>(
      'SELECT subject FROM vault.erasure WHERE erasure = $1',
      [erasure],
    );
    return rows[0]?.subject ?? null;
  }

  async subjectOfHold(hold: string): Promise<string | null> {
    const { rows } = await this.pool.query<{ subject: string }>(
      'SELECT subject FROM vault.legal_hold WHERE hold = $1',
      [hold],
    );
    return rows[0]?.subject ?? null;
  }

  /** Erasures that may need work: not approved yet, or not completed. */
  async open(): Promise<readonly { readonly erasure: string; readonly subject: string }[]> {
    const { rows } = await this.pool.query<{ erasure: string; subject: string }>(
      'SELECT erasure, subject FROM vault.erasure WHERE NOT done ORDER BY erasure',
    );
    return rows;
  }

  /** Every legal hold that was ever placed; the subject's stream tells whether it stands. */
  async holds(): Promise<readonly { readonly hold: string; readonly subject: string }[]> {
    const { rows } = await this.pool.query<{ hold: string; subject: string }>(
      'SELECT hold, subject FROM vault.legal_hold ORDER BY hold',
    );
    return rows;
  }

  async done(erasure: string): Promise<void> {
    await this.pool.query('UPDATE vault.erasure SET done = true WHERE erasure = $1', [erasure]);
  }

  /**
   * The position of the store's feed up to which this database is known to agree with the records
   * of erasures; null where that was never checked.
   */
  async agreesUntil(): Promise<Position | null> {
    const { rows } = await this.pool.query<{ position: string }>(
      'SELECT position FROM vault.erased_until',
    );
    return rows[0] === undefined ? null : BigInt(rows[0].position);
  }

  async agree(position: Position): Promise<void> {
    await this.pool.query(
      `INSERT INTO vault.erased_until (position) VALUES ($1)
       ON CONFLICT (sole) DO UPDATE SET position = excluded.position`,
      [position.toString()],
    );
  }

  /**
   * Deletes in one transaction all that leads to a subject whose key was destroyed or was kept for
   * it: look-up rows, enrolment codes, phones, names of papers, and files without another holder
   * that has a key. The thumbprint of a phone's key stays, with no subject: enrolled for another
   * person it would link that person to the records of the erased one.
   */
  async forget(subject: string): Promise<void> {
    await this.pool.query(
      `WITH codes AS (DELETE FROM vault.enrolment_code WHERE subject = $1 RETURNING enrolment),
            typed AS (DELETE FROM vault.typed_code
                      WHERE enrolment IN (SELECT enrolment FROM codes)),
            phones AS (UPDATE vault.phone_key SET subject = NULL WHERE subject = $1),
            numbers AS (DELETE FROM vault.lookup WHERE subject = $1),
            papers AS (DELETE FROM vault.paper_holder WHERE subject = $1 RETURNING certificate),
            nobodys AS (
              SELECT certificate FROM papers WHERE NOT EXISTS (
                SELECT FROM vault.paper_holder AS other
                LEFT JOIN vault.subject_key AS k ON k.subject = other.subject
                WHERE other.certificate = papers.certificate AND other.subject <> $1
                  AND k.destroyed IS NULL)),
            names AS (DELETE FROM vault.paper_name
                      WHERE certificate IN (SELECT certificate FROM nobodys)),
            confirmed AS (DELETE FROM vault.paper_confirmed
                          WHERE certificate IN (SELECT certificate FROM nobodys)),
            mine AS (DELETE FROM vault.blob_holder WHERE subject = $1 RETURNING blob)
       DELETE FROM vault.sealed_blob AS b USING mine
       WHERE b.id = mine.blob AND NOT EXISTS (
         SELECT FROM vault.blob_holder AS other
         LEFT JOIN vault.subject_key AS k ON k.subject = other.subject
         WHERE other.blob = b.id AND other.subject <> $1 AND k.destroyed IS NULL)`,
      [subject],
    );
  }
}
