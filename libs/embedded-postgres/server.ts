import { type ChildProcess, spawn } from 'node:child_process';
import { chown, mkdir, open, readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { mustHaveRoom } from './disk.js';
import {
  type Access,
  type Binaries,
  ensureCluster,
  findBinaries,
  freePort,
  writeAccess,
} from './cluster.js';
import { DatabaseNotStarted } from './embedded-postgres.errors.js';
import { asOwner, findOwner, type Owner } from './owner.js';
import { findPostmaster, isAlive, stopPostmaster } from './postmaster.js';

export interface DatabaseOptions {
  /**
   * The server's own directory, made at the first start. Its password and port stand beside it
   * (`….access.json`, 0600), and its log (`….log`).
   */
  readonly dataDir: string;
  /** Of 127.0.0.1. Without it a free one is chosen at the first start and kept. */
  readonly port?: number;
  /** Settings of postgresql.conf beside the product's, for measurements and tests. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /**
   * Called when the server ended without having been stopped. `restart` starts it again, at the
   * same URL.
   */
  readonly onDown?: () => void;
}

export interface EmbeddedDatabase {
  /** Of the database `mianzheng`, with its password: keep it out of logs. */
  readonly url: string;
  /** A server left over from a killed program was adopted as it runs. */
  readonly adopted: boolean;
  readonly pid: number;
  /** Starts the server again after it ended; returns at once where it runs. */
  restart(): Promise<void>;
  /** Fast shutdown: connections are closed, everything committed is on disk. */
  stop(): Promise<void>;
}

const databaseName = 'mianzheng';

const megabyte = 1024 * 1024;
/** Bytes that a new server writes before its first connection, with a reserve. */
const roomForNew = 192 * megabyte;
/**
 * Bytes that a server needs to recover after a crash: some segments of the write-ahead log, of 16
 * MB each.
 */
const roomForKept = 64 * megabyte;
/** Bytes below which a running server may stop at its next segment. */
export const roomToRun = 32 * megabyte;

/**
 * Checks that the disk has the room that a start needs; writes nothing.
 * @throws DiskFull, which says how much is there and how much is needed
 */
export async function mustHaveRoomFor(dataDir: string): Promise<void> {
  const kept = await stat(`${dataDir}/PG_VERSION`).catch(() => null);
  await mustHaveRoom(dataDir, kept === null ? roomForNew : roomForKept);
}

const launchPatienceMs = 15_000;

/** Any fixed 64-bit number: the holder of this lock supervises the server. */
const supervisorLock = '7308895158942556776';

/** Durable before acknowledged, on loopback only. Weaker settings lose acknowledged records. */
const ownSettings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  max_connections: 200,
  shared_buffers: '256MB',
  max_wal_size: '4GB',
  checkpoint_timeout: '15min',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_min_messages: 'warning',
  // A conflict that the event store expects is not logged.
  log_min_error_statement: 'panic',
  log_statement: 'none',
  log_parameter_max_length_on_error: 0,
};

/**
 * Starts the embedded PostgreSQL, or adopts the server that a killed program left running on the
 * same data directory.
 * @throws DatabaseNotStarted
 */
export async function startDatabase(options: DatabaseOptions): Promise<EmbeddedDatabase> {
  const dataDir = resolve(options.dataDir);
  const binaries = await findBinaries();
  await mustHaveRoomFor(dataDir);
  const owner = await findOwner(dataDir, binaries.postgres);
  const access = await ensureCluster(dataDir, binaries, owner);
  const supervisor = new Supervisor({ ...options, dataDir }, binaries, owner, access);
  await supervisor.start();
  return supervisor;
}

class Supervisor implements EmbeddedDatabase {
  adopted = false;
  #pid = 0;
  #access: Access;
  #child: ChildProcess | undefined;
  /** Holds the supervisor's lock; when it breaks, an adopted server has ended. */
  #guard: pg.Client | undefined;
  #stopping = false;
  #starting: Promise<void> | undefined;
  readonly #leaveNothing = () => {
    if (this.#pid !== 0) process.kill(this.#pid, 'SIGINT');
  };

  constructor(
    private readonly options: DatabaseOptions,
    private readonly binaries: Binaries,
    private readonly owner: Owner,
    access: Access,
  ) {
    this.#access = access;
  }

  get pid(): number {
    return this.#pid;
  }

  get url(): string {
    return this.#urlOf(databaseName);
  }

