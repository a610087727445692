import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { EventStore } from '#libs/event-store';
import { openEventStore } from '../../libs/composition/event-store.js';
import { firstAdministrator } from '../../libs/composition/composition-root.js';
import { TestClient } from './client.js';
import { freePort } from './ports.js';
import { TestKey } from './keys.js';
import { freshDatabase, type TestDatabase } from './postgres.js';
import { endProgram, firstWords } from './programs.js';
import type { CityDoor } from './town.js';

const program = fileURLToPath(new URL('../../scripts/start.mjs', import.meta.url));

/**
 * A city of several processes, each as `npm start` runs it, on one database and one folder of keys.
 * They share one public URL, which is the first one's: proofs are made for it, whichever process
 * they are sent to.
 */
export class CityProcesses implements CityDoor {
  private constructor(
    /** Where each process answers. */
    readonly urls: readonly string[],
    readonly baseUrl: string,
    readonly dataDir: string,
    readonly admin: TestClient,
    private readonly database: TestDatabase,
    private readonly store: EventStore,
    private readonly children: readonly ChildProcess[],
  ) {}

  /**
   * @param eventStoreUrl where the records are, if not in the database
   * @param keyFiles what its operator put among the keys before the first start, by name
   */
  static async start(
    count: number,
    eventStoreUrl?: string,
    keyFiles: Readonly<Record<string, string>> = {},
  ): Promise<CityProcesses> {
    const database = await freshDatabase();
    const dataDir = await mkdtemp(join(tmpdir(), 'mianzheng-processes-'));
    await mkdir(join(dataDir, 'keys'), { mode: 0o700 });
    for (const [name, text] of Object.entries(keyFiles))
      await writeFile(join(dataDir, 'keys', name), text, { mode: 0o600 });
    const children: ChildProcess[] = [];
    const urls: string[] = [];
    try {
      for (let n = 0; n < count; n++) {
        const port = await freePort();
        urls.push(`http://localhost:${String(port)}`);
        const child = spawn(process.execPath, [program, 'city'], {
          env: {
            ...process.env,
            PORT: String(port),
            PUBLIC_URL: urls[0],
            DATA_DIR: dataDir,
            DATABASE_URL: database.url,
            ...(eventStoreUrl !== undefined && { EVENT_STORE_URL: eventStoreUrl }),
            METRICS_PORT: '0',
            REQUESTS_PER_SECOND: '100000',
            REQUESTS_OF_ONE_ADDRESS: '100000',
            LOG_FILE: join(dataDir, `city-${String(n)}.log`),
            // The first runs a witness beside it; the others are told of it by the policy, as of
            // any witness elsewhere.
            ...(n > 0 && { LOG_POLICY: join(dataDir, 'log-policy') }),
          },
          stdio: ['ignore', 'pipe', 'pipe'],
        });
        children.push(child);
        await firstWords(child);
      }
      const [baseUrl = ''] = urls;
      const jwk = JSON.parse(await readFile(join(dataDir, 'keys', 'administrator.jwk'), 'utf8'));
      const admin = new TestClient(baseUrl, firstAdministrator, new TestKey(jwk), [
        'clients:manage',
        'catalogue:manage',
      ]);
      const store = await openEventStore(
        { city: 'trial.city.example', eventStoreUrl },
        database.pool,
      );
      return new CityProcesses(urls, baseUrl, dataDir, admin, database, store, children);
    } catch (error) {
      await endAll(children);
      await database.drop();
      throw error;
    }
  }

  /** Waits until every read model is as far as the records are now. */
  async caughtUp(): Promise<void> {
    const head = await this.store.head();
    for (;;) {
      const { rows: behind } = await this.database.pool.query(
        'SELECT name FROM projection_checkpoint WHERE position < $1',
        [head.toString()],
      );
      if (behind.length === 0) return;
      await wait(20);
    }
  }

  /** Ends one process without a word, as a crash does. */
  async kill(n: number): Promise<void> {
    const child = this.children[n];
    if (child === undefined) return;
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }

  async stop(): Promise<void> {
    await endAll(this.children);
    await this.store.close();
    await this.database.drop();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}

async function endAll(children: readonly ChildProcess[]): Promise<void> {
  for (const child of children) await endProgram(child);
}
