import type pg from 'pg';
import { RegisteredDepartments } from './departments.js';

/**
 * In `client_claim`, beside what only one client may have; here the client is the first of the
 * department.
 */
export class PostgresRegisteredDepartments extends RegisteredDepartments {
  constructor(private readonly pool: pg.Pool) {
    super();
  }

  override async names(): Promise<readonly string[]> {
    const { rows } = await this.pool.query<{ department: string }>(
      `SELECT substr(what, length('department:') + 1) AS department FROM client_claim WHERE what LIKE 'department:%'`,
    );
    return rows.map(({ department }) => department);
  }

  override async keep(department: string, client: string): Promise<void> {
    await this.pool.query(
      'INSERT INTO client_claim (what, client) VALUES ($1, $2) ON CONFLICT (what) DO NOTHING',
      [`department:${department}`, client],
    );
  }
}
