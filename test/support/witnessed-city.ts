import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { LedgerReport } from '#libs/audit/ledger-check';
import { checkBackup, takeBackup, type TakenBackup } from '#libs/backup/postgres';
import { formatKey, SignatureType } from '#libs/log';
import { migrationLock, openLog, Settings } from '#libs/platform';
import { nodeSigner } from '#libs/sealing';
import { parsePolicy } from '#libs/verify';
import { type City, startCity } from '../../apps/city/city.js';
import { restoreCity } from '../../apps/cli/restoring.js';
import { leftOutOfBackups } from '../../libs/composition/schema.js';
import { firstAdministrator } from '../../libs/composition/composition-root.js';
import { TestClient } from './client.js';
import { freePort } from './ports.js';
import { TestKey } from './keys.js';
import { freshDatabase, type TestDatabase } from './postgres.js';
import { TestWitness } from './sealed-ledger.js';
import type { CityDoor } from './town.js';

const program = resolve('scripts/mianzheng.mjs');

/** Three types and one matter: enough to live on, and quickly imported. */
export const smallCatalogue = resolve('test/golden/catalogue');

/** What the command line said, and how it ended. */
export interface Said {
  readonly code: number | null;
  readonly said: string;
}

/**
 * A city with a witness elsewhere, that can be stopped and opened again, on whatever database:
 * always at the same address, with the same keys, so that its clients and phones go on where they
 * were.
 */
export class WitnessedCity implements CityDoor {
  #city: City | undefined;
  readonly #databases: TestDatabase[] = [];

  private constructor(
    readonly baseUrl: string,
    private readonly port: number,
    readonly dataDir: string,
    readonly witness: TestWitness | null,
    public admin: TestClient,
  ) {}

  /** Not open yet. @param keys of another city, to be this one's */
  static async make({
    keys,
    witnessed = true,
  }: {
    readonly keys?: string;
    readonly witnessed?: boolean;
  } = {}): Promise<WitnessedCity> {
    const dataDir = await mkdtemp(join(tmpdir(), 'mianzheng-witnessed-'));
    const folder = join(dataDir, 'keys');
    if (keys === undefined) {
      await mkdir(folder, { mode: 0o700 });
      await writeFile(join(folder, 'log.key'), `${randomBytes(32).toString('base64url')}\n`, {
        mode: 0o600,
      });
    } else await cp(keys, folder, { recursive: true });
    const seed = Buffer.from(await readFile(join(folder, 'log.key'), 'utf8'), 'base64url');
    const signer = nodeSigner('trial.city.example', SignatureType.ed25519, seed.subarray(0, 32));
    const witness = witnessed ? await TestWitness.start(signer.key) : null;
    const port = await freePort();
    const baseUrl = `http://localhost:${String(port)}`;
    const lines = [`log ${formatKey(signer.key)} ${baseUrl}/log/`];
    if (witness === null) lines.push('quorum none');
    else lines.push(`witness w ${formatKey(witness.signer.key)} ${witness.url}`, 'quorum w');
    await writeFile(join(dataDir, 'policy'), `${lines.join('\n')}\n`);
    const admin = new TestClient(baseUrl, firstAdministrator, new TestKey(), ['clients:manage']);
    return new WitnessedCity(baseUrl, port, dataDir, witness, admin);
  }

  /** An empty database, dropped in the end. */
  async database(): Promise<TestDatabase> {
    const database = await freshDatabase();
    this.#databases.push(database);
    return database;
  }

  /** What a program of this city on that database is told from outside. */
  env({ url }: TestDatabase): Record<string, string> {
    return {
      PORT: String(this.port),
      DATA_DIR: this.dataDir,
      DATABASE_URL: url,
      LOG_POLICY: join(this.dataDir, 'policy'),
      CATALOGUE_DIR: smallCatalogue,
      METRICS_PORT: '0',
      REQUESTS_PER_SECOND: '100000',
      REQUESTS_OF_ONE_ADDRESS: '100000',
      HOLDERS_PER_WINDOW_AND_DAY: '100000',
      QUESTIONS_PER_HOLDER_AND_HOUR: '100000',
      HOLDERS_PER_DEPARTMENT_AND_DAY: '100000',
    };
  }

  async open(on: TestDatabase): Promise<City> {
    this.#city = await startCity(Settings.from(this.env(on)), openLog('silent'));
    const file = join(this.dataDir, 'keys', 'administrator.jwk');
    this.admin = new TestClient(
      this.baseUrl,
      firstAdministrator,
      new TestKey(JSON.parse(await readFile(file, 'utf8'))),
      ['clients:manage', 'catalogue:manage', 'subjects:erase', 'ledger:exclude'],
    );
    return this.#city;
  }

  async close(): Promise<void> {
    await this.#city?.stop();
    this.#city = undefined;
  }

  async caughtUp(): Promise<void> {
    await this.#city?.runner.caughtUp();
  }

  /** What `mianzheng backup` does, in this process. */
  backup({ url }: TestDatabase, target: string): Promise<TakenBackup> {
    return takeBackup(url, {
      target,
      product: '0.0.1',
      city: 'trial.city.example',
      leftOut: leftOutOfBackups(false),
      records: 'here',
      policy: null,
      migrationLock,
    });
  }

  /** What `mianzheng restore` does, in this process. */
  async restore({ url }: TestDatabase, target: string): Promise<LedgerReport | null> {
    return restoreCity(await checkBackup(target), {
      url,
      city: 'trial.city.example',
      eventStoreUrl: null,
      policy: parsePolicy(await readFile(join(this.dataDir, 'policy'), 'utf8')),
      log: openLog('silent'),
      threads: 0,
    });
  }

  /**
   * The command line, in a process of its own. `killWhen` is asked again and again; once it says
   * yes, the process is killed.
   */
  async mianzheng(
    on: TestDatabase,
    args: readonly string[],
    killWhen?: () => Promise<boolean>,
  ): Promise<Said> {
    const child = spawn(process.execPath, [program, ...args], {
      env: { ...process.env, ...this.env(on) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const closed = once(child, 'close') as Promise<[number | null]>;
    if (killWhen !== undefined) {
      while (child.exitCode === null && !(await killWhen()));
      child.kill('SIGKILL');
    }
    const [code] = await closed;
    return { code, said };
  }

  /** Also the databases, the witness and the folder. */
  async stop(): Promise<void> {
    await this.close();
    await this.witness?.remove();
    for (const database of this.#databases) await database.drop();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}
