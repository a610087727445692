import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import pg from 'pg';
import { ClientDirectory, type RegisteredClient } from '../caller.js';

/** A page of the register, by id. */
export interface ClientPage {
  readonly clients: readonly RegisteredClient[];
  /** The id after which the next page begins; null on the last. */
  readonly next: string | null;
}

const pageSize = 100;

/** Registered clients, by id, after an id. */
export class ListClients {
  constructor(readonly after: string) {}
}

/** Ids of all clients that claimed a key, by id. */
export class RegisteredClients {
  constructor(private readonly pool: pg.Pool) {}

  async all(): Promise<readonly string[]> {
    const { rows } = await this.pool.query<{ client: string }>(
      `SELECT DISTINCT client FROM client_claim WHERE what LIKE 'key:%' ORDER BY client`,
    );
    return rows.map(({ client }) => client);
  }
}

/**
 * Ids come from claims of keys, and the rest from each client's own stream, so that a claim without
 * a record is not shown.
 */
@QueryHandler(ListClients)
export class ListClientsHandler implements IQueryHandler<ListClients, ClientPage> {
  constructor(
    private readonly directory: ClientDirectory,
    private readonly pool: pg.Pool,
  ) {}

  async execute({ after }: ListClients): Promise<ClientPage> {
    const { rows } = await this.pool.query<{ client: string }>(
      `SELECT DISTINCT client FROM client_claim WHERE what LIKE 'key:%' AND client > $1 ORDER BY client LIMIT $2`,
      [after, pageSize],
    );
    const found = await Promise.all(rows.map(({ client }) => this.directory.find(client)));
    return {
      clients: found.filter((client) => client !== null),
      next: rows.length < pageSize ? null : (rows.at(-1)?.client ?? null),
    };
  }
}
