import type { QueryRunner } from 'typeorm';

/**
 * For migrations that change what a read model holds: empties its tables, and has it folded again
 * from the first record when the program that migrates starts to fold.
 * @param projection its name
 */
export async function foldAgain(
  queries: QueryRunner,
  projection: string,
  tables: readonly string[],
): Promise<void> {
  await queries.query(`TRUNCATE ${tables.join(', ')}`);
  // Tests migrate one room without the table of checkpoints.
  await queries.query(`
    DO $$ BEGIN
      IF to_regclass('projection_checkpoint') IS NOT NULL THEN
        DELETE FROM projection_checkpoint WHERE name = '${projection}';
      END IF;
    END $$`);
}
