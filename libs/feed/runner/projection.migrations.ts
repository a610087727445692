import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How far each projection has folded the feed. */
class CreateProjectionCheckpoint1763710000000 implements MigrationInterface {
  name = 'CreateProjectionCheckpoint1763710000000';

  async up(query: QueryRunner): Promise<void> {
    await query.query(`
      CREATE TABLE projection_checkpoint (
        name text COLLATE "C" PRIMARY KEY,
        position bigint NOT NULL
      )`);
  }

  async down(query: QueryRunner): Promise<void> {
    await query.query('DROP TABLE projection_checkpoint');
  }
}

export const feedMigrations = [CreateProjectionCheckpoint1763710000000];

/** How far each read model has come: a backup has none, because read models are folded anew. */
export const feedTables = ['projection_checkpoint'];
