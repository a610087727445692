import { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';

/** How long a database is waited for that should say goodbye, in milliseconds. */
const goodbyeMs = 500;

/**
 * A connection of one owner, to one server, never replaced behind its back: once it is gone, so is what was held by it. It can be cut
 * at once, also where the other end does not answer any more.
 */
export class OwnConnection {
  readonly #socket: Socket;
  readonly #client: pg.Client;
  readonly #gone = new AbortController();

  /** @throws what the driver says where nobody answers within two seconds */
  static async open(config: pg.ClientConfig): Promise<OwnConnection> {
    const connection = new OwnConnection(config);
    try {
      await connection.#client.connect();
      return connection;
    } catch (error) {
      connection.cut();
      throw error;
    }
  }

  private constructor(config: pg.ClientConfig) {
    this.#socket = new Socket();
    this.#client = new pg.Client({
      ...config,
      stream: () => this.#socket,
      keepAlive: true,
      connectionTimeoutMillis: 2000,
    });
    this.#client.on('error', () => undefined); // `end` follows and says all that matters
    this.#client.on('end', () => {
      this.#gone.abort();
    });
  }

  /** Aborted when the connection is gone, whoever ended it. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  query<Row extends pg.QueryResultRow>(
    statement: string | pg.QueryConfig,
    values?: unknown[],
  ): Promise<pg.QueryResult<Row>> {
    return this.#client.query<Row>(statement, values);
  }

  /** Ends it without a word: what is under way fails at once here, and may yet be done there. */
  cut(): void {
    this.#socket.destroy();
    this.#gone.abort();
  }

  /** Says goodbye; where nobody hears it, cuts. */
  async end(): Promise<void> {
    if (!this.#gone.signal.aborted)
      await Promise.race([
        this.#client.end().catch(() => undefined),
        wait(goodbyeMs, undefined, { ref: false }),
      ]);
    this.cut();
  }
}
