import { resolve } from 'node:path';
import pg from 'pg';
import { readAccess } from './cluster.js';

/**
 * The URL of a server that another program runs on this data directory; undefined where none
 * answers. For programs that read a running city's database without supervising it.
 */
export async function findRunning(dataDir: string): Promise<string | undefined> {
  const access = await readAccess(resolve(dataDir));
  if (access === undefined) return undefined;
  const url = `postgres://mianzheng:${access.password}@127.0.0.1:${access.port}/mianzheng`;
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return url;
  } catch {
    return undefined;
  } finally {
    await client.end().catch(() => undefined);
  }
}
