import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fromHex } from '#libs/kernel';
import { HASH_BYTES, leafHash, parseCheckpoint } from '#libs/log';
import { parsePolicy, verifyReceipt } from '#libs/verify';
import type { City } from '../../apps/city/city.js';
import { register, type TestClient } from '../support/client.js';
import { appendRecords } from '../support/sealed-ledger.js';
import { Town } from '../support/town.js';
import { WitnessedCity } from '../support/witnessed-city.js';

const get = (at: string, init: RequestInit = {}) => fetch(at, init);
const bytesOf = async (answer: Response) => new Uint8Array(await answer.arrayBuffer());
/** As a client asks, for what is no text. */
async function raw(client: TestClient, path: string): Promise<Response> {
  const url = client.baseUrl + path;
  const accessToken = await client.token();
  const dpop = client.key.proof({ method: 'GET', url, accessToken, body: undefined });
  return get(url, { headers: { authorization: `DPoP ${accessToken}`, dpop } });
}
const policyOf = async (url: string) => parsePolicy(await (await get(`${url}/log/policy`)).text());

describe('a city whose log needs no witness', () => {
  let town: Town<WitnessedCity>;
  let city: City;
  let auditor: TestClient;

  beforeAll(async () => {
    const made = await WitnessedCity.make({ witnessed: false });
    city = await made.open(await made.database());
    town = await Town.around(made);
    auditor = await register(made.admin, { kind: 'auditor', department: '审计' });
  });
  afterAll(() => town.stop());

  test('says where the receipt will be when the seal takes longer than a second, and has it there', async () => {
    const { token } = await town.granted();
    const { pool } = city.house.services;
    const locking = await pool.connect();
    await locking.query('BEGIN');
    // The sealer’s next step waits for this row.
    await locking.query('SELECT FROM log_sealed FOR UPDATE');
    const began = performance.now();
    const { status, body } = await town.pull(token);
    expect(performance.now() - began).toBeGreaterThan(1000);
    expect(status).toBe(200);
    expect(body.handedOver.materials).toHaveLength(1);
    const { stream, version, hash } = body.record;
    const at = `/v1/receipts/${stream}/${version}?hash=${hash}`;
    expect(body.receipt).toEqual({ receipt: null, at });
    const pending = await get(town.url + at);
    expect({ status: pending.status, body: await pending.json() }).toMatchObject({
      status: 503,
      body: { code: 'seal_pending' },
    });
    expect(pending.headers.get('retry-after')).toBe('1');
    await locking.query('ROLLBACK');
    locking.release();
    let receipt = await get(town.url + at);
    while (receipt.status === 503) receipt = await get(town.url + at);
    const shown = verifyReceipt(await bytesOf(receipt), await policyOf(town.url));
    expect(Buffer.from(shown.leaf).toString('hex')).toBe(hash);
  });

  test('asks for no version that no stream can have', async () => {
    for (const version of ['2147483648', '9999999999'])
      expect(
        (await get(`${town.url}/v1/receipts/book-A/${version}?hash=${'a'.repeat(64)}`)).status,
      ).toBe(400);
    expect(
      (await get(`${town.url}/v1/receipts/book-A/2147483647?hash=${'a'.repeat(64)}`)).status,
    ).toBe(404);
  });

  test('shows an auditor the entries of each tile, and nobody else', async () => {
    await appendRecords(city.house.services.store, 300);
    const note = () => get(`${town.url}/log/checkpoint`).then(bytesOf);
    let { size } = parseCheckpoint(await note());
    while (size < 300) ({ size } = parseCheckpoint(await note()));
    const rest = String(size - 256);
    for (const tile of ['000', `001.p/${rest}`]) {
      const hashes = await bytesOf(await get(`${town.url}/log/tile/0/${tile}`));
      const path = `/log/tile/entries/${tile}`;
      const shown = await raw(auditor, path);
      expect(shown.status).toBe(200);
      expect(shown.headers.get('content-type')).toBe('application/octet-stream');
      expect(shown.headers.get('cache-control')).toBe('no-store');
      const bundle = Buffer.from(await bytesOf(shown));
      const leaves: Uint8Array[] = [];
      for (let at = 0; at < bundle.length; at += 2 + bundle.readUInt16BE(at))
        leaves.push(leafHash(bundle.subarray(at + 2, at + 2 + bundle.readUInt16BE(at))));
      expect(leaves).toHaveLength(hashes.length / HASH_BYTES);
      expect(Buffer.concat(leaves).equals(hashes)).toBe(true);
      expect((await get(town.url + path)).status).toBe(401);
      expect((await raw(town.terminal, path)).status).toBe(403);
    }
    // What no checkpoint covers has no entries either.
    expect((await raw(auditor, '/log/tile/entries/900')).status).toBe(404);
  });

  test('lets everybody keep what never changes, and nobody what does', async () => {
    const { size } = parseCheckpoint(await get(`${town.url}/log/checkpoint`).then(bytesOf));
    const text = 'text/plain; charset=utf-8';
    const bytes = 'application/octet-stream';
    const kept = 'public, max-age=31536000, immutable';
    for (const [path, type, caching] of [
      ['checkpoint', text, 'no-store'],
      ['policy', text, 'no-store'],
      ['statement-keys', text, 'no-store'],
      ['authority-keys', text, 'no-store'],
      ['tile/0/000', bytes, kept],
      // A tile of one width never changes: a longer one has another path.
      [`tile/0/001.p/${String(size - 256)}`, bytes, kept],
      ['tile/1/000.p/1', bytes, kept],
      ['tile/0/900', 'application/problem+json; charset=utf-8', 'no-store'],
    ] as const) {
      const { headers } = await get(`${town.url}/log/${path}`);
      expect([path, headers.get('content-type'), headers.get('cache-control')]).toEqual([
        path,
        type,
        caching,
      ]);
    }
  });
});

