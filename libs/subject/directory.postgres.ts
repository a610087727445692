import { Injectable } from '@nestjs/common';
import pg from 'pg';
import { type CommandContext, EventStore, freshId, Gathered, subContext } from '#libs/event-store';
import { shanghaiDay } from '#libs/kernel';
import { LookupBroken } from '#libs/vault';
import { newSubjectKeys, VaultKeys, subjectKeyValues, withErased } from '#libs/vault/postgres';
import { SubjectRefused } from './subject.errors.js';
import { identifierKey, normalIdentifier } from './identifiers.js';
import { type Identifier, type Met, SubjectDirectory } from './ports.js';
import { onNewSubject, onSubject } from './subject.stream.js';

interface LookupRow {
  readonly hmac: Buffer;
  readonly identifier: string;
  readonly subject: string;
  readonly noted: boolean;
}

/**
 * A number being looked up, with its HMAC under each pepper, newest first. `key` identifies the
 * number in memory.
 */
interface Wanted extends Identifier {
  readonly hmacs: readonly Buffer[];
  readonly current: Buffer;
  readonly key: string;
}

const byHmacOf = (rows: readonly LookupRow[]): ReadonlyMap<string, LookupRow> =>
  new Map(rows.map((row) => [row.hmac.toString('base64url'), row]));

/** A number and the subject that it gets, unless a concurrent request created one first. */
interface Item {
  readonly wanted: Wanted;
  readonly subject: string;
}

/** An item with the id that its look-up row gets. */
interface NewRow extends Item {
  readonly identifier: string;
}

/** Streams appended to concurrently in one import: far below what the store queues. */
const appendsAtOnce = 256;
/** Numbers looked up in one statement. */
const pageSize = 2000;
const deadlockDetected = '40P01';
const maxAttempts = 3;

/**
 * The directory of numbers on PostgreSQL, which sees HMACs only. A subject's key and its look-up
 * row are written in one statement and the event after them, so that of two concurrent requests for
 * one unknown number the row's primary key decides which subject it gets.
 */
@Injectable()
export class PostgresSubjectDirectory extends SubjectDirectory {
  readonly #rows = new Gathered((hmacs: readonly Buffer[]) => this.#rowsAt(hmacs));
  readonly #erased = new Gathered((subjects: readonly string[]) => this.#whichAreErased(subjects));
  readonly #made = new Gathered((items: readonly NewRow[]) => this.#make(items), pageSize);
  readonly #unneeded = new Gathered((subjects: readonly string[]) => this.#takeBack(subjects));

  constructor(
    private readonly pool: pg.Pool,
    private readonly keys: VaultKeys,
    private readonly store: EventStore,
  ) {
    super();
  }

  override async resolve(context: CommandContext, identifier: Identifier): Promise<string> {
    const met = await this.meet(context, identifier);
    await met.settle();
    return met.subject;
  }

  override countedAs(context: CommandContext, identifier: Identifier): string {
    return this.wanted(identifier, context).key;
  }

  override async meet(context: CommandContext, identifier: Identifier): Promise<Met> {
    const wanted = this.wanted(identifier, context);
    let fresh = freshSubject(context, wanted);
    // A known number writes and deletes what an unknown one would keep, so that the time taken does
    // not distinguish them.
    const older = wanted.hmacs.length > 1 ? await this.rowsOf([wanted]) : new Map<string, never>();
    let subject = older.get(wanted.key)?.subject ?? fresh;
    for (let time = 1; ; time++) {
      await this.#made.of([newRow(context, { wanted, subject })]);
      // Read afterwards, because the statement may have waited for an erasure that it did not see.
      const row = (await this.rowsOf([wanted])).get(wanted.key);
      if (row === undefined) {
        await this.mustBeErased([{ wanted, subject }]);
        subject = fresh = freshSubject(context, wanted, time);
        continue;
      }
      return {
        subject: row.subject,
        adding: row.noted ? null : this.adding(context, wanted, row).command,
        settle: () => this.settle(context, wanted, row, fresh),
      };
    }
  }

