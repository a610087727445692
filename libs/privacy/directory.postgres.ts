import { Injectable } from '@nestjs/common';
import pg from 'pg';
import { type CommandContext, EventStore, freshId, subContext } from '#libs/event-store';
import { LookupBroken, SubjectRefused } from './errors.js';
import { normalIdentifier } from './identifiers.js';
import { PrivacyKeys } from './keys.js';
import { type Identifier, SubjectDirectory } from './ports.js';
import type { IdentifierKind } from './privacy.events.js';
import { onNewSubject, onSubject } from './subject.stream.js';
import { newSubjectKeys, subjectKeyValues, withErased } from './vault.postgres.js';

interface LookupRow {
  readonly hmac: Buffer;
  readonly identifier: string;
  readonly subject: string;
  readonly noted: boolean;
}

/** A number on its way: under each pepper, newest first. `key` tells numbers apart in memory. */
interface Wanted extends Identifier {
  readonly hmacs: readonly Buffer[];
  readonly current: Buffer;
  readonly key: string;
}

/** A number and the subject that it gets, unless somebody was faster. */
interface Item {
  readonly wanted: Wanted;
  readonly subject: string;
}

/** Streams that are appended to at once for one import: far below what the store queues. */
const appendsAtOnce = 256;
/** Numbers looked up in one statement. */
const pageSize = 2000;

/**
 * The directory of numbers on PostgreSQL. The database sees HMACs only; a subject's key and its look-up row come to be in one statement,
 * the event after them. Two that ask for one unknown number at once both try, and the row's primary key says whose subject it is.
 */
@Injectable()
export class PostgresSubjectDirectory extends SubjectDirectory {
  constructor(
    private readonly pool: pg.Pool,
    private readonly keys: PrivacyKeys,
    private readonly store: EventStore,
  ) {
    super();
  }

  override async resolve(
    context: CommandContext,
    kind: IdentifierKind,
    number: string,
  ): Promise<string> {
    const wanted = this.wanted(normalIdentifier(kind, number));
    let fresh = freshSubject(context, wanted);
    // A known number makes and takes back what an unknown one would keep: the time that it takes does not tell them apart.
    const older = wanted.hmacs.length > 1 ? await this.rowsOf([wanted]) : new Map<string, never>();
    let subject = older.get(wanted.key)?.subject ?? fresh;
    for (let time = 1; ; time++) {
      await this.make(context, [{ wanted, subject }]);
      const row = (await this.rowsOf([wanted])).get(wanted.key);
      if (row === undefined) {
        await this.mustBeErased([{ wanted, subject }]);
        subject = fresh = freshSubject(context, wanted, time);
        continue;
      }
      if (!row.noted && (await this.note(context, wanted, row)) === 'noted-before')
        await this.noted([row]);
      if (row.subject !== fresh) await this.takeBack([fresh]);
      return row.subject;
    }
  }

  override async foresee(
    context: CommandContext,
    kind: IdentifierKind,
    number: string,
  ): Promise<string> {
    const wanted = this.wanted(normalIdentifier(kind, number));
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
    const all = identifiers.map(({ kind, number }) => this.wanted(normalIdentifier(kind, number)));
    const subjects = new Map<string, string>();
    const distinct = [...new Map(all.map((wanted) => [wanted.key, wanted])).values()];
    for (let i = 0; i < distinct.length; i += pageSize)
      for (const [key, { subject }] of await this.page(context, distinct.slice(i, i + pageSize)))
        subjects.set(key, subject);
    return all.map(({ key }) => required(subjects.get(key)));
  }

  override async find(kind: IdentifierKind, number: string): Promise<string | null> {
    const wanted = this.wanted(normalIdentifier(kind, number));
    return (await this.rowsOf([wanted])).get(wanted.key)?.subject ?? null;
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
      await this.make(context, missing);
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

  private wanted({ kind, number }: Identifier): Wanted {
    const { all, current: pepper } = this.keys.peppers;
    const current = this.keys.lookup(pepper.id, kind, number);
    const hmacs = [current];
    for (const { id } of [...all].reverse())
      if (id !== pepper.id) hmacs.push(this.keys.lookup(id, kind, number));
    return { kind, number, hmacs, current, key: current.toString('base64url') };
  }

  /** Rows by `Wanted.key`; where there are several, the one under the newest pepper. A row that leads to an erased subject leads nowhere. */
  private async rowsOf(page: readonly Wanted[]): Promise<Map<string, LookupRow>> {
    const { rows } = await this.pool.query<LookupRow>({
      name: 'lookup_find',
      text: `SELECT l.hmac, l.identifier, l.subject, l.noted FROM vault.lookup AS l
             LEFT JOIN vault.subject_key AS k ON k.subject = l.subject
             WHERE l.hmac = ANY($1) AND k.destroyed IS NULL`,
      values: [page.flatMap(({ hmacs }) => hmacs)],
    });
    const byHmac = new Map(rows.map((row) => [row.hmac.toString('base64url'), row]));
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

  /**
   * Keys and look-up rows, whole or not at all; what is there already stays as it is. No row leads to an erased subject, not even where it is
   * erased at this very moment: who erases waits for the lock, and finds the row, or is waited for.
   */
  private async make(context: CommandContext, items: readonly Item[]): Promise<void> {
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
        sorted.map(({ wanted, subject }) =>
          freshId(context, `identifier/${wanted.key}/${subject}`),
        ),
        sorted.map(({ subject }) => subject),
      ],
    });
  }

  /**
   * Why numbers have no row although they were made: the ids that this command gives them are of subjects that were erased since, as when it
   * is sent again. Whatever else it is goes, and whoever asks again gets a new subject.
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
    const { rows } = await this.pool.query<{ subject: string }>({
      name: 'lookup_erased',
      text: 'SELECT subject FROM vault.subject_key WHERE subject = ANY($1) AND destroyed IS NOT NULL',
      values: [subjects],
    });
    return new Set(rows.map(({ subject }) => subject));
  }

  /**
   * Keys of subjects that came to nothing, because the number had a subject. Nobody was ever told their ids. The empty row of an erased subject
   * stays, so that no second key is ever made for it.
   */
  private async takeBack(subjects: readonly string[]): Promise<void> {
    if (subjects.length === 0) return;
    await this.pool.query({
      name: 'lookup_take_back',
      text: `DELETE FROM vault.subject_key AS k WHERE k.subject = ANY($1) AND k.destroyed IS NULL
             AND NOT EXISTS (SELECT FROM vault.lookup AS l WHERE l.subject = k.subject)`,
      values: [subjects],
    });
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

  /** A row that was written while its subject was erased would lead to nobody for ever: it goes, and whoever asks again gets a new subject. */
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
      command: { do: 'add-identifier', subject, identifier, kind, pepper } as const,
    };
  }

  /** A hint for the next that asks: this row is no rest. */
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
 * The id that a command gives a number which nobody knew: the same whenever the command is sent. `time` counts how often a subject under
 * such an id was erased since: nobody is ever brought back.
 */
const freshSubject = (context: CommandContext, { key }: Wanted, time = 0): string =>
  freshId(context, time === 0 ? `subject/${key}` : `subject/${key}/${time}`);
