import type pg from 'pg';
import type { HeadRow, HeadsStatement, StreamHead } from '#libs/event-store';
import { numberedOn } from '#libs/platform';

/** A command's first use of its Idempotency-Key, or the row that an earlier use left. */
export interface Binding {
  readonly client: string;
  readonly key: string;
  readonly requestHash: Buffer;
  readonly seed: Buffer;
  /** In an answer: when the key was bound, RFC 3339; null where that is now. */
  readonly since?: string | null;
}

/** What requests of one moment ask together. Values and keys are distinct. */
export interface Questions {
  /** Clients whose rate is not known here, and how many requests of their second are taken. */
  readonly rates: readonly { readonly client: string; readonly lot: number }[];
  readonly uses: readonly Use[];
  readonly bindings: readonly Bound[];
  /** Names of streams whose heads are asked for. */
  readonly streams: readonly string[];
}

/** A value that is used once. `valueHash` is in hexadecimal. */
export interface Use {
  readonly valueHash: string;
  readonly expires: string;
  /** It is used only where its client's rate admits so many requests; null where it was counted. */
  readonly admitted: { readonly client: string; readonly nth: number } | null;
}

interface Bound {
  readonly binding: Binding;
  /** It is bound only where this value was used now; null where nothing has to be. */
  readonly valueHash: string | null;
}

export interface Answers {
  /** By client; `msLeft` until the second ends. */
  readonly rates: ReadonlyMap<string, { readonly granted: number; readonly msLeft: number }>;
  /** Hashes of the values that were used for the first time. */
  readonly used: ReadonlySet<string>;
  /** By `nameOf`: what is bound to the key now. */
  readonly bound: ReadonlyMap<string, Binding>;
  /** By stream; null where it has no records. */
  readonly heads: ReadonlyMap<string, StreamHead | null>;
}

export const nameOf = ({ client, key }: Pick<Binding, 'client' | 'key'>): string =>
  `${client}\0${key}`;

interface Row {
  readonly of: 'rate' | 'used' | 'bound' | 'head';
  readonly name: string;
  readonly key: string | null;
  readonly granted: number | null;
  readonly ms_left: number | null;
  readonly request_hash: Buffer | null;
  readonly seed: Buffer | null;
  readonly since: Date | null;
}

/**
 * Asks all questions in one statement, so in one commit: rates first, then single uses of requests
 * that the rates admit, then keys of commands whose proof was used now. Each list is in the order
 * of its keys, so that two processes with the same ones do not wait for each other crosswise.
 */
export async function askDatabase(
  pool: pg.Pool,
  perSecond: number,
  { rates, uses, bindings, streams }: Questions,
  heads: HeadsStatement | null,
): Promise<Answers> {
  const parts: Part[] = [];
  if (rates.length > 0) parts.push(ofRates(rates, perSecond));
  if (uses.length > 0) parts.push(ofUses(uses, rates.length > 0));
  if (bindings.length > 0) parts.push(ofBindings(bindings, uses.length > 0));
  if (streams.length > 0 && heads !== null) parts.push(ofHeads(streams, heads));
  const { rows } = await pool.query<Row>(joined(parts));
  const asked = new Map(bindings.map(({ binding }) => [nameOf(binding), binding.seed] as const));
  const answers = {
    rates: new Map<string, { granted: number; msLeft: number }>(),
    used: new Set<string>(),
    bound: new Map<string, Binding>(),
    heads: new Map<string, StreamHead | null>(),
  };
  const ends: HeadRow[] = [];
  for (const row of rows)
    switch (row.of) {
      case 'rate':
        answers.rates.set(row.name, { granted: row.granted ?? 0, msLeft: row.ms_left ?? 0 });
        break;
      case 'used':
        answers.used.add(row.name);
        break;
      case 'bound':
        if (row.key !== null && row.request_hash !== null && row.seed !== null) {
          const binding = { client: row.name, key: row.key };
          const { request_hash: requestHash, seed } = row;
          const name = nameOf(binding);
          // The seed is random: where it is that of this question, the key is bound now.
          const now = asked.get(name)?.equals(seed) === true;
          const since = now ? null : (row.since?.toISOString() ?? null);
          answers.bound.set(name, { ...binding, requestHash, seed, since });
        }
        break;
      case 'head':
        if (row.granted !== null && row.request_hash !== null)
          ends.push({ place: row.name, version: row.granted, hash: row.request_hash });
        break;
    }
  for (const [n, head] of heads?.heads(streams, ends).entries() ?? [])
    answers.heads.set(streams[n] ?? '', head);
  return answers;
}

/** A part of the statement; `$1` and so on in `withs` are its own values, and `select` has none. */
interface Part {
  readonly name: string;
  readonly withs: string;
  readonly select: string;
  readonly values: readonly unknown[];
}

