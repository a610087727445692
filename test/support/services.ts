import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { firstAdministrator } from '../../libs/composition/composition-root.js';
import { TestClient } from './client.js';
import { freePort } from './ports.js';
import { TestKey } from './keys.js';
import { freshDatabase, type TestDatabase } from './postgres.js';
import { endProgram, firstWords } from './programs.js';
import type { CityDoor } from './town.js';

const program = fileURLToPath(new URL('../../scripts/start.mjs', import.meta.url));

/** A process of the services as their run file tells it. */
export interface ServiceProcess {
  /** `ledger-1`, `window-2`, `identity-1`, `front`, `witness`. */
  readonly name: string;
  readonly program: string;
  /**
   * Where it answers itself, past the front door. Proofs are made for the public address all the
   * same.
   */
  readonly url: string;
  readonly pid: number | null;
  readonly state: 'starting' | 'ready' | 'ended';
}

/**
 * A city as `npm run start:services` runs it, on a database of its own: a witness, two each of
 * identity, ledger and window, and the front door at `baseUrl`; what ends is started again by
 * itself. `Town.around(await Services.start())` gives windows, an authority and holders; messages
 * of each child are in `<dataDir>/logs/<name>.log`.
 */
export class Services implements CityDoor {
  private constructor(
    readonly baseUrl: string,
    readonly dataDir: string,
    readonly admin: TestClient,
    /** What the program said when it was ready. */
    readonly words: string,
    readonly database: TestDatabase,
    private readonly child: ChildProcess,
  ) {}

  /**
   * @param env settings beside those of every test; `EVENT_STORE_URL` goes through to the children,
   *   and `PUBLIC_URL` is that of a proxy which the caller starts
   */
  static async start(env: Readonly<Record<string, string>> = {}): Promise<Services> {
    const database = await freshDatabase();
    const dataDir = await mkdtemp(join(tmpdir(), 'mianzheng-services-'));
    const port = await freePort();
    const child = spawn(process.execPath, [program, 'services'], {
      env: {
        ...process.env,
        PORT: String(port),
        DATA_DIR: dataDir,
        DATABASE_URL: database.url,
        METRICS_PORT: '0',
        REQUESTS_PER_SECOND: '100000',
        REQUESTS_OF_ONE_ADDRESS: '100000',
        HOLDERS_PER_WINDOW_AND_DAY: '100000',
        QUESTIONS_PER_HOLDER_AND_HOUR: '100000',
        HOLDERS_PER_DEPARTMENT_AND_DAY: '100000',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    try {
      const words = await firstWords(child);
      const jwk = JSON.parse(await readFile(join(dataDir, 'keys', 'administrator.jwk'), 'utf8'));
      const baseUrl = env['PUBLIC_URL'] ?? `http://localhost:${String(port)}`;
      const admin = new TestClient(baseUrl, firstAdministrator, new TestKey(jwk), [
        'clients:manage',
        'catalogue:manage',
        'subjects:erase',
        'ledger:exclude',
      ]);
      return new Services(baseUrl, dataDir, admin, words, database, child);
    } catch (error) {
      await endProgram(child);
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
      throw error;
    }
  }

  async processes(): Promise<readonly ServiceProcess[]> {
    const text = await readFile(join(this.dataDir, 'services.json'), 'utf8');
    return JSON.parse(text) as readonly ServiceProcess[];
  }

  async process(name: string): Promise<ServiceProcess> {
    const found = (await this.processes()).find((one) => one.name === name);
    if (found === undefined) throw new RangeError(`there is no ${name}`);
    return found;
  }

  /**
   * Ends one without a word, as a crash does, and waits until it has ended. Another one takes its
   * name soon.
   */
  async kill(name: string): Promise<void> {
    const { pid } = await this.process(name);
    if (pid === null) return;
    process.kill(pid, 'SIGKILL');
    await until(async () => (await this.process(name)).pid !== pid);
  }

  async freeze(name: string): Promise<void> {
    await this.#signal(name, 'SIGSTOP');
  }

  async thaw(name: string): Promise<void> {
    await this.#signal(name, 'SIGCONT');
  }

  /** Asks one to stop, as for an upgrade, and waits for its successor. */
  async restart(name: string): Promise<void> {
    const { pid } = await this.process(name);
    await this.#signal(name, 'SIGTERM');
    await this.back(name, pid);
  }

  /** Waits until a process other than `before` stands under this name and is ready. */
  async back(name: string, before: number | null): Promise<void> {
    await until(async () => {
      const { pid, state, url } = await this.process(name);
      return pid !== before && state === 'ready' && (name === 'witness' || (await isReady(url)));
    });
  }

  /** Waits until every read model is as far as the records are now. */
  async caughtUp(): Promise<void> {
    const { pool } = this.database;
    const { rows } = await pool.query('SELECT position FROM log_head');
    await until(async () => {
      const { rows: behind } = await pool.query(
        'SELECT name FROM projection_checkpoint WHERE position < $1',
        [rows[0].position],
      );
      return behind.length === 0;
    });
  }

  /** Ends all of them as Ctrl-C does. @returns the exit code */
  async interrupt(): Promise<number | null> {
    return endProgram(this.child, 'SIGINT');
  }

  async stop(): Promise<void> {
    for (const { pid } of await this.processes().catch(() => []))
      if (pid !== null) signal(pid, 'SIGCONT');
    await endProgram(this.child);
    await this.database.drop();
    await rm(this.dataDir, { recursive: true, force: true });
  }

  async #signal(name: string, what: NodeJS.Signals): Promise<void> {
    const { pid } = await this.process(name);
    if (pid !== null) signal(pid, what);
  }
}

const isReady = (url: string): Promise<boolean> =>
  fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2000) }).then(
    (response) => response.ok,
    () => false,
  );

/** It may have ended meanwhile. */
function signal(pid: number, what: NodeJS.Signals): void {
  try {
    process.kill(pid, what);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

const patienceMs = 60_000;

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const over = Date.now() + patienceMs; Date.now() < over;) {
    if (await holds().catch(() => false)) return;
    await wait(25);
  }
  throw new Error('the services did not come to that in a minute');
}
