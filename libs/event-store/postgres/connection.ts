import pg from 'pg';
import { UnavailableError } from '#libs/kernel';

/** The database is unreachable. `sent`: the statement was sent, and its outcome is unknown. */
export class ConnectionLost extends UnavailableError<'connection_lost'> {
  constructor(
    readonly sent: boolean,
    cause?: unknown,
  ) {
    super('connection_lost', 'the connection to the database was lost', {}, { cause });
  }
}

/**
 * SQLSTATE classes and codes (PostgreSQL's documentation, appendix A) after which a connection is
 * unusable.
 */
const lostCodes = /^08|^57P0[1-5]$/;
/**
 * The same, and the statement was not run: on a server that only reads (one that is no primary any
 * more), or that has forgotten what was prepared (a pooler reset the session).
 */
const notRunCodes = /^25006$|^26000$/;

const wasNotRun = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && notRunCodes.test(error.code ?? '');

export const isLost = (error: unknown): boolean =>
  !(error instanceof pg.DatabaseError) || lostCodes.test(error.code ?? '') || wasNotRun(error);

/**
 * The writer's own connection, outside any pool, so that readers never delay it. It is opened on
 * first use and reopened after a loss; `query` throws ConnectionLost for a loss, and the database's
 * own errors unchanged.
 */
export class WriterConnection {
  #client: pg.Client | undefined;
  readonly #broken = new WeakSet<pg.Client>();

  /**
   * @param answerMs how long a statement may stay unanswered before its outcome counts as unknown
   * @param prepare a PREPARE, sent once on each connection
   */
  constructor(
    private readonly config: pg.ClientConfig,
    private readonly answerMs: number,
    private readonly prepare: string,
  ) {}

  /** One at a time. After a loss the next call reconnects, perhaps to another server. */
  query<Row extends pg.QueryResultRow>(statement: pg.QueryConfig): Promise<pg.QueryResult<Row>> {
    return this.#on((client) => client.query<Row>(statement));
  }

  /**
   * The same with the messages of a statement that `prepare` prepared. @returns the first column of
   * its first row, as text; null where it gave no row
   */
  send(messages: Buffer): Promise<string | null> {
    return this.#on((client) => {
      const statement = new SentMessages(messages);
      client.query(statement);
      return statement.answer;
    });
  }

  async #on<Answer>(ask: (client: pg.Client) => Promise<Answer>): Promise<Answer> {
    let sent = false;
    try {
      this.#client ??= await this.#connect();
      if (this.#broken.has(this.#client)) throw new ConnectionLost(false);
      sent = true;
      return await ask(this.#client);
    } catch (error) {
      if (!isLost(error)) throw error;
      const client = this.#client;
      this.#client = undefined;
      void client?.end().catch(() => undefined);
      throw new ConnectionLost(sent && !wasNotRun(error), error);
    }
  }

  async #connect(): Promise<pg.Client> {
    const client = new pg.Client({
      ...this.config,
      keepAlive: true,
      connectionTimeoutMillis: 2000,
      // The database's own timeout ("cancelled") comes first. None comes from a host that vanished,
      // for which TCP would wait a quarter of an hour.
      statement_timeout: Math.ceil((this.answerMs * 6) / 7),
      query_timeout: this.answerMs,
      application_name: 'mianzheng event store',
    });
    // The connection broke between statements: the next statement is not sent on it.
    client.on('error', () => this.#broken.add(client));
    client.on('end', () => this.#broken.add(client));
    try {
      await client.connect();
      await this.#setUp(client);
    } catch (error) {
      void client.end().catch(() => undefined);
      throw error;
    }
    return client;
  }

  async #setUp(client: pg.Client): Promise<void> {
    // An acknowledged append is a durable one, even where the server's default is weaker; stronger
    // settings stay.
    await client.query(
      "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') IN ('off', 'local')",
    );
    await client.query(this.prepare);
  }

  async end(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(() => undefined);
  }
}

/** Messages of the extended query protocol, with their Sync, for the driver's queue. */
class SentMessages implements pg.Submittable {
  readonly answer: Promise<string | null>;
  /** The driver calls it, too, where no answer came in time. */
  readonly callback: (error: unknown) => void;
  #first: string | null = null;

  constructor(private readonly messages: Buffer) {
    const { promise, resolve, reject } = Promise.withResolvers<string | null>();
    this.answer = promise;
    this.callback = (error) => {
      if (error === null) resolve(this.#first);
      else reject(error);
    };
  }

  submit(connection: pg.Connection): void {
    connection.stream.write(this.messages);
  }

  handleRowDescription(): void {
    // One column of text.
  }

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    this.#first ??= fields[0] ?? null;
  }

  handleCommandComplete(): void {
    // It is done with ReadyForQuery.
  }

  handleReadyForQuery(): void {
    this.callback(null);
  }

  handleError(error: unknown): void {
    this.callback(error);
  }
}
