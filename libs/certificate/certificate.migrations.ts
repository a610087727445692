import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The wallet: who holds which certificates. Days are text as in the events; no decrypted field. */
class CreateWallet1763800200000 implements MigrationInterface {
  name = 'CreateWallet1763800200000';

  async up(query: QueryRunner): Promise<void> {
    await query.query(`
      CREATE TABLE wallet_certificate (
        certificate text COLLATE "C" PRIMARY KEY,
        type text COLLATE "C" NOT NULL,
        authority text COLLATE "C" NOT NULL,
        status text COLLATE "C" NOT NULL,
        version integer NOT NULL,
        valid_from text COLLATE "C" NOT NULL,
        valid_until text COLLATE "C",
        issued_at text COLLATE "C" NOT NULL
      )`);
    await query.query(`
      CREATE TABLE wallet_holding (
        subject text COLLATE "C" NOT NULL,
        certificate text COLLATE "C" NOT NULL,
        role text COLLATE "C" NOT NULL,
        PRIMARY KEY (subject, certificate, role)
      )`);
    await query.query('CREATE INDEX wallet_holding_certificate ON wallet_holding (certificate)');
    await query.query(
      'CREATE INDEX wallet_certificate_of ON wallet_certificate (authority, issued_at, certificate)',
    );
  }

  async down(query: QueryRunner): Promise<void> {
    await query.query('DROP TABLE wallet_holding');
    await query.query('DROP TABLE wallet_certificate');
  }
}

export const certificateMigrations = [CreateWallet1763800200000];
