import { getPostgreSQLEventStore } from '@event-driven-io/emmett-postgresql';
import pg from 'pg';
import { FoldedStates, type Rules, upcasting } from '#libs/event-store';
import { createEventStore, PostgresEventStore } from '#libs/event-store/postgres';
import type { Fact } from '#libs/kernel';
import { emmett } from './append/emmett.js';
import { eventActor, eventData, eventTime, eventType, nextId } from './append/side.js';
import { type Bench, median, quantile, type Row } from './bench.js';

const records = 100;
const streams = 50;
const rounds = 5;
const times = 400;

/** What is kept of an aggregate by all sides: how much was redeemed, and what for. */
interface Redeemed {
  readonly count: number;
  readonly purpose: string;
}
const nothing: Redeemed = { count: 0, purpose: '' };
type Event = Fact<string, { readonly purpose: string }>;
const evolve = ({ count }: Redeemed, { data }: Event): Redeemed => ({
  count: count + 1,
  purpose: data.purpose,
});

/** A way to fold a stream anew. */
interface Side {
  readonly name: string;
  rehydrate(stream: string): Promise<Redeemed>;
  close(): Promise<void>;
}

/**
 * An aggregate of 100 records read and folded anew, one after the other: ours, each record hashed
 * and each chained to the one before it; emmett's `aggregateStream`; and `pg`, which selects the
 * bytes of our table and parses them. Goals: 3.5 times emmett, 0.9 times pg.
 */
export const bench: Bench = {
  name: 'rehydrate',
  async run({ database }) {
    const [url, otherUrl] = [await database(), await database()];
    await fillOurs(url);
    await fillEmmett(otherUrl);
    const sides = [await ours(url), await theirs(otherUrl), plain(url)];
    const rates = new Map<Side, number[]>();
    const waits = new Map<Side, number[]>();
    // By turns, so that other work of the machine is all sides' alike; the first is a warm-up.
    for (let round = 0; round <= rounds; round++)
      for (const side of sides) {
        const each: number[] = [];
        const start = performance.now();
        for (let n = 0; n < times; n++) {
          const before = performance.now();
          const { count } = await side.rehydrate(`book-${n % streams}`);
          each.push(performance.now() - before);
          if (count !== records) throw new RangeError(`${side.name} folded ${count} records`);
        }
        if (round === 0) continue;
        const rate = times / ((performance.now() - start) / 1000);
        rates.set(side, [...(rates.get(side) ?? []), rate]);
        waits.set(side, [...(waits.get(side) ?? []), ...each]);
      }
    for (const side of sides) await side.close();
    const [own = Number.NaN, emmettRate = Number.NaN, plainRate = Number.NaN] = sides.map((side) =>
      median(rates.get(side) ?? []),
    );
    return sides.map((side): Row => ({
      test: 'rehydrate',
      side: side.name,
      callers: 1,
      perSecond: median(rates.get(side) ?? []),
      p50Ms: quantile(waits.get(side) ?? [], 0.5),
      p99Ms: quantile(waits.get(side) ?? [], 0.99),
      ...(side === sides[0] && {
        figures: {
          'times emmett': own / emmettRate,
          'goal of emmett': 3.5,
          'times pg': own / plainRate,
          'goal of pg': 0.9,
        },
      }),
    }));
  },
};

async function fillOurs(url: string): Promise<void> {
  const pool = new pg.Pool({ connectionString: url });
  await createEventStore(pool);
  const store = await PostgresEventStore.open({ city: 'ledger.city.example', pool });
  for (let stream = 0; stream < streams; stream++)
    await store.append(
      `book-${stream}`,
      -1,
      Array.from({ length: records }, () => ({
        id: nextId(),
        type: eventType,
        schema: 1,
        time: eventTime,
        actor: eventActor,
        data: eventData,
      })),
    );
  await pool.query('VACUUM ANALYZE log_record');
  await store.close();
  await pool.end();
}

async function fillEmmett(url: string): Promise<void> {
  const side = await emmett(url);
  await Promise.all(
    Array.from({ length: streams }, async (_, stream) => {
      for (let version = 0; version < records; version++)
        await side.append(`book-${stream}`, version);
    }),
  );
  await side.close();
}

const rules: Rules<Redeemed, Event> = {
  initialState: nothing,
  codec: upcasting({ [eventType]: [] }),
  evolve,
};

async function ours(url: string): Promise<Side> {
  const store = await PostgresEventStore.open({
    city: 'ledger.city.example',
    connectionString: url,
  });
  return {
    name: 'ours',
    // States of a process that has just started.
    rehydrate: async (stream) => (await new FoldedStates(store).known({ stream, rules })).state,
    close: () => store.close(),
  };
}

async function theirs(url: string): Promise<Side> {
  const pool = new pg.Pool({ connectionString: url });
  const store = getPostgreSQLEventStore(url, { connectionOptions: { pool } });
  await store.schema.migrate();
  return {
    name: 'emmett',
    rehydrate: async (stream) => {
      const { state } = await store.aggregateStream<Redeemed, Event>(stream, {
        initialState: () => nothing,
        evolve,
      });
      return state;
    },
    close: async () => {
      await store.close();
      await pool.end();
    },
  };
}

function plain(url: string): Side {
  const pool = new pg.Pool({ connectionString: url });
  return {
    name: 'pg',
    rehydrate: async (stream) => {
      const { rows } = await pool.query<{ bytes: Buffer }>({
        name: 'plain_stream',
        text: 'SELECT bytes FROM log_record WHERE stream = $1 ORDER BY version',
        values: [stream],
      });
      return rows.map(({ bytes }) => JSON.parse(bytes.toString()) as Event).reduce(evolve, nothing);
    },
    close: () => pool.end(),
  };
}