/** The parts as one statement, prepared under a name for each combination of them. */
function joined(parts: readonly Part[]) {
  const { texts, values } = numberedOn(
    parts.map(({ withs, values: own }) => ({ text: withs, values: own })),
  );
  return {
    name: `door_${parts.map(({ name }) => name).join('_')}`,
    text: `WITH ${texts.join(',')} ${parts.map(({ select }) => select).join(' UNION ALL ')}`,
    values: [...values],
  };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const ofRates = (rates: Questions['rates'], perSecond: number): Part => {
  const sorted = rates.toSorted((a, b) => compare(a.client, b.client));
  return {
    name: 'rates',
    withs: `
      moment AS MATERIALIZED (SELECT extract(epoch FROM clock_timestamp()) AS at),
      asked AS (SELECT client, lot FROM unnest($1::text[], $2::integer[]) AS u (client, lot)),
      took AS (
        INSERT INTO request_rate AS r (client, second, taken)
        SELECT client, floor(at)::bigint, lot FROM asked, moment
        ON CONFLICT (client) DO UPDATE SET
          second = excluded.second,
          taken = CASE WHEN r.second = excluded.second THEN r.taken ELSE 0 END + excluded.taken
        WHERE r.second <> excluded.second OR r.taken < $3::integer
        RETURNING client, taken),
      granted AS MATERIALIZED (
        SELECT asked.client,
          CASE WHEN taken IS NULL THEN 0
            ELSE greatest(0, lot - greatest(0, taken - $3::integer)) END AS granted
        FROM asked LEFT JOIN took ON took.client = asked.client)`,
    select: `
      SELECT 'rate' AS of, client AS name, NULL::text AS key, granted,
        ceil((1 - (at - floor(at))) * 1000)::integer AS ms_left,
        NULL::bytea AS request_hash, NULL::bytea AS seed, NULL::timestamptz AS since
      FROM granted, moment`,
    values: [sorted.map(({ client }) => client), sorted.map(({ lot }) => lot), perSecond],
  };
};

const ofUses = (uses: Questions['uses'], rated: boolean): Part => {
  const sorted = uses.toSorted((a, b) => compare(a.valueHash, b.valueHash));
  return {
    name: 'uses',
    withs: `
      used AS (
        INSERT INTO replay_memory (value_hash, expires)
        SELECT decode(h, 'hex'), e
        FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::integer[])
          AS u (h, e, client, nth)
        ${rated ? 'WHERE u.client IS NULL OR nth <= (SELECT granted FROM granted g WHERE g.client = u.client)' : ''}
        ON CONFLICT (value_hash) DO NOTHING
        RETURNING encode(value_hash, 'hex') AS value_hash)`,
    select: `
      SELECT 'used' AS of, value_hash AS name, NULL::text AS key, NULL::integer AS granted,
        NULL::integer AS ms_left, NULL::bytea AS request_hash, NULL::bytea AS seed,
        NULL::timestamptz AS since
      FROM used`,
    values: [
      sorted.map(({ valueHash }) => valueHash),
      sorted.map(({ expires }) => expires),
      sorted.map(({ admitted }) => admitted?.client ?? null),
      sorted.map(({ admitted }) => admitted?.nth ?? null),
    ],
  };
};

const ofBindings = (bindings: Questions['bindings'], used: boolean): Part => {
  const sorted = bindings.toSorted((a, b) => compare(nameOf(a.binding), nameOf(b.binding)));
  return {
    name: 'bindings',
    withs: `
      bound AS (
        INSERT INTO idempotency (client, key, request_hash, seed)
        SELECT client, key, request_hash, seed
        FROM unnest($1::text[], $2::text[], $3::bytea[], $4::bytea[], $5::text[])
          AS u (client, key, request_hash, seed, h)
        WHERE h IS NULL ${used ? 'OR h IN (SELECT value_hash FROM used)' : ''}
        ON CONFLICT (client, key) DO UPDATE SET client = excluded.client
        RETURNING client, key, request_hash, seed, created AS since)`,
    select: `
      SELECT 'bound' AS of, client AS name, key, NULL::integer AS granted,
        NULL::integer AS ms_left, request_hash, seed, since
      FROM bound`,
    values: [
      sorted.map(({ binding }) => binding.client),
      sorted.map(({ binding }) => binding.key),
      sorted.map(({ binding }) => binding.requestHash),
      sorted.map(({ binding }) => binding.seed),
      sorted.map(({ valueHash }) => valueHash),
    ],
  };
};

/** As they are when the statement begins, so after the request's proof was checked. */
const ofHeads = (streams: Questions['streams'], heads: HeadsStatement): Part => ({
  name: 'heads',
  withs: `heads AS (${heads.text})`,
  select: `
      SELECT 'head' AS of, place::text AS name, NULL::text AS key, version AS granted,
        NULL::integer AS ms_left, hash AS request_hash, NULL::bytea AS seed,
        NULL::timestamptz AS since
      FROM heads`,
  values: [heads.names(streams)],
});
