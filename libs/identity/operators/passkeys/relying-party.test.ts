import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { freshDatabase } from '../../../../test/support/postgres.js';
import { createIdentityTables } from '../../identity.migrations.js';
import { FixedRelyingParty } from './relying-party.js';

let pool: pg.Pool;
let database: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  database = await freshDatabase();
  pool = new pg.Pool({ connectionString: database.url });
  await createIdentityTables(pool);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const party = (id: string) =>
  new FixedRelyingParty(pool, { id, origin: `https://${id}`, takesSamples: false });

test('the first passkey fixes the RP ID, and a start with another is refused with what to do', async () => {
  await party('localhost').check();
  await party('ledger.city.example').check();
  await party('city.example').fix();
  await party('city.example').fix();
  await party('city.example').check();
  for (const refused of [party('localhost').check(), party('localhost').fix()])
    await expect(refused).rejects.toMatchObject({
      code: 'rp_id_changed',
      facts: { fixed: 'city.example', told: 'localhost' },
      hint: expect.stringContaining('RP_ID=city.example') as unknown,
    });
});
