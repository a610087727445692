import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * `daily_application`: the commands by which a holder opened cases online on a day (Asia/Shanghai);
 * unlogged, so that counting restarts after a crash.
 */
export class CountApplications1764600700000 implements MigrationInterface {
  name = 'CountApplications1764600700000';

  async up(queries: QueryRunner): Promise<void> {
    await queries.query(`
      CREATE UNLOGGED TABLE daily_application (
        day text COLLATE "C" NOT NULL,
        subject text COLLATE "C" NOT NULL,
        commands text[] NOT NULL,
        PRIMARY KEY (day, subject)
      )`);
  }

  async down(queries: QueryRunner): Promise<void> {
    await queries.query('DROP TABLE daily_application');
  }
}

export const caseMigrations = [CountApplications1764600700000];
