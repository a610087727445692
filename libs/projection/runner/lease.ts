import pg from 'pg';

/** The class of our advisory locks for projections; the second number is the lease. */
const leaseClass = 0x6d7a_0002;

/**
 * One runner at a time, among all processes on a database: an advisory lock on a connection of its own. It saves work, no more. That two
 * runners never fold the same page is ensured by the checkpoint's row, so a lease lost without notice does no harm.
 */
export class Lease {
  #client: pg.Client | null = null;

  constructor(private readonly connectionString: string) {}

  /** Whether the lease is ours now. `lost` is called once when the connection that holds it goes away. */
  async take(lost: () => void): Promise<boolean> {
    const client = new pg.Client({
      connectionString: this.connectionString,
      application_name: 'mianzheng projections',
      keepAlive: true,
    });
    client.on('error', () => undefined); // `end` follows and says all that matters
    await client.connect();
    const { rows } = await client.query<{ taken: boolean }>(
      'SELECT pg_try_advisory_lock($1, 1) AS taken',
      [leaseClass],
    );
    if (rows[0]?.taken !== true) {
      await client.end();
      return false;
    }
    this.#client = client;
    client.once('end', () => {
      if (this.#client !== client) return;
      this.#client = null;
      lost();
    });
    return true;
  }

  async giveBack(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    await client?.end();
  }
}