  #urlOf(database: string): string {
    const { password, port } = this.#access;
    return `postgres://mianzheng:${password}@127.0.0.1:${port}/${database}`;
  }

  start(): Promise<void> {
    this.#starting ??= this.#start().finally(() => (this.#starting = undefined));
    return this.#starting;
  }

  async restart(): Promise<void> {
    if (this.#guard === undefined && !this.#stopping) await this.start();
  }

  async #start(): Promise<void> {
    const end = performance.now() + launchPatienceMs;
    // After a postmaster was killed its children take a moment to exit, and no other can start
    // before.
    while (!(this.adopted = await this.#adopt()) && !(await this.#launch())) {
      if (performance.now() > end) throw await this.#notStarted();
      await wait(100);
    }
    process.once('exit', this.#leaveNothing);
    await this.#ensureDatabase();
  }

  async #adopt(): Promise<boolean> {
    const leftOver = await findPostmaster(this.options.dataDir);
    if (leftOver === undefined) return false;
    const wanted = this.options.port;
    this.#access = { ...this.#access, port: leftOver.port };
    this.#guard = await this.#connect(() => isAlive(leftOver.pid), 30_000).catch(
      (error: unknown) => {
        if (error instanceof DatabaseNotStarted && error.code === 'database_password_lost')
          return undefined;
        throw error;
      },
    );
    if (this.#guard !== undefined && (wanted === undefined || wanted === leftOver.port)) {
      this.#pid = leftOver.pid;
      return true;
    }
    // It does not answer, rejects the password, or listens on a port that is no longer wanted.
    await this.#guard?.end();
    this.#guard = undefined;
    await stopPostmaster(leftOver.pid);
    return false;
  }

  async #launch(): Promise<boolean> {
    await this.#choosePort();
    const child = await this.#spawn();
    const running = () => child.exitCode === null && child.signalCode === null;
    try {
      this.#guard = await this.#connect(running, 60_000);
      return this.#guard !== undefined;
    } finally {
      if (this.#guard === undefined && running()) await stopPostmaster(child.pid ?? 0);
    }
  }

  async #choosePort(): Promise<void> {
    const wanted = this.options.port ?? this.#access.port;
    const port = await freePort(wanted);
    if (port !== wanted && this.options.port !== undefined)
      throw new DatabaseNotStarted('database_port_taken', `port ${wanted} is taken`, {
        port: wanted,
      });
    if (port === this.#access.port) return;
    this.#access = { ...this.#access, port };
    await writeAccess(this.options.dataDir, this.#access);
  }

  async #spawn(): Promise<ChildProcess> {
    const { dataDir } = this.options;
    const log = await openLog(`${dataDir}.log`, this.owner);
    const settings = { ...ownSettings, ...this.options.settings };
    const { command, args, user } = asOwner(this.owner, this.binaries.postgres, [
      '-D',
      dataDir,
      '-p',
      String(this.#access.port),
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ]);
    const child = spawn(command, args, {
      ...user,
      // A process group of its own: Ctrl-C stops the program, which stops the server last.
      detached: true,
      // To a file and not a pipe: logging continues when this program ends.
      stdio: ['ignore', log.fd, log.fd],
    });
    await log.close();
    child.once('error', () => undefined);
    child.once('exit', () => {
      if (this.#child === child) this.#down();
    });
    child.unref();
    this.#child = child;
    this.#pid = child.pid ?? 0;
    return child;
  }

  /**
   * Waits until the server takes connections; takes the supervisor's lock. @returns undefined where
   * it never did
   */
  async #connect(running: () => boolean, withinMs: number): Promise<pg.Client | undefined> {
    const end = performance.now() + withinMs;
    while (performance.now() < end) {
      const client = new pg.Client({
        connectionString: this.#urlOf('postgres'),
        connectionTimeoutMillis: 5000,
        keepAlive: true,
      });
      client.on('error', () => undefined);
      try {
        await client.connect();
      } catch (error) {
        if (!running()) return undefined;
        if ((error as { code?: string }).code === '28P01')
          throw new DatabaseNotStarted(
            'database_password_lost',
            'the server does not take the password that is kept beside its data',
            {},
            { cause: error, hint: 'Bring both back from the same backup.' },
          );
        await wait(20);
        continue;
      }
      await this.#takeLock(client);
      client.once('end', () => {
        if (this.#guard === client) this.#down();
      });
      return client;
    }
    return undefined;
  }

  async #takeLock(client: pg.Client): Promise<void> {
    const { rows } = await client.query<{ mine: boolean }>(
      'SELECT pg_try_advisory_lock($1::bigint) AS mine',
      [supervisorLock],
    );
    if (rows[0]?.mine === true) return;
    this.#pid = 0;
    await client.end();
    throw new DatabaseNotStarted(
      'database_in_use',
      `another program runs on ${this.options.dataDir}`,
      {},
      { hint: 'Stop it first, or give this one a data directory of its own.' },
    );
  }

  async #ensureDatabase(): Promise<void> {
    const known = await this.#guard?.query('SELECT 1 FROM pg_database WHERE datname = $1', [
      databaseName,
    ]);
    if (known?.rowCount === 0) await this.#guard?.query(`CREATE DATABASE ${databaseName}`);
  }

  #down(): void {
    if (this.#stopping || this.#guard === undefined) return;
    const guard = this.#guard;
    this.#guard = undefined;
    this.#child = undefined;
    process.removeListener('exit', this.#leaveNothing);
    void guard.end().catch(() => undefined);
    this.options.onDown?.();
  }

  async stop(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    await this.#starting?.catch(() => undefined);
    process.removeListener('exit', this.#leaveNothing);
    await this.#guard?.end().catch(() => undefined);
    if (this.#pid !== 0) await stopPostmaster(this.#pid);
  }

  async #notStarted(): Promise<DatabaseNotStarted> {
    const file = `${this.options.dataDir}.log`;
    const lines = (await readFile(file, 'utf8').catch(() => '')).trim().split('\n');
    return new DatabaseNotStarted(
      'database_not_started',
      `PostgreSQL did not start: ${lines.at(-1) ?? ''}`,
      {},
      { hint: `Its log is ${file}.` },
    );
  }
}

const maxLogBytes = 16 * 1024 * 1024;

/** Appends; truncates a log larger than 16 MB. */
async function openLog(file: string, owner: Owner) {
  await mkdir(dirname(file), { recursive: true });
  const size = await stat(file).then(
    (kept) => kept.size,
    () => 0,
  );
  const log = await open(file, size > maxLogBytes ? 'w' : 'a', 0o600);
  if (owner.uid !== undefined && owner.gid !== undefined) await chown(file, owner.uid, owner.gid);
  return log;
}
