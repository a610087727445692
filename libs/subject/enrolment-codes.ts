import { Injectable } from '@nestjs/common';
import pg from 'pg';
import type { Instant } from '#libs/kernel';
import { withErased } from '#libs/vault/postgres';
import { subjectErased } from './subject.errors.js';

/** Which subject's enrolment a code or an id stands for. */
export interface EnrolmentPlace {
  readonly enrolment: string;
  readonly subject: string;
}

/**
 * Leads from a code's hash, or an enrolment's id, to the subject in whose stream it is decided.
 * Rows are an index only, and are deleted a day after their code expired.
 */
@Injectable()
export class EnrolmentCodes {
  constructor(private readonly pool: pg.Pool) {}

  /**
   * Written before the event: a row without an event leads to a stream that has no such enrolment.
   * @throws SubjectRefused `subject_erased` where the subject was erased meanwhile
   */
  async put(codeHash: string, place: EnrolmentPlace, expires: Instant): Promise<void> {
    const { rows } = await this.pool.query<{ erased: boolean }>(
      `WITH gone AS (
         DELETE FROM vault.enrolment_code WHERE expires < $4::timestamptz - interval '1 day'),
       ${withErased('ARRAY[$3::text]')},
       put AS (
         INSERT INTO vault.enrolment_code (code_hash, enrolment, subject, expires)
         SELECT $1, $2, $3, $4::timestamptz WHERE NOT EXISTS (SELECT FROM erased)
         ON CONFLICT DO NOTHING)
       SELECT EXISTS (SELECT FROM erased) AS erased`,
      [codeHash, place.enrolment, place.subject, expires],
    );
    if (rows[0]?.erased === true) throw subjectErased();
  }

  byCode(codeHash: string): Promise<EnrolmentPlace | null> {
    return this.#find('code_hash', codeHash);
  }

  byEnrolment(enrolment: string): Promise<EnrolmentPlace | null> {
    return this.#find('enrolment', enrolment);
  }

  async #find(column: 'code_hash' | 'enrolment', value: string): Promise<EnrolmentPlace | null> {
    const { rows } = await this.pool.query<EnrolmentPlace>(
      `SELECT enrolment, subject FROM vault.enrolment_code WHERE ${column} = $1`,
      [value],
    );
    return rows[0] ?? null;
  }
}