describe('a city whose log needs a witness', () => {
  let town: Town<WitnessedCity>;

  beforeAll(async () => {
    const made = await WitnessedCity.make();
    await made.open(await made.database());
    town = await Town.around(made);
  });
  afterAll(() => town.stop());

  test('hands nothing over before the witness has seen the record, and says so after ten seconds', async () => {
    const { token, at, number } = await town.granted();
    const other = await town.granted();
    await town.city.witness!.stop();
    const began = performance.now();
    const answer = await town.pull(token);
    expect(performance.now() - began).toBeGreaterThan(10_000);
    expect(answer).toMatchObject({ status: 503, body: { code: 'seal_pending' } });
    expect(JSON.stringify(answer.body)).not.toContain(number);
    expect(answer.body.handedOver).toBeUndefined();
    expect((await town.terminal.get('/v1/ledger/health')).body).toMatchObject({
      state: 'witnesses-missing',
      quorum: false,
    });
    // Another one waits, and gets its data and a receipt as soon as the witness is back.
    let answered = false;
    const pulling = town.pull(other.token).finally(() => (answered = true));
    await new Promise((resolve) => setTimeout(resolve, 2000));
    expect(answered).toBe(false);
    await town.city.witness!.open();
    const { status, body } = await pulling;
    expect(status).toBe(200);
    const shown = verifyReceipt(Buffer.from(body.receipt.receipt), await policyOf(town.url));
    expect(shown.witnesses).toHaveLength(1);
    expect(shown.leaf).toEqual(fromHex(body.record.hash));
    // The first one is redeemed: it is read again where it was refused.
    const again = await town.terminal.post(`${at}/read-again`);
    expect(again).toMatchObject({ status: 200, body: { reading: 1 } });
    let health = await town.terminal.get('/v1/ledger/health');
    while (health.body.state !== 'ok') health = await town.terminal.get('/v1/ledger/health');
    expect(health.body).toMatchObject({ quorum: true, witnesses: [{ name: 'w', cosigned: true }] });
    expect(health.body.sealedAt).not.toBeNull();
  });
});
