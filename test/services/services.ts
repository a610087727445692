import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { firstAdministrator } from '../../apps/house/house.js';
import { TestClient } from '../support/client.js';
import { TestKey } from '../support/keys.js';
import { freePort } from '../support/ports.js';
import type { CityDoor } from '../support/town.js';
import { until } from './until.js';

/** One of the processes, as `services.json` in the data folder tells of it. */
export interface ServiceProcess {
  /** `ledger-1`. */
  readonly name: string;
  readonly program: string;
  /** Where it answers itself, behind the front door. */
  readonly url: string;
  /** Null while it does not run. */
  readonly pid: number | null;
  readonly state: 'starting' | 'ready' | 'ended';
}

const program = fileURLToPath(new URL('../../../scripts/start.mjs', import.meta.url));

/**
 * Separate services behind one address exactly as `npm run start:services` runs them, on the embedded PostgreSQL that they bring, with data of
 * their own. (Those of test/support are on Jest's database, which does not wait for the disk.)
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
  ) {}

  static async start(env: Readonly<Record<string, string>> = {}): Promise<Services> {
    const dataDir = await mkdtemp(join(tmpdir(), 'mianzheng-services-'));
    await chmod(dataDir, 0o755); // where root runs this, PostgreSQL's user must get to its data
    const port = await freePort();
    const baseUrl = `http://127.0.0.1:${port}`;
    const starter = spawn(process.execPath, [program, 'services'], {
      env: { ...process.env, PORT: String(port), DATA_DIR: dataDir, PUBLIC_URL: baseUrl, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    try {
      await ready(starter);
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
      return new Services(baseUrl, dataDir, databaseUrl, admin, starter, pool);
    } catch (error) {
      await end(starter);
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
    const { rows } = await this.pool.query('SELECT position FROM log_head');
    const held = await until(async () => {
      const { rows: behind } = await this.pool.query(
        'SELECT name FROM projection_checkpoint WHERE position < $1',
        [rows[0].position],
      );
      return behind.length === 0;
    }, 60_000);
    if (held === null) throw new TypeError('the read models do not catch up');
  }

  /** Ends all of them, in order. @returns what the starter ended with: 0 where everything stopped cleanly */
  async end(): Promise<number | null> {
    await this.pool.end();
    return end(this.starter);
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

async function end(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
  }
  return child.exitCode;
}

/** Until the program says what to do next. */
function ready(child: ChildProcess): Promise<undefined> {
  const started = Promise.withResolvers<undefined>();
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('Ctrl-C')) started.resolve(undefined);
    });
  child.once('exit', () => {
    started.reject(new TypeError(`the services did not start: ${said}`));
  });
  return started.promise;
}
