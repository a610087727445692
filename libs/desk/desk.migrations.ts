import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateBoard1763800600000 implements MigrationInterface {
  name = 'CreateBoard1763800600000';

  async up(queries: QueryRunner): Promise<void> {
    await queries.query(`
      CREATE TABLE board_case (
        case_id text COLLATE "C" PRIMARY KEY,
        department text NOT NULL,
        window_id text NOT NULL,
        matter text NOT NULL,
        matter_name text NOT NULL,
        matter_name_en text NOT NULL,
        opened text COLLATE "C" NOT NULL,
        materials int NOT NULL,
        brought int NOT NULL
      )`);
    await queries.query(
      'CREATE INDEX board_case_window ON board_case (department, window_id, opened)',
    );
    await queries.query(`
      CREATE TABLE board_consent (
        consent text COLLATE "C" PRIMARY KEY,
        case_id text COLLATE "C" NOT NULL,
        role text NOT NULL,
        materials text[] NOT NULL,
        state text NOT NULL,
        until text COLLATE "C" NOT NULL
      )`);
    await queries.query('CREATE INDEX board_consent_case ON board_consent (case_id)');
  }

  async down(queries: QueryRunner): Promise<void> {
    await queries.query('DROP TABLE board_consent, board_case');
  }
}

export const deskMigrations = [CreateBoard1763800600000];
