import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startDatabase } from '#libs/embedded-postgres';
import { familyTime } from '../processor-time.js';

/**
 * A PostgreSQL server as a city starts its own, which counts statements besides
 * (pg_stat_statements; a COPY, a BEGIN and a COMMIT are one each).
 */
export interface CountingServer {
  /** A folder that the server's user can reach, for what belongs to the measurement. */
  readonly folder: string;
  /** A new database. Its URL. */
  database(name: string): Promise<string>;
  /** Statements so far that were sent to the database, by text, the most frequent first. */
  statements(name: string): Promise<ReadonlyMap<string, number>>;
  /** Bytes of each table with its indexes. */
  sizes(name: string): Promise<ReadonlyMap<string, number>>;
  /** Milliseconds of processor time so far, of all its processes. */
  cpu(): Promise<number>;
  stop(): Promise<void>;
}

export async function countingServer(): Promise<CountingServer> {
  const folder = await mkdtemp(join(tmpdir(), 'mianzheng-case-'));
  await chmod(folder, 0o755); // where root runs this, PostgreSQL's user must get to its data
  const server = await startDatabase({
    dataDir: join(folder, 'postgres'),
    settings: {
      shared_preload_libraries: 'pg_stat_statements',
      'pg_stat_statements.max': 10_000,
      'pg_stat_statements.save': 'off',
    },
  });
  const urlOf = (name: string) => {
    const url = new URL(server.url);
    url.pathname = `/${name}`;
    return url.href;
  };
  const ask = async <Row extends pg.QueryResultRow>(
    url: string,
    text: string,
    values: readonly unknown[] = [],
  ): Promise<Row[]> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<Row>(text, [...values])).rows;
    } finally {
      await client.end();
    }
  };
  await ask(server.url, 'CREATE EXTENSION pg_stat_statements');
  return {
    folder,
    database: async (name) => {
      await ask(server.url, `CREATE DATABASE ${name}`);
      return urlOf(name);
    },
    statements: async (name) => {
      const rows = await ask<{ query: string; calls: string }>(
        server.url,
        `SELECT query, sum(calls) AS calls FROM pg_stat_statements JOIN pg_database d ON d.oid = dbid
         WHERE datname = $1 GROUP BY query ORDER BY 2 DESC`,
        [name],
      );
      return new Map(rows.map(({ query, calls }) => [query, Number(calls)]));
    },
    sizes: async (name) => {
      const rows = await ask<{ name: string; bytes: string }>(
        urlOf(name),
        `SELECT relname AS name, pg_total_relation_size(c.oid) AS bytes FROM pg_class c
         JOIN pg_namespace n ON n.oid = relnamespace
         WHERE relkind = 'r' AND nspname IN ('public', 'vault') ORDER BY 2 DESC`,
      );
      return new Map(rows.map(({ name: table, bytes }) => [table, Number(bytes)]));
    },
    cpu: async () => (await familyTime(server.pid)) ?? Number.NaN,
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
