import type { MigrationInterface, QueryRunner } from 'typeorm';
import { foldAgain } from '#libs/feed/runner';

export class CreateCatalogue1763800500000 implements MigrationInterface {
  name = 'CreateCatalogue1763800500000';

  async up(queries: QueryRunner): Promise<void> {
    await queries.query(`
      CREATE TABLE catalogue_type (
        code text COLLATE "C" PRIMARY KEY,
        category text NOT NULL,
        name_zh text NOT NULL,
        name_en text NOT NULL,
        department text NOT NULL,
        department_en text,
        holder text NOT NULL,
        validity text,
        number_field text,
        number_unique text,
        fields text NOT NULL
      )`);
    await queries.query(`
      CREATE TABLE catalogue_matter (
        code text COLLATE "C" PRIMARY KEY,
        name_zh text NOT NULL,
        name_en text NOT NULL,
        department text NOT NULL,
        department_en text,
        level text NOT NULL,
        audience text NOT NULL,
        place text,
        bundle text,
        materials text NOT NULL,
        search text NOT NULL
      )`);
    await queries.query('CREATE INDEX catalogue_matter_place ON catalogue_matter (place, code)');
    // A page may bring the matter, its rules, or both: what it does not bring stays as it was.
    await queries.query(`
      CREATE TABLE catalogue_exemption (
        code text COLLATE "C" PRIMARY KEY,
        basic text COLLATE "C" NOT NULL,
        name_zh text,
        materials text,
        rules int,
        indicative boolean,
        answers text
      )`);
  }

  async down(queries: QueryRunner): Promise<void> {
    await queries.query('DROP TABLE catalogue_exemption, catalogue_matter, catalogue_type');
  }
}

/** What a search needs beside words. */
export class SearchMatters1764600500000 implements MigrationInterface {
  name = 'SearchMatters1764600500000';

  async up(queries: QueryRunner): Promise<void> {
    await foldAgain(queries, 'matters', ['catalogue_matter']);
    await queries.query(`
      ALTER TABLE catalogue_matter
        ADD COLUMN initials text NOT NULL,
        ADD COLUMN syllables text NOT NULL,
        ADD COLUMN version bigint NOT NULL`);
    await queries.query('CREATE INDEX catalogue_matter_version ON catalogue_matter (version)');
  }

  async down(queries: QueryRunner): Promise<void> {
    await queries.query(`
      ALTER TABLE catalogue_matter
        DROP COLUMN initials, DROP COLUMN syllables, DROP COLUMN version`);
  }
}

/** What kiosks do themselves is searched apart from what windows do. */
export class FindSelfService1764811000000 implements MigrationInterface {
  name = 'FindSelfService1764811000000';

  async up(queries: QueryRunner): Promise<void> {
    await foldAgain(queries, 'matters', ['catalogue_matter']);
    await queries.query('ALTER TABLE catalogue_matter ADD COLUMN self_service text');
  }

  async down(queries: QueryRunner): Promise<void> {
    await queries.query('ALTER TABLE catalogue_matter DROP COLUMN self_service');
  }
}

export const catalogueMigrations = [
  CreateCatalogue1763800500000,
  SearchMatters1764600500000,
  FindSelfService1764811000000,
];
