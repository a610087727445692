import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { type EventStore, type Position, START } from '#libs/event-store';
import { firstAdministrator } from '../../libs/composition/composition-root.js';
import { TestClient } from '../support/client.js';
import { TestKey } from '../support/keys.js';
import { freePort } from '../support/ports.js';
import { endProgram, firstWords } from '../support/programs.js';
import type { ServiceProcess } from '../support/services.js';
import type { Records } from '../support/records.js';
import type { CityDoor } from '../support/town.js';
import { until } from './until.js';

const program = fileURLToPath(new URL('../../../scripts/start.mjs', import.meta.url));

/**
 * Separate services behind one address exactly as `npm run start:services` runs them, on the
 * embedded PostgreSQL that they bring, with data of their own. (Those of test/support are on Jest's
 * database, which does not wait for the disk.)
 */
export class Services implements CityDoor {
  private constructor(
    /** The front door. */
    readonly baseUrl: string,
    readonly dataDir: string,
    readonly databaseUrl: string,
    readonly admin: TestClient,
    private readonly starter: ChildProcess,
    private readonly pool: pg.Pool,
    private readonly store: EventStore,
  ) {
    this.logOrigin = store.city;
  }

  readonly logOrigin: string;

  /** A folder for the data of services, and for a double of their event store. */
  static async folder(): Promise<string> {
    const dataDir = await mkdtemp(join(tmpdir(), 'mianzheng-services-'));
    await chmod(dataDir, 0o755); // where root runs this, PostgreSQL's user must get to its data
    return dataDir;
  }

  static async start(
    dataDir: string,
    records: Records,
    env: Readonly<Record<string, string>> = {},
  ): Promise<Services> {
    const port = await freePort();
    const baseUrl = `http://127.0.0.1:${port}`;
    const starter = spawn(process.execPath, [program, 'services'], {
      env: {
        ...process.env,
        PORT: String(port),
        DATA_DIR: dataDir,
        PUBLIC_URL: baseUrl,
        ...records.env,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    try {
      await firstWords(starter);
      const access = JSON.parse(await readFile(join(dataDir, 'postgres.access.json'), 'utf8')) as {
        readonly password: string;
        readonly port: number;
      };
      const databaseUrl = `postgres://mianzheng:${access.password}@127.0.0.1:${access.port}/mianzheng`;
      const jwk = JSON.parse(await readFile(join(dataDir, 'keys', 'administrator.jwk'), 'utf8'));
      const admin = new TestClient(baseUrl, firstAdministrator, new TestKey(jwk), [
        'clients:manage',
      ]);
      const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 });
      pool.on('error', () => undefined);
      const store = await records.open(pool);
      return new Services(baseUrl, dataDir, databaseUrl, admin, starter, pool, store);
    } catch (error) {
      await endProgram(starter);
      await rm(dataDir, { recursive: true, force: true });
      throw error;
    }
  }

  /** The processes as they are now. */
  children(): readonly ServiceProcess[] {
    return JSON.parse(
      readFileSync(join(this.dataDir, 'services.json'), 'utf8'),
    ) as readonly ServiceProcess[];
  }

  /** Waits until every read model is as far as the records are now. */
  async caughtUp(): Promise<void> {
    const head = await this.head();
    const held = await until(async () => (await this.folded()) >= head, 60_000);
    if (held === null) throw new TypeError('the read models do not catch up');
  }

  /** Position of the last record. */
  head(): Promise<Position> {
    return this.store.head();
  }

  /**
   * Whether more than `count` records stand behind `position`, in whatever steps positions grow.
   */
  async hasMoreThan(count: number, position: Position): Promise<boolean> {
    return (await this.store.readAll(position, count + 1)).length > count;
  }

  /** The position up to which every read model has folded. */
  async folded(): Promise<Position> {
    const { rows } = await this.pool.query<{ position: string | null }>(
      'SELECT min(position) AS position FROM projection_checkpoint',
    );
    return BigInt(rows[0]?.position ?? START);
  }

  /**
   * Ends all of them, in order. @returns what the starter ended with: 0 where everything stopped
   * cleanly
   */
  async end(): Promise<number | null> {
    await this.store.close();
    await this.pool.end();
    return endProgram(this.starter);
  }

  /** Takes their data away. */
  remove(): Promise<void> {
    return rm(this.dataDir, { recursive: true, force: true });
  }

  async stop(): Promise<void> {
    await this.end();
    await this.remove();
  }
}
