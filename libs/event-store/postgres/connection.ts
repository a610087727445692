import pg from 'pg';
import { UnavailableError } from '#libs/kernel';

/** The database went away, or never came. `sent`: the statement went down, and whether it is done is not known. */
export class ConnectionLost extends UnavailableError<'connection_lost'> {
  constructor(
    readonly sent: boolean,
    cause?: unknown,
  ) {
    super('connection_lost', 'the connection to the database was lost', {}, { cause });
  }
}

/** SQLSTATE classes and codes (PostgreSQL's documentation, appendix A) after which a connection is of no use any more. */
const lostCodes = /^08|^57P0[1-5]$/;

export const isLost = (error: unknown): boolean =>
  !(error instanceof pg.DatabaseError) || lostCodes.test(error.code ?? '');

/**
 * One connection of the writer's own, outside any pool, so that readers never make it wait. It is made when it is first needed, and made
 * anew after it was lost; `query` throws ConnectionLost for that, and the database's own errors as they are.
 */
export class WriterConnection {
  #client: pg.Client | undefined;
  readonly #broken = new WeakSet<pg.Client>();

  /** @param answerMs how long a statement may stay unanswered before its outcome is held to be unknown */
  constructor(
    private readonly config: pg.ClientConfig,
    private readonly answerMs: number,
  ) {}

  /** One at a time. After a loss the next call connects anew, perhaps to a server that is another than before. */
  async query<Row extends pg.QueryResultRow>(
    statement: pg.QueryConfig,
  ): Promise<pg.QueryResult<Row>> {
    let sent = false;
    try {
      this.#client ??= await this.#connect();
      if (this.#broken.has(this.#client)) throw new ConnectionLost(false);
      sent = true;
      return await this.#client.query<Row>(statement);
    } catch (error) {
      if (!isLost(error)) throw error;
      const client = this.#client;
      this.#client = undefined;
      void client?.end().catch(() => undefined);
      throw new ConnectionLost(sent, error);
    }
  }

  async #connect(): Promise<pg.Client> {
    const client = new pg.Client({
      ...this.config,
      keepAlive: true,
      connectionTimeoutMillis: 2000,
      // An answer of the database's own ("cancelled") comes first. It never comes from a host that vanished, for which TCP waits a quarter of an hour.
      statement_timeout: Math.ceil((this.answerMs * 6) / 7),
      query_timeout: this.answerMs,
      application_name: 'mianzheng event store',
    });
    // A connection that breaks between statements: the next statement is not sent on it.
    client.on('error', () => this.#broken.add(client));
    client.on('end', () => this.#broken.add(client));
    await client.connect();
    // An acknowledged append is a durable one, also where someone made commits weaker for the whole server; stronger settings stay.
    await client.query(
      "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') IN ('off', 'local')",
    );
    return client;
  }

  async end(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(() => undefined);
  }
}
