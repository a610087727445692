import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { TypeDefinition } from '#libs/catalogue';
import { type CertificateContent, defaultValidUntil, judgeContent } from '#libs/certificate';
import {
  type Instant,
  isDay,
  isObject,
  type JsonObject,
  type JsonValue,
  parseJson,
  ProductError,
  shanghaiDay,
  shanghaiTime,
} from '#libs/kernel';
import { type Identifier, identifierKey, normalIdentifier } from '#libs/subject';
import { RecordsUnusable } from './refusals.js';

/**
 * What the source knows of one holder for one type. Fields that are of the moment (the number of
 * the statement, the day of its making) are left out: they are filled when it is made.
 */
export interface SourceRecord {
  readonly type: string;
  readonly holder: Identifier;
  readonly fields: Readonly<Record<string, JsonValue>>;
  /** A day; of statements that are valid from their making, absent. */
  readonly validFrom?: string;
}

/** The records by type and holder. */
export class Records {
  readonly #records: ReadonlyMap<string, SourceRecord>;

  private constructor(records: readonly SourceRecord[]) {
    this.#records = new Map(records.map((record) => [keyOf(record), record]));
  }

  get size(): number {
    return this.#records.size;
  }

  find(type: string, holder: Identifier): SourceRecord | null {
    return this.#records.get(keyOf({ type, holder })) ?? null;
  }

  /**
   * Reads NDJSON, `{type, holder: {kind, number, issuer?}, fields, validFrom?}` a line, and judges
   * each as the ledger will judge what is made of it. The last line of a holder and type counts.
   * @throws RecordsUnusable with the number of the first line that is wrong
   */
  static async from(
    file: string,
    types: ReadonlyMap<string, TypeDefinition>,
    about: { readonly creditCode: string; readonly now: Instant },
  ): Promise<Records> {
    const text = await readFile(file, 'utf8').catch((cause: unknown) => {
      throw unusable(file, null, 'cannot be read', cause);
    });
    const records = text.split('\n').flatMap((line, n) => {
      if (line.trim() === '') return [];
      try {
        const record = recordIn(parseJson(line), about.now);
        const type = record === null ? undefined : types.get(record.type);
        if (record === null || type === undefined) throw unusable(file, n + 1, 'is no record');
        judgeContent(contentOf(record, type, 'test', about), type, shanghaiDay(about.now));
        return [record];
      } catch (cause) {
        if (!(cause instanceof ProductError) || cause instanceof RecordsUnusable) throw cause;
        throw unusable(file, n + 1, `is refused: ${String(cause.code)}`, cause);
      }
    });
    return new Records(records);
  }
}

/**
 * What is attested out of a record at a moment.
 * @param request from which the number of the statement follows, where it has none yet
 */
export function contentOf(
  { holder, fields, validFrom: since }: SourceRecord,
  type: TypeDefinition,
  request: string,
  { creditCode, now }: { readonly creditCode: string; readonly now: Instant },
): CertificateContent {
  const today = shanghaiDay(now);
  const validFrom = since ?? today;
  const { kind, number, issuer } = holder;
  return {
    authority: creditCode,
    type: type.code,
    asOf: shanghaiTime(now),
    validFrom,
    validUntil: defaultValidUntil(validFrom, type.validity),
    holders: [{ role: 'holder', kind, number, ...(issuer != null && { issuer }) }],
    fields: {
      ...fields,
      ...Object.fromEntries(
        type.fields.flatMap(({ key }) => {
          const value = key in fields ? null : ofTheMoment(key, type, request, now);
          return value === null ? [] : [[key, value] as const];
        }),
      ),
    },
  };
}

function ofTheMoment(
  key: string,
  { number }: TypeDefinition,
  request: string,
  now: Instant,
): string | null {
  if (key === number?.field)
    return `SL${hash('sha256', request, 'hex').slice(0, 14).toUpperCase()}`;
  if (key === '出具日期') return shanghaiDay(now);
  if (key === '查询时间') return shanghaiTime(now).slice(0, 16).replace('T', ' ');
  return null;
}

function recordIn(value: JsonValue, now: Instant): SourceRecord | null {
  if (!isObject(value)) return null;
  const { type, holder, fields, validFrom, ...others } = value;
  if (Object.keys(others).length > 0 || typeof type !== 'string' || !isObject(fields)) return null;
  if (validFrom !== undefined && (typeof validFrom !== 'string' || !isDay(validFrom))) return null;
  const identifier = isObject(holder) ? identifierIn(holder, now) : null;
  if (identifier === null) return null;
  return { type, holder: identifier, fields, ...(validFrom !== undefined && { validFrom }) };
}

function identifierIn({ kind, number, issuer }: JsonObject, now: Instant): Identifier | null {
  if (typeof kind !== 'string' || typeof number !== 'string') return null;
  return normalIdentifier(
    { kind, number, issuer: typeof issuer === 'string' ? issuer : null },
    shanghaiDay(now),
  );
}

const keyOf = ({ type, holder }: Pick<SourceRecord, 'type' | 'holder'>): string =>
  `${type} ${identifierKey(holder)}`;

/** Nothing of a line is repeated: it is of a person. */
const unusable = (file: string, line: number | null, what: string, cause?: unknown) =>
  new RecordsUnusable(
    'records_unusable',
    line === null ? `${file} ${what}` : `line ${line} of ${file} ${what}`,
    { file, ...(line !== null && { line }) },
    { cause },
  );
