import { Injectable } from '@nestjs/common';
import pg from 'pg';
import { EventStore } from '#libs/event-store';
import { PhoneKeys } from '#libs/identity';
import type { JsonObject } from '#libs/kernel';
import { PhoneKeyConflict, subjectErased } from './errors.js';
import { ENROLMENT_CONFIRM_HOLDS } from './subject.decider.js';
import { readSubject } from './subject.stream.js';
import { withErased } from './vault.postgres.js';

/**
 * Whose phone a key is. `vault.phone_key` leads from the key to one subject, whose stream then says whether the key was enrolled and still
 * counts; the row alone opens nothing.
 */
@Injectable()
export class PostgresPhoneKeys extends PhoneKeys {
  constructor(
    private readonly pool: pg.Pool,
    private readonly store: EventStore,
  ) {
    super();
  }

  override async subjectOf(jkt: string): Promise<{ subject: string; jwk: JsonObject } | null> {
    const subject = await this.#rowOf(jkt);
    if (subject === null) return null;
    const state = await readSubject(this.store, subject);
    const key = state.status === 'unknown' ? undefined : state.keys.get(jkt);
    return key?.status === 'active' ? { subject, jwk: key.jwk } : null;
  }

  /**
   * Keeps a key for one subject, before the event that offers it. A claim of which nothing came is taken over when its enrolment can no longer
   * be confirmed: until then, two enrolments of one key cannot both come to their end. The key of an erased subject is nobody's for ever: with
   * somebody else it would join what the records say of the erased one with that person.
   * @throws PhoneKeyConflict where the key is, was, or may yet become another subject's; SubjectRefused `subject_erased`
   */
  async claim(jkt: string, subject: string): Promise<void> {
    if (
      await this.#take(
        subject,
        `INSERT INTO vault.phone_key AS k (jkt, subject)
         SELECT $2, $1 WHERE NOT EXISTS (SELECT FROM erased)
         ON CONFLICT (jkt) DO UPDATE SET claimed = now() WHERE k.subject = excluded.subject`,
        [jkt],
      )
    )
      return;
    const owner = await this.#rowOf(jkt);
    const state = owner === null ? null : await readSubject(this.store, owner);
    if (state?.status !== 'unknown' && state?.keys.has(jkt)) throw new PhoneKeyConflict();
    const takenOver = await this.#take(
      subject,
      `UPDATE vault.phone_key SET subject = $1, claimed = now()
       WHERE jkt = $2 AND subject = $3 AND claimed < now() - make_interval(secs => $4)
       AND NOT EXISTS (SELECT FROM erased)`,
      [jkt, owner, 2 * ENROLMENT_CONFIRM_HOLDS],
    );
    if (!takenOver) throw new PhoneKeyConflict();
  }

  /** @returns whether the statement wrote the row. @throws SubjectRefused `subject_erased` */
  async #take(subject: string, statement: string, values: readonly unknown[]): Promise<boolean> {
    const { rows } = await this.pool.query<{ erased: boolean; taken: boolean }>(
      `WITH ${withErased('ARRAY[$1::text]')},
            taken AS (${statement} RETURNING true)
       SELECT EXISTS (SELECT FROM erased) AS erased, EXISTS (SELECT FROM taken) AS taken`,
      [subject, ...values],
    );
    if (rows[0]?.erased === true) throw subjectErased();
    return rows[0]?.taken === true;
  }

  async #rowOf(jkt: string): Promise<string | null> {
    const { rows } = await this.pool.query<{ subject: string | null }>({
      name: 'phone_key',
      text: 'SELECT subject FROM vault.phone_key WHERE jkt = $1',
      values: [jkt],
    });
    return rows[0]?.subject ?? null;
  }
}
