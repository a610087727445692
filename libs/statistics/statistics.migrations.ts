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

/** Papers that are still brought. `paper_case`: where each open case is. */
export class CountPapers1764600620000 implements MigrationInterface {
  name = 'CountPapers1764600620000';

  async up(queries: QueryRunner): Promise<void> {
    await queries.query(`
      CREATE TABLE paper_case (
        case_id text COLLATE "C" PRIMARY KEY,
        matter text COLLATE "C" NOT NULL,
        department text COLLATE "C" NOT NULL,
        window_id text COLLATE "C" NOT NULL,
        town text COLLATE "C" NOT NULL
      )`);
    await queries.query(`
      CREATE TABLE paper_statistic (
        day text COLLATE "C" NOT NULL,
        reason text COLLATE "C" NOT NULL,
        material text COLLATE "C" NOT NULL,
        matter text COLLATE "C" NOT NULL,
        department text COLLATE "C" NOT NULL,
        window_id text COLLATE "C" NOT NULL,
        town text COLLATE "C" NOT NULL,
        papers bigint NOT NULL,
        PRIMARY KEY (day, reason, material, matter, department, window_id, town)
      )`);
  }

  async down(queries: QueryRunner): Promise<void> {
    await queries.query('DROP TABLE paper_statistic, paper_case');
  }
}

export const statisticsMigrations = [CreateStatistic1763800620000, CountPapers1764600620000];
