import type pg from 'pg';

/**
 * Ids of operators by department, in `operator_of_department`: kept before the record, so that a
 * row without one shows nobody. What stands about each comes from its own stream.
 */
export class KnownOperators {
  constructor(private readonly pool: pg.Pool) {}

  async keep(operator: string, department: string): Promise<void> {
    await this.pool.query(
      `INSERT INTO operator_of_department (operator, department) VALUES ($1, $2)
       ON CONFLICT (operator) DO NOTHING`,
      [operator, department],
    );
  }

  /** All of them, by id. */
  async all(): Promise<readonly string[]> {
    const { rows } = await this.pool.query<{ operator: string }>(
      'SELECT operator FROM operator_of_department ORDER BY operator',
    );
    return rows.map(({ operator }) => operator);
  }

  /** Of one department, or of all where it is null; by id, after an id. */
  async page(department: string | null, after: string, size: number): Promise<readonly string[]> {
    const { rows } = await this.pool.query<{ operator: string }>(
      `SELECT operator FROM operator_of_department
       WHERE ($1::text IS NULL OR department = $1) AND operator > $2 ORDER BY operator LIMIT $3`,
      [department, after, size],
    );
    return rows.map(({ operator }) => operator);
  }
}
