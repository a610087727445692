import { Injectable } from '@nestjs/common';
import pg from 'pg';
import { Gathered } from '#libs/event-store';
import { fromBase64url } from '#libs/kernel';
import { SealBroken, SubjectKeyAbsent } from '../vault.errors.js';
import { Vault } from '../ports.js';
import { newKey, unwrapKey, wrapKey } from '../seal.js';
import { VaultKeys } from './keys.js';

interface KeyRow {
  readonly subject: string;
  readonly master_key_id: string;
  readonly wrapped: Buffer | null;
}

/**
 * The vault in the schema `vault`. Subject keys are unwrapped for each use and never cached:
 * unwrapping costs microseconds, and a key that another process destroyed is gone for this one too.
 */
@Injectable()
export class PostgresVault extends Vault {
  readonly #rows = new Gathered((subjects: readonly string[]) => this.#rowsOf(subjects));

  constructor(
    private readonly pool: pg.Pool,
    private readonly keys: VaultKeys,
  ) {
    super();
  }

  override async wrap(subject: string, key: Uint8Array): Promise<string> {
    const [wrapped] = await this.wrapMany([{ subject, key }]);
    if (wrapped === undefined) throw absent();
    return wrapped;
  }

  override async unwrap(subject: string, wrapped: string): Promise<Uint8Array> {
    const [key] = await this.unwrapMany([{ subject, wrapped }]);
    if (key === undefined) throw absent();
    return key;
  }

  override async wrapMany(
    items: readonly { readonly subject: string; readonly key: Uint8Array }[],
  ): Promise<readonly string[]> {
    const wanted = new Set(items.map(({ subject }) => subject));
    const keys = await this.read([...wanted]);
    const without = [...wanted].filter((subject) => !keys.has(subject));
    if (without.length > 0) {
      await this.make(without);
      for (const [subject, key] of await this.read(without)) keys.set(subject, key);
    }
    return items.map(({ subject, key }) =>
      wrapKey(usable(keys.get(subject)), key).toString('base64url'),
    );
  }

  override async unwrapMany(
    items: readonly { readonly subject: string; readonly wrapped: string }[],
  ): Promise<readonly Uint8Array[]> {
    const keys = await this.read([...new Set(items.map(({ subject }) => subject))]);
    return items.map(({ subject, wrapped }) => {
      const bytes = fromBase64url(wrapped);
      if (bytes === null) throw new SealBroken('seal_broken', 'a wrapped key is not base64url');
      return unwrapKey(usable(keys.get(subject)), bytes);
    });
  }

  override async destroy(subject: string): Promise<void> {
    // Also where there was no key yet: from now on there never will be one.
    await this.pool.query(
      `INSERT INTO vault.subject_key (subject, master_key_id, wrapped, destroyed)
       VALUES ($1, $2, NULL, now())
       ON CONFLICT (subject) DO UPDATE SET wrapped = NULL, destroyed = now()
       WHERE subject_key.destroyed IS NULL`,
      [subject, this.keys.master.current.id],
    );
  }

  /** Keys of these subjects, null for a destroyed one; none where there is no row. */
  private async read(subjects: readonly string[]): Promise<Map<string, Buffer | null>> {
    const rows = await this.#rows.of(subjects);
    return new Map(
      rows
        .filter((row) => row !== null)
        .map(({ subject, master_key_id, wrapped }) => [
          subject,
          wrapped && unwrapKey(this.keys.wrappingKey(master_key_id), wrapped),
        ]),
    );
  }

  async #rowsOf(subjects: readonly string[]): Promise<readonly (KeyRow | null)[]> {
    const { rows } = await this.pool.query<KeyRow>({
      name: 'vault_read',
      text: 'SELECT subject, master_key_id, wrapped FROM vault.subject_key WHERE subject = ANY($1)',
      values: [[...new Set(subjects)]],
    });
    const found = new Map(rows.map((row) => [row.subject, row]));
    return subjects.map((subject) => found.get(subject) ?? null);
  }

  private async make(subjects: readonly string[]): Promise<void> {
    await this.pool.query({
      name: 'vault_make',
      text: `INSERT INTO vault.subject_key (subject, master_key_id, wrapped) ${newSubjectKeys}
             ON CONFLICT (subject) DO NOTHING`,
      values: subjectKeyValues(this.keys, subjects),
    });
  }
}

/**
 * Rows of new subject keys, for an INSERT into `vault.subject_key (subject, master_key_id,
 * wrapped)` with `subjectKeyValues` as its first three parameters. Ordered by subject, so that two
 * processes that make the same keys do not deadlock.
 */
export const newSubjectKeys = `
  SELECT k.subject, $2::text, k.wrapped
  FROM unnest($1::text[], $3::bytea[]) AS k (subject, wrapped)
  ORDER BY k.subject COLLATE "C"`;

/**
 * `erased (subject)` for a WITH: which of the subjects in a parameter (an array of text) were
 * erased. It locks the subjects' keys, so that a concurrent erasure either waits and finds the row
 * that this statement writes, or is waited for.
 */
export const withErased = (parameter: string): string => `
  locked AS MATERIALIZED (
    SELECT subject, destroyed FROM vault.subject_key WHERE subject = ANY(${parameter})
    ORDER BY subject FOR SHARE),
  erased AS (SELECT subject FROM locked WHERE destroyed IS NOT NULL)`;

export function subjectKeyValues(
  keys: VaultKeys,
  subjects: readonly string[],
): [readonly string[], string, Buffer[]] {
  const { id } = keys.master.current;
  const under = keys.wrappingKey(id);
  return [subjects, id, subjects.map(() => wrapKey(under, newKey()))];
}

function usable(key: Buffer | null | undefined): Buffer {
  if (key === null)
    throw new SubjectKeyAbsent('subject_key_destroyed', "the subject's key was destroyed");
  if (key === undefined) throw absent();
  return key;
}

const absent = () => new SubjectKeyAbsent('subject_key_absent', 'the subject has no key');