  private async settle(
    context: CommandContext,
    wanted: Wanted,
    row: LookupRow,
    fresh: string,
  ): Promise<void> {
    if (!row.noted && (await this.note(context, wanted, row)) === 'noted-before')
      await this.noted([row]);
    if (row.subject !== fresh) await this.takeBack([fresh]);
  }

  override async foresee(context: CommandContext, identifier: Identifier): Promise<string> {
    const wanted = this.wanted(identifier, context);
    for (let time = 0; ; time++) {
      const fresh = freshSubject(context, wanted, time);
      const [rows, erased] = await Promise.all([this.rowsOf([wanted]), this.erasedOf([fresh])]);
      const found = rows.get(wanted.key);
      if (found !== undefined) return found.subject;
      if (!erased.has(fresh)) return fresh;
    }
  }

  override async resolveMany(
    context: CommandContext,
    identifiers: readonly Identifier[],
  ): Promise<readonly string[]> {
    const all = identifiers.map((identifier) => this.wanted(identifier, context));
    const subjects = new Map<string, string>();
    const distinct = [...new Map(all.map((wanted) => [wanted.key, wanted])).values()];
    for (let i = 0; i < distinct.length; i += pageSize)
      for (const [key, { subject }] of await this.page(context, distinct.slice(i, i + pageSize)))
        subjects.set(key, subject);
    return all.map(({ key }) => required(subjects.get(key)));
  }

  override async find(identifier: Identifier): Promise<string | null> {
    const wanted = this.wanted(identifier);
    return (await this.rowsOf([wanted])).get(wanted.key)?.subject ?? null;
  }

  override async isErased(subject: string): Promise<boolean> {
    return (await this.erasedOf([subject])).has(subject);
  }

  private async page(
    context: CommandContext,
    page: readonly Wanted[],
  ): Promise<ReadonlyMap<string, LookupRow>> {
    let rows = await this.rowsOf(page);
    let missing: readonly Item[] = page
      .filter(({ key, current }) => !rows.get(key)?.hmac.equals(current))
      .map((wanted) => ({
        wanted,
        subject: rows.get(wanted.key)?.subject ?? freshSubject(context, wanted),
      }));
    const known = new Set([...rows.values()].map(({ subject }) => subject));
    const made = new Set<string>();
    for (let time = 1; missing.length > 0; time++) {
      await this.#make(missing.map((item) => newRow(context, item)));
      rows = await this.rowsOf(page);
      const lost: string[] = [];
      for (const { wanted, subject } of missing)
        if (rows.get(wanted.key)?.subject !== subject) lost.push(subject);
        else if (!known.has(subject)) made.add(subject);
      await this.takeBack(lost);
      const unmade = missing.filter(({ wanted }) => !rows.has(wanted.key));
      await this.mustBeErased(unmade);
      missing = unmade.map(({ wanted }) => ({
        wanted,
        subject: freshSubject(context, wanted, time),
      }));
    }
    const rests = page.filter(({ key }) => rows.get(key)?.noted === false);
    for (let i = 0; i < rests.length; i += appendsAtOnce)
      await Promise.all(
        rests.slice(i, i + appendsAtOnce).map(async (wanted) => {
          const row = required(rows.get(wanted.key));
          if (made.has(row.subject)) await this.noteNew(context, wanted, row);
          else await this.note(context, wanted, row);
        }),
      );
    await this.noted(rests.map(({ key }) => required(rows.get(key))));
    return rows;
  }

  private wanted(given: Identifier, context?: CommandContext): Wanted {
    const identifier = normalIdentifier(given, context && shanghaiDay(context.now));
    const { all, current: pepper } = this.keys.peppers;
    const current = this.keys.lookup(pepper.id, identifierKey(identifier));
    const hmacs = [current];
    for (const { id } of [...all].reverse())
      if (id !== pepper.id) hmacs.push(this.keys.lookup(id, identifierKey(identifier)));
    return { ...identifier, hmacs, current, key: current.toString('base64url') };
  }

