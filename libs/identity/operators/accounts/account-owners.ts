import type pg from 'pg';

/**
 * Whose an account at the operators' issuer is, in `operator_account`: kept before the record, so
 * that a row counts only where the operator's own stream says the same. One account is of one
 * operator.
 */
export class AccountOwners {
  constructor(private readonly pool: pg.Pool) {}

  /** @param account as `accountOfSubject` names it */
  async operatorOf(account: string): Promise<string | null> {
    const { rows } = await this.pool.query<{ operator: string }>(
      'SELECT operator FROM operator_account WHERE account = $1',
      [account],
    );
    return rows[0]?.operator ?? null;
  }

  /** Whether any account was ever bound: then its key must not be made anew. */
  async isAny(): Promise<boolean> {
    const { rows } = await this.pool.query('SELECT 1 FROM operator_account LIMIT 1');
    return rows.length > 0;
  }

  /**
   * Makes an account the operator's.
   * @param isStill whether another operator's stream still has it
   * @returns false where it is another's
   */
  async claim(
    account: string,
    operator: string,
    isStill: (other: string) => Promise<boolean>,
  ): Promise<boolean> {
    await this.pool.query(
      'INSERT INTO operator_account (account, operator) VALUES ($1, $2) ON CONFLICT DO NOTHING',
      [account, operator],
    );
    const owner = await this.operatorOf(account);
    if (owner === null || owner === operator) return owner !== null;
    if (await isStill(owner)) return false;
    // Of several who come at once, one gets it.
    const { rowCount } = await this.pool.query(
      'UPDATE operator_account SET operator = $2 WHERE account = $1 AND operator = $3',
      [account, operator, owner],
    );
    return rowCount === 1;
  }
}
