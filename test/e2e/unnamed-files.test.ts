import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Blobs } from '#libs/vault';
import { inventedCreditCode } from '../support/authority.js';
import { register, type TestClient } from '../support/client.js';
import { Town } from '../support/town.js';

let town: Town;
beforeAll(async () => {
  town = await Town.start();
});
afterAll(() => town.stop());

const pdf = new TextEncoder().encode('%PDF-1.7 示例');
const pool = () => town.city.city.house.services.pool;

/** As many files as an authority might have stored without naming one. */
const stored = (client: string, files: number, bytes: number) =>
  pool().query(
    `INSERT INTO vault.sealed_blob (id, sealed, client, size)
     SELECT 'many-' || $1 || n, '\\x00', $1, $3 FROM generate_series(1, $2) AS n`,
    [client, files, bytes],
  );
const anAuthority = () =>
  register(town.city.admin, {
    kind: 'issuing-authority',
    department: '示例局',
    authority: { creditCode: inventedCreditCode(), name: '示例局', types: ['ZZ001'] },
  });
const aged = () =>
  pool().query("UPDATE vault.sealed_blob SET created = now() - interval '25 hours'");

test.each([
  ['files', 4096, 1],
  ['bytes', 2049, 1024 * 1024],
])(
  'files that nothing names are bounded for each client by their %s, and are gone after a day',
  async (_, files, bytes) => {
    const [greedy, modest] = [await anAuthority(), await anAuthority()];
    const keep = (by: TestClient) => by.post('/v1/files', pdf, { contentType: 'application/pdf' });
    expect((await keep(greedy)).status).toBe(201);
    await stored(greedy.client, files - 1, bytes);
    const refused = await keep(greedy);
    expect([refused.status, refused.body.code]).toEqual([429, 'files_unnamed_too_many']);
    expect(refused.headers.get('retry-after')).toBe('60');
    expect((await keep(modest)).status).toBe(201);
    // What a certificate names does not count, and stays.
    const [named = ''] = (
      await pool().query<{ id: string }>('SELECT id FROM vault.sealed_blob WHERE client = $1', [
        modest.client,
      ])
    ).rows.map(({ id }) => id);
    const blobs = town.city.city.app.get(Blobs);
    expect(await blobs.belong([named], [])).toBe(true);
    await aged();
    await blobs.forgetUnnamed();
    expect((await keep(greedy)).status).toBe(201);
    expect(await blobs.get(named)).not.toBeNull();
    expect(await blobs.belong([`many-${greedy.client}1`], [])).toBe(false);
  },
);