  /**
   * Rows by `Wanted.key`; of several, the one under the newest pepper. Rows of erased subjects are
   * left out.
   */
  private async rowsOf(page: readonly Wanted[]): Promise<Map<string, LookupRow>> {
    const rows = await this.#rows.of(page.flatMap(({ hmacs }) => hmacs));
    const byHmac = byHmacOf(rows.filter((row) => row !== null));
    const found = new Map<string, LookupRow>();
    for (const { key, hmacs } of page)
      for (const hmac of hmacs) {
        const row = byHmac.get(hmac.toString('base64url'));
        if (row === undefined) continue;
        found.set(key, row);
        break;
      }
    return found;
  }

  async #rowsAt(hmacs: readonly Buffer[]): Promise<readonly (LookupRow | null)[]> {
    const { rows } = await this.pool.query<LookupRow>({
      name: 'lookup_find',
      text: `SELECT l.hmac, l.identifier, l.subject, l.noted FROM vault.lookup AS l
             LEFT JOIN vault.subject_key AS k ON k.subject = l.subject
             WHERE l.hmac = ANY($1) AND k.destroyed IS NULL`,
      values: [hmacs],
    });
    const byHmac = byHmacOf(rows);
    return hmacs.map((hmac) => byHmac.get(hmac.toString('base64url')) ?? null);
  }

  /**
   * Writes keys and look-up rows in one transaction; rows that exist stay as they are. No row for
   * an erased subject is written, because an erasure takes the same lock and deletes what was there
   * before it.
   */
  async #make(items: readonly NewRow[]): Promise<readonly undefined[]> {
    for (let attempt = 1; ; attempt++)
      try {
        return await this.#makeOnce(items);
      } catch (error) {
        // The victim of a deadlock changed nothing.
        const again = error instanceof pg.DatabaseError && error.code === deadlockDetected;
        if (!again || attempt === maxAttempts) throw error;
      }
  }

  async #makeOnce(items: readonly NewRow[]): Promise<readonly undefined[]> {
    const sorted = items.toSorted((a, b) => Buffer.compare(a.wanted.current, b.wanted.current));
    await this.pool.query({
      name: 'lookup_make',
      text: `WITH made AS (
               INSERT INTO vault.subject_key (subject, master_key_id, wrapped) ${newSubjectKeys}
               ON CONFLICT (subject) DO NOTHING),
             ${withErased('$1')}
             INSERT INTO vault.lookup (hmac, pepper, kind, identifier, subject)
             SELECT l.hmac, $4, l.kind, l.identifier, l.subject
             FROM unnest($5::bytea[], $6::text[], $7::text[], $8::text[])
               AS l (hmac, kind, identifier, subject)
             WHERE NOT EXISTS (SELECT FROM erased WHERE erased.subject = l.subject)
             ON CONFLICT (hmac) DO NOTHING`,
      values: [
        ...subjectKeyValues(this.keys, [...new Set(items.map(({ subject }) => subject))]),
        this.keys.peppers.current.id,
        sorted.map(({ wanted }) => wanted.current),
        sorted.map(({ wanted }) => wanted.kind),
        sorted.map(({ identifier }) => identifier),
        sorted.map(({ subject }) => subject),
      ],
    });
    return items.map(() => undefined);
  }

  /**
   * Numbers got no row although they were created: the ids that this command derives belong to
   * subjects that were erased since, as on a late retry. The remaining rows are deleted, and the
   * next attempt gets a new subject.
   * @throws LookupBroken
   */
  private async mustBeErased(unmade: readonly Item[]): Promise<void> {
    if (unmade.length === 0) return;
    const subjects = unmade.map(({ subject }) => subject);
    const erased = await this.erasedOf(subjects);
    if (subjects.every((subject) => erased.has(subject))) return;
    await this.takeBack(subjects);
    await this.pool.query(
      `DELETE FROM vault.lookup AS l USING vault.subject_key AS k
       WHERE l.hmac = ANY($1) AND k.subject = l.subject AND k.destroyed IS NOT NULL`,
      [unmade.flatMap(({ wanted }) => wanted.hmacs)],
    );
    throw new LookupBroken('lookup_row_vanished', 'the subject of a number was erased meanwhile');
  }

  private async erasedOf(subjects: readonly string[]): Promise<ReadonlySet<string>> {
    const erased = await this.#erased.of(subjects);
    return new Set(subjects.filter((_, n) => erased[n]));
  }

  async #whichAreErased(subjects: readonly string[]): Promise<readonly boolean[]> {
    const { rows } = await this.pool.query<{ subject: string }>({
      name: 'lookup_erased',
      text: 'SELECT subject FROM vault.subject_key WHERE subject = ANY($1) AND destroyed IS NOT NULL',
      values: [subjects],
    });
    const erased = new Set(rows.map(({ subject }) => subject));
    return subjects.map((subject) => erased.has(subject));
  }

  /**
   * Deletes keys of subjects that were not needed, because the number had a subject; their ids were
   * never returned. The empty row of an erased subject stays, so that no second key is ever made
   * for it.
   */
  private async takeBack(subjects: readonly string[]): Promise<void> {
    await this.#unneeded.of(subjects);
  }

  async #takeBack(subjects: readonly string[]): Promise<readonly undefined[]> {
    await this.pool.query({
      name: 'lookup_take_back',
      text: `DELETE FROM vault.subject_key AS k WHERE k.subject = ANY($1) AND k.destroyed IS NULL
             AND NOT EXISTS (SELECT FROM vault.lookup AS l WHERE l.subject = k.subject)`,
      values: [subjects],
    });
    return subjects.map(() => undefined);
  }

  private async note(
    context: CommandContext,
    wanted: Wanted,
    row: LookupRow,
  ): Promise<'noted' | 'noted-before'> {
    const { on, command } = this.adding(context, wanted, row);
    const outcome = await this.unlessErased(row, onSubject(this.store, row.subject, on, command));
    return outcome.events.length === 0 || outcome.repeated ? 'noted-before' : 'noted';
  }

  private noteNew(context: CommandContext, wanted: Wanted, row: LookupRow): Promise<void> {
    const { on, command } = this.adding(context, wanted, row);
    return this.unlessErased(row, onNewSubject(this.store, row.subject, on, command));
  }

  /**
   * A row written while its subject was being erased would never resolve: it is deleted, and the
   * next attempt gets a new subject.
   */
  private async unlessErased<Result>(row: LookupRow, noting: Promise<Result>): Promise<Result> {
    try {
      return await noting;
    } catch (error) {
      if (!(error instanceof SubjectRefused) || error.code !== 'subject_erased') throw error;
      await this.pool.query('DELETE FROM vault.lookup WHERE subject = $1', [row.subject]);
      throw new LookupBroken('lookup_row_vanished', 'the subject was erased meanwhile');
    }
  }

  private adding(context: CommandContext, { kind }: Wanted, { identifier, subject }: LookupRow) {
    const pepper = this.keys.peppers.current.id;
    return {
      on: subContext(context, `identifier/${identifier}`),
      command: {
        kind: 'add-identifier',
        subject,
        identifier,
        identifierKind: kind,
        pepper,
      } as const,
    };
  }

  /** Marks rows whose event is recorded, so that later look-ups need not read the stream. */
  private async noted(rows: readonly LookupRow[]): Promise<void> {
    if (rows.length === 0) return;
    await this.pool.query({
      name: 'lookup_noted',
      text: 'UPDATE vault.lookup SET noted = true WHERE hmac = ANY($1) AND NOT noted',
      values: [rows.map(({ hmac }) => hmac)],
    });
  }
}

function required<Value>(value: Value | undefined): Value {
  if (value === undefined)
    throw new LookupBroken('lookup_row_vanished', 'a look-up row went away while it was used');
  return value;
}

/**
 * The subject id that a command derives for an unknown number: the same on every retry. `time`
 * counts how often a subject under such an id was erased since, because an erased subject's id is
 * never used again.
 */
const freshSubject = (context: CommandContext, { key }: Wanted, time = 0): string =>
  freshId(context, time === 0 ? `subject/${key}` : `subject/${key}/${time}`);

const newRow = (context: CommandContext, { wanted, subject }: Item): NewRow => ({
  wanted,
  subject,
  identifier: freshId(context, `identifier/${wanted.key}/${subject}`),
});
