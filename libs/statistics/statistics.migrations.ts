import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateStatistic1763800620000 implements MigrationInterface {
  name = 'CreateStatistic1763800620000';

  async up(queries: QueryRunner): Promise<void> {
    await queries.query(`
      CREATE TABLE statistic (
        day text COLLATE "C" NOT NULL,
        type text COLLATE "C" NOT NULL,
        matter text COLLATE "C" NOT NULL,
        department text COLLATE "C" NOT NULL,
        window_id text COLLATE "C" NOT NULL,
        town text COLLATE "C" NOT NULL,
        exemptions bigint NOT NULL,
        releases bigint NOT NULL,
        readings bigint NOT NULL,
        PRIMARY KEY (day, type, matter, department, window_id, town)
      )`);
  }

  async down(queries: QueryRunner): Promise<void> {
    await queries.query('DROP TABLE statistic');
  }
}

export const statisticsMigrations = [CreateStatistic1763800620000];
