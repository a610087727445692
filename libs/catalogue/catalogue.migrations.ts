import type { MigrationInterface, QueryRunner } from 'typeorm';

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

export const catalogueMigrations = [CreateCatalogue1763800500000];
