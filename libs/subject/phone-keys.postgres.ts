import { Injectable } from '@nestjs/common';
import pg from 'pg';
import { EventStore, Gathered } from '#libs/event-store';
import { type KnownBy, PhoneKeys } from '#libs/identity';
import type { JsonObject } from '#libs/kernel';
import { withErased } from '#libs/vault/postgres';
import { isTaken } from './passkey-decisions.js';
import { PhoneKeyConflict, subjectErased } from './subject.errors.js';
import { ENROLMENT_CONFIRM_HOLDS, speaksFor, subjectStream } from './subject.decider.js';
import { knownSubject, readSubject } from './subject.stream.js';

/** Keys whose subjects are kept here. */
const kept = 10_000;

/**
 * Which subject a phone's key belongs to. `vault.phone_key` leads from the key to one subject,
 * whose stream decides whether the key was enrolled and is still valid; the row alone opens
 * nothing.
 */
@Injectable()
export class PostgresPhoneKeys extends PhoneKeys {
  /** Where keys led to; a key that was enrolled once leads nowhere else. */
  readonly #known = new Map<string, string>();
  readonly #rows = new Gathered((keys: readonly string[]) => this.#rowsOf(keys));

  constructor(
    private readonly pool: pg.Pool,
    private readonly store: EventStore,
  ) {
    super();
  }

  override async subjectOf(jkt: string): Promise<{ subject: string; jwk: JsonObject } | null> {
    const known = this.#known.get(jkt);
    const found = known === undefined ? null : await this.#speaking(jkt, known);
    if (found !== null) return found;
    this.#known.delete(jkt);
    const subject = await this.#rowOf(jkt);
    const enrolled = subject === null ? null : await this.#speaking(jkt, subject);
    if (enrolled === null) return null;
    if (this.#known.size >= kept) this.#known.delete(this.#known.keys().next().value ?? '');
    this.#known.set(jkt, enrolled.subject);
    return enrolled;
  }

  override async lastKnown(jkt: string): Promise<KnownBy<string> | null> {
    const subject = this.#known.get(jkt);
    if (subject === undefined) return null;
    const { state, version } = await knownSubject(this.store, subject);
    if (state.status === 'absent' || !speaksFor(state, jkt)) return null;
    return { value: subject, stream: subjectStream(subject), records: version + 1 };
  }

  /** By the subject's stream as it is now. */
  async #speaking(
    jkt: string,
    subject: string,
  ): Promise<{ subject: string; jwk: JsonObject } | null> {
    const state = await readSubject(this.store, subject);
    const key = state.status === 'absent' ? undefined : state.keys.get(jkt);
    return key !== undefined && speaksFor(state, jkt) ? { subject, jwk: key.jwk } : null;
  }

  /**
   * Claims a key for one subject, before the event that offers it. A claim without an enrolment can
   * be taken over once it can no longer be confirmed, and the key of an erased subject never,
   * because that would link another person to the erased one's records.
   * @throws PhoneKeyConflict where the key is, was, or may yet become another subject's;
   *   SubjectRefused `subject_erased`
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
    if (state !== null && state.status !== 'absent' && isTaken(state, jkt))
      throw new PhoneKeyConflict();
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
    const [subject = null] = await this.#rows.of([jkt]);
    return subject;
  }

  async #rowsOf(keys: readonly string[]): Promise<readonly (string | null)[]> {
    const { rows } = await this.pool.query<{ jkt: string; subject: string | null }>({
      name: 'phone_key',
      text: 'SELECT jkt, subject FROM vault.phone_key WHERE jkt = ANY($1::text[])',
      values: [keys],
    });
    const found = new Map(rows.map(({ jkt, subject }) => [jkt, subject]));
    return keys.map((jkt) => found.get(jkt) ?? null);
  }
}
