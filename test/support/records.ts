import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import type { EventStore } from '#libs/event-store';
import { EventStoreDbEventStore } from '#libs/event-store/eventstoredb';
import { PostgresEventStore } from '#libs/event-store/postgres';
import { freePort } from './ports.js';
import { endProgram } from './programs.js';

const program = fileURLToPath(new URL('../eventstore/main.js', import.meta.url));

/**
 * A double of EventStoreDB in a process of its own, which keeps its log in a file: it can be
 * killed, started again and frozen. What it acknowledged outlives its process, and would not
 * outlive its machine.
 */
export class DoubleProcess {
  #child: ChildProcess | undefined;

  private constructor(
    readonly url: string,
    private readonly words: readonly string[],
  ) {}

  static async start(folder: string): Promise<DoubleProcess> {
    const port = String(await freePort());
    const words = ['--port', port, '--data', join(folder, 'eventstore-double.log')];
    const double = new DoubleProcess(`esdb://127.0.0.1:${port}?tls=false`, words);
    await double.up();
    return double;
  }

  async up(): Promise<void> {
    const child = spawn(process.execPath, [program, ...this.words], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child = child;
    const ended = once(child, 'exit').then(() => {
      throw new Error('the double does not start');
    });
    ended.catch(() => undefined);
    await Promise.race([once(child.stdout, 'data'), ended]);
  }

  async kill(): Promise<void> {
    if (this.#child !== undefined) await endProgram(this.#child, 'SIGKILL');
  }

  /** SIGSTOP: its connections stand, and nothing is answered; or SIGCONT. */
  freeze(isFrozen: boolean): void {
    this.#child?.kill(isFrozen ? 'SIGSTOP' : 'SIGCONT');
  }

  async stop(): Promise<void> {
    this.freeze(false);
    if (this.#child !== undefined) await endProgram(this.#child);
  }
}

/**
 * Where the records of a run are: in its database, behind EVENT_STORE_URL, or in a double that the
 * run starts.
 */
export class Records {
  private constructor(
    /**
     * The log's origin: on a server that others use, or that was used before, one of the run's own.
     */
    readonly city: string,
    readonly eventStoreUrl: string | undefined,
    /** Where this run has started it, and may kill it. */
    readonly double: DoubleProcess | undefined,
  ) {}

  /** @param choice of `--event-store`: `double`, or nothing */
  static async of(choice: string | undefined, folder: string): Promise<Records> {
    const own = `trial.run-${randomBytes(6).toString('hex')}.example`;
    if (choice === 'double') {
      const double = await DoubleProcess.start(folder);
      return new Records(own, double.url, double);
    }
    const url = process.env['EVENT_STORE_URL'];
    return url === undefined
      ? new Records('trial.city.example', undefined, undefined)
      : new Records(own, url, undefined);
  }

  /** In words, for the first line of a run. */
  get place(): string {
    if (this.double !== undefined) return 'in a double of EventStoreDB, in a process of its own';
    return this.eventStoreUrl === undefined
      ? 'in PostgreSQL'
      : `at EVENT_STORE_URL, as ${this.city}`;
  }

  /** What the programs of the run are told. */
  get env(): Readonly<Record<string, string>> {
    return this.eventStoreUrl === undefined
      ? {}
      : { CITY: this.city, EVENT_STORE_URL: this.eventStoreUrl };
  }

  open(pool: pg.Pool): Promise<EventStore> {
    const { city, eventStoreUrl: url } = this;
    return url === undefined
      ? PostgresEventStore.open({ city, pool })
      : EventStoreDbEventStore.open({ city, url });
  }

  async stop(): Promise<void> {
    await this.double?.stop();
  }
}
