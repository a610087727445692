import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateQrCode1763800610000 implements MigrationInterface {
  name = 'CreateQrCode1763800610000';

  async up(queries: QueryRunner): Promise<void> {
    await queries.query(`
      CREATE TABLE qr_code (
        code_hash text COLLATE "C" PRIMARY KEY,
        subject text NOT NULL,
        expires text COLLATE "C" NOT NULL,
        used_by text
      )`);
    await queries.query('CREATE INDEX qr_code_expires ON qr_code (expires)');
  }

  async down(queries: QueryRunner): Promise<void> {
    await queries.query('DROP TABLE qr_code');
  }
}

export const consentMigrations = [CreateQrCode1763800610000];
