import type { MigrationInterface, QueryRunner } from 'typeorm';
import { foldAgain } from '#libs/feed/runner';

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

/** Online cases, how far each case is, and what was closed today. */
export class ExtendBoard1764600600000 implements MigrationInterface {
  name = 'ExtendBoard1764600600000';

  async up(queries: QueryRunner): Promise<void> {
    await foldAgain(queries, 'board', ['board_consent', 'board_case']);
    await queries.query(`
      ALTER TABLE board_case
        ADD COLUMN matter_department text,
        ADD COLUMN matter_department_en text,
        ADD COLUMN needed text[] NOT NULL,
        ADD COLUMN origin text NOT NULL,
        ADD COLUMN queue_number text,
        ADD COLUMN brought_materials text[] NOT NULL`);
    await queries.query(`
      CREATE TABLE board_online (
        case_id text COLLATE "C" PRIMARY KEY,
        department text NOT NULL,
        matter text NOT NULL,
        matter_name text NOT NULL,
        matter_name_en text NOT NULL,
        matter_department text,
        matter_department_en text,
        opened text COLLATE "C" NOT NULL,
        materials int NOT NULL,
        needed text[] NOT NULL
      )`);
    await queries.query(
      'CREATE INDEX board_online_department ON board_online (department, opened)',
    );
    await queries.query(`
      CREATE TABLE board_closed (
        LIKE board_case,
        closed text COLLATE "C" NOT NULL,
        day text COLLATE "C" NOT NULL,
        outcome text NOT NULL,
        PRIMARY KEY (case_id)
      )`);
    await queries.query(
      'CREATE INDEX board_closed_window ON board_closed (department, window_id, closed)',
    );
    await queries.query('CREATE INDEX board_closed_day ON board_closed (day)');
    await queries.query(`
      CREATE TABLE board_answer (
        consent text COLLATE "C" PRIMARY KEY,
        case_id text COLLATE "C" NOT NULL,
        given text[] NOT NULL
      )`);
    await queries.query('CREATE INDEX board_answer_case ON board_answer (case_id)');
    await queries.query(`
      CREATE TABLE application (
        case_id text COLLATE "C" PRIMARY KEY,
        subject text COLLATE "C" NOT NULL,
        matter text NOT NULL,
        matter_name text NOT NULL,
        matter_name_en text NOT NULL,
        department text NOT NULL,
        department_en text,
        opened text COLLATE "C" NOT NULL,
        window_id text,
        taken text COLLATE "C",
        closed text COLLATE "C",
        outcome text
      )`);
    await queries.query('CREATE INDEX application_subject ON application (subject, opened)');
  }

  async down(queries: QueryRunner): Promise<void> {
    await queries.query('DROP TABLE application, board_answer, board_closed, board_online');
    await queries.query(`
      ALTER TABLE board_case
        DROP COLUMN matter_department, DROP COLUMN matter_department_en, DROP COLUMN needed,
        DROP COLUMN origin, DROP COLUMN queue_number, DROP COLUMN brought_materials`);
  }
}

export const deskMigrations = [CreateBoard1763800600000, ExtendBoard1764600600000];
