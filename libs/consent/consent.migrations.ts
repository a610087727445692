import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Where a consent was requested, and withdrawn, in its book: `case_id` is set where it was
 * requested. Nothing is believed of it without the record.
 */
class CreateConsentPlaces1764600000000 implements MigrationInterface {
  readonly name = 'CreateConsentPlaces1764600000000';

  async up(queries: QueryRunner): Promise<void> {
    await queries.query(`
      CREATE TABLE consent_place (
        consent text COLLATE "C" NOT NULL,
        version int NOT NULL,
        case_id text COLLATE "C",
        PRIMARY KEY (consent, version)
      )`);
    await queries.query(
      'CREATE INDEX consent_place_case ON consent_place (case_id) WHERE case_id IS NOT NULL',
    );
  }

  async down(queries: QueryRunner): Promise<void> {
    await queries.query('DROP TABLE consent_place');
  }
}

export const consentMigrations = [CreateConsentPlaces1764600000000];
