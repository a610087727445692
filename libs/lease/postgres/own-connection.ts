import { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';

/** How long closing waits for the database, in milliseconds. */
const goodbyeMs = 500;

/**
 * A connection of one owner to one server, never replaced silently: when it is gone, so are the
 * locks held by it. It can be cut at once, also where the server no longer answers.
 */
export class OwnConnection {
  readonly #socket: Socket;
  readonly #client: pg.Client;
  readonly #gone = new AbortController();

  /** @throws the driver's error where the server does not answer within two seconds */
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
    this.#client.on('error', () => undefined); // `end` follows, which is handled
    this.#client.on('end', () => {
      this.#gone.abort();
    });
  }

  /** Aborted when the connection is gone, for any reason. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  query<Row extends pg.QueryResultRow>(
    statement: string | pg.QueryConfig,
    values?: unknown[],
  ): Promise<pg.QueryResult<Row>> {
    return this.#client.query<Row>(statement, values);
  }

  /**
   * Closes it without notice: pending queries fail here at once, and may still be executed by the
   * server.
   */
  cut(): void {
    this.#socket.destroy();
    this.#gone.abort();
  }

  /** Closes it properly, and cuts it where the server does not answer. */
  async end(): Promise<void> {
    if (!this.#gone.signal.aborted)
      await Promise.race([
        this.#client.end().catch(() => undefined),
        wait(goodbyeMs, undefined, { ref: false }),
      ]);
    this.cut();
  }
}
