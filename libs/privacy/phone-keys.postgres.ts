import { Injectable } from '@nestjs/common';
import pg from 'pg';
import { EventStore } from '#libs/event-store';
import { PhoneKeys } from '#libs/identity';
import type { JsonObject } from '#libs/kernel';
import { PhoneKeyConflict } from './errors.js';
import { ENROLMENT_CONFIRM_HOLDS } from './subject.decider.js';
import { readSubject } from './subject.stream.js';

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
   * be confirmed: until then, two enrolments of one key cannot both come to their end.
   * @throws PhoneKeyConflict where the key is, was, or may yet become another subject's
   */
  async claim(jkt: string, subject: string): Promise<void> {
    const { rowCount } = await this.pool.query(
      `INSERT INTO vault.phone_key AS k (jkt, subject) VALUES ($1, $2)
       ON CONFLICT (jkt) DO UPDATE SET claimed = now() WHERE k.subject = excluded.subject`,
      [jkt, subject],
    );
    if (rowCount === 1) return;
    const owner = await this.#rowOf(jkt);
    const state = owner === null ? null : await readSubject(this.store, owner);
    if (state?.status !== 'unknown' && state?.keys.has(jkt)) throw new PhoneKeyConflict();
    const takenOver = await this.pool.query(
      `UPDATE vault.phone_key SET subject = $2, claimed = now()
       WHERE jkt = $1 AND subject = $3 AND claimed < now() - make_interval(secs => $4)`,
      [jkt, subject, owner, 2 * ENROLMENT_CONFIRM_HOLDS],
    );
    if (takenOver.rowCount !== 1) throw new PhoneKeyConflict();
  }

  async #rowOf(jkt: string): Promise<string | null> {
    const { rows } = await this.pool.query<{ subject: string }>({
      name: 'phone_key',
      text: 'SELECT subject FROM vault.phone_key WHERE jkt = $1',
      values: [jkt],
    });
    return rows[0]?.subject ?? null;
  }
}
