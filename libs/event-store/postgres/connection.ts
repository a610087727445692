import pg from 'pg';
import { UnavailableError } from '#libs/kernel';

/** The database went away, or never came: whether what was sent is done is not known. */
export class ConnectionLost extends UnavailableError<'connection_lost'> {
  constructor(cause: unknown) {
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
  #client: Promise<pg.Client> | undefined;

  constructor(private readonly config: pg.ClientConfig) {}

  async query<Row extends pg.QueryResultRow>(
    statement: pg.QueryConfig,
  ): Promise<pg.QueryResult<Row>> {
    this.#client ??= this.#connect();
    const connecting = this.#client;
    try {
      const client = await connecting;
      return await client.query<Row>(statement);
    } catch (error) {
      if (!isLost(error)) throw error;
      if (this.#client === connecting) this.#client = undefined;
      void connecting.then(
        (client) => client.end().catch(() => undefined),
        () => undefined,
      );
      throw new ConnectionLost(error);
    }
  }

  async #connect(): Promise<pg.Client> {
    const client = new pg.Client({
      ...this.config,
      keepAlive: true,
      connectionTimeoutMillis: 2000,
      // Longer than any batch takes; an answer of the database's own ("cancelled") beats waiting without end.
      statement_timeout: 30_000,
      application_name: 'mianzheng event store',
    });
    // What fails between statements shows at the next one.
    client.on('error', () => undefined);
    await client.connect();
    // An acknowledged append is a durable one, also where someone made commits weaker for the whole server; stronger settings stay.
    await client.query(
      "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') IN ('off', 'local')",
    );
    return client;
  }

  async end(): Promise<void> {
    const client = await this.#client?.catch(() => undefined);
    this.#client = undefined;
    await client?.end().catch(() => undefined);
  }
}
