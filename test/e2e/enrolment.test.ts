import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHash, randomBytes, randomInt, randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { residentIdCheck } from '#libs/kernel';
import { startCity, type TestCity } from '../support/city.js';
import { register, type TestClient, TestPhone } from '../support/client.js';

let city: TestCity;
let terminal: TestClient;

beforeAll(async () => {
  city = await startCity();
  terminal = await newTerminal();
});
afterAll(() => city.stop());

const newTerminal = (department = 'social-security') =>
  register(city.admin, { kind: 'terminal', department, window: 'hall-1-03' });

/** A resident id number that belongs to no person: no area code starts with 99. */
function inventNumber(): string {
  const first17 = `99${String(randomInt(0, 10_000)).padStart(4, '0')}19${randomInt(50, 99)}0101${String(randomInt(0, 1000)).padStart(3, '0')}`;
  return first17 + (residentIdCheck(first17) ?? '');
}
const seconds = () => Math.floor(Date.now() / 1000);
const identifierOf = (number: string) => ({ identifier: { kind: '111', number } });
const identify = (at: TestClient, number: string) =>
  at.post<{ subject: string; code?: string }>('/v1/subjects/identify', {
    ...identifierOf(number),
    basis: 'document',
  });

const proofOf = (phone: TestPhone, code: string) =>
  phone.sign('phone-key+jws', {
    codeHash: createHash('sha256').update(code).digest('base64url'),
    jkt: phone.key.jkt,
    iat: seconds(),
  });

/**
 * What an unknown phone sends: no proof of possession in a header, because the proof is in the
 * body.
 */
async function offer(body: unknown, idempotencyKey = randomUUID()) {
  const response = await fetch(`${city.baseUrl}/v1/enrolments/offer`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': idempotencyKey },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return {
    status: response.status,
    body: (await response.json()) as Record<string, unknown>,
  };
}
const offerOf = (phone: TestPhone, code: string) =>
  offer({ code, jwk: phone.key.jwk, proof: proofOf(phone, code) });

async function openFor(number: string, at = terminal) {
  const { body } = await identify(at, number);
  const opened = await at.post<{ enrolment: string; code: string; expires: string }>(
    '/v1/enrolments',
    identifierOf(number),
  );
  expect(opened.status).toBe(201);
  return { sub: body.subject, ...opened.body };
}
const confirm = (at: TestClient, says: { sub: string; enrolment: string; jkt: string }) =>
  at.post<Record<string, unknown>>(`/v1/enrolments/${says.enrolment}/confirm`, {
    statement: at.key.sign({ typ: 'enrolment+jws', kid: at.key.jkt }, { ...says, iat: seconds() }),
  });

async function enrol(phone = new TestPhone(city.baseUrl), number = inventNumber()) {
  const { sub, enrolment, code } = await openFor(number);
  expect((await offerOf(phone, code)).status).toBe(200);
  const done = await confirm(terminal, { sub, enrolment, jkt: phone.key.jkt });
  expect(done.status).toBe(200);
  return { phone, number, enrolment, code };
}

/** As the waiting phone asks, before anything may be signed by its key. */
async function isEnrolled({ key }: TestPhone): Promise<unknown> {
  const response = await fetch(`${city.baseUrl}/v1/enrolments/state`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
    body: JSON.stringify({ jkt: key.jkt }),
  });
  return ((await response.json()) as { enrolled: unknown }).enrolled;
}

describe('a person at a window', () => {
  test('enrols a phone, which from then on is let in by its key alone', async () => {
    const phone = new TestPhone(city.baseUrl);
    const { sub, enrolment, code } = await openFor(inventNumber());
    expect((await phone.get('/v1/phone/wallet')).status).toBe(401);

    const offered = await offerOf(phone, code);
    expect(offered).toEqual({ status: 200, body: { enrolment, jkt: phone.key.jkt } });
    expect(await isEnrolled(phone)).toBe(false);
    expect((await phone.get('/v1/phone/wallet')).status).toBe(401);

    const seen = await terminal.get(`/v1/enrolments/${enrolment}`);
    expect(seen.body).toMatchObject({ state: 'offered', subject: sub, jkt: phone.key.jkt });

    const done = await confirm(terminal, { sub, enrolment, jkt: phone.key.jkt });
    expect(done).toMatchObject({ status: 200, body: { enrolment, jkt: phone.key.jkt } });
    expect((await phone.get('/v1/phone/wallet')).status).toBe(200);
    expect(await isEnrolled(phone)).toBe(true);
  });

  test('is known to each department by another id', async () => {
    const number = inventNumber();
    const elsewhere = await newTerminal('tax');
    const here = await identify(terminal, number);
    expect(here.status).toBe(200);
    expect((await identify(terminal, number)).body).toEqual(here.body);
    const there = await identify(elsewhere, number);
    expect(there.body.subject).toMatch(/^[\w-]{22}$/);
    expect(there.body.subject).not.toBe(here.body.subject);
  });

  test('is answered alike whether or not the ledger knew the number', async () => {
    const known = inventNumber();
    await identify(terminal, known);
    const answers = [await identify(terminal, known), await identify(terminal, inventNumber())];
    const shapes = answers.map(({ status, body }) => [
      status,
      Object.keys(body),
      JSON.stringify(body).length,
    ]);
    expect(shapes[0]).toEqual(shapes[1]);
  });

  test('gets no code before the department checked the identity', async () => {
    const refused = await terminal.post('/v1/enrolments', identifierOf(inventNumber()));
    expect(refused).toMatchObject({ status: 403, body: { code: 'subject_not_identified' } });
  });

  test('gets the same code when the terminal asks again for the lost answer', async () => {
    const number = inventNumber();
    await identify(terminal, number);
    const idempotencyKey = randomUUID();
    const ask = () => terminal.post('/v1/enrolments', identifierOf(number), { idempotencyKey });
    expect((await ask()).body).toEqual((await ask()).body);
  });
});

describe('bad input', () => {
  test.each([
    ['a wrong check', { kind: '111', number: '990000196301010019' }, 'identifier_check_failed'],
    ['full-width digits', { kind: '111', number: '99000019630101001６' }, 'identifier_malformed'],
    ['a kind that there is not', { kind: '112', number: '1' }, 'request_invalid'],
    ['a number that is no text', { kind: '111', number: 990000 }, 'request_invalid'],
    ['one more member', { kind: '111', number: '1', name: 'x' }, 'request_invalid'],
    ['a number without end', { kind: '999', number: '9'.repeat(65) }, 'request_invalid'],
    ['nothing', null, 'request_invalid'],
    ['a list', [{ kind: '111', number: '1' }], 'request_invalid'],
  ])(
    'of an identifier with %s is refused, and the number is not repeated',
    async (_, identifier, code) => {
      const { status, body } = await terminal.post('/v1/subjects/identify', {
        identifier,
        basis: 'document',
      });
      expect({ status, code: body.code }).toEqual({ status: 400, code });
      expect(JSON.stringify(body)).not.toMatch(/990000|９|999999/);
    },
  );

  test.each([
    ['no body', ''],
    ['half a body', '{"code":'],
    ['a code of another shape', { code: 'short', jwk: {}, proof: 'a.b.c' }],
    ['a key that is text', { code: 'A'.repeat(22), jwk: 'key', proof: 'aaaaaaaaaa.bbbbbbbbbb.c' }],
    ['a proof that is no token', { code: 'A'.repeat(22), jwk: {}, proof: 'x'.repeat(40) }],
    ['a member twice', '{"code":"A","code":"B","jwk":{},"proof":"a.b.c"}'],
    ['__proto__', '{"code":"A","jwk":{"__proto__":{}},"proof":"a.b.c"}'],
  ])('of an offer with %s is refused', async (_, body) => {
    expect((await offer(body)).status).toBe(400);
  });

  test('of a code that is wrong or used, or a proof that is not for it, is refused', async () => {
    const { code } = await enrol();
    const phone = new TestPhone(city.baseUrl);
    const wrong = randomBytes(16).toString('base64url');
    const [used, unknown] = [await offerOf(phone, code), await offerOf(phone, wrong)];
    expect(used).toMatchObject({ status: 403, body: { code: 'enrolment_code_refused' } });
    const { request: one, ...usedBody } = used.body;
    const { request: two, ...unknownBody } = unknown.body;
    expect(one).not.toBe(two);
    expect({ ...used, body: usedBody }).toEqual({ ...unknown, body: unknownBody });

    const { code: fresh } = await openFor(inventNumber());
    const stolen = await offer({ code: fresh, jwk: phone.key.jwk, proof: proofOf(phone, wrong) });
    expect(stolen).toMatchObject({ status: 403, body: { code: 'phone_key_proof_refused' } });
  });
});

describe('an enrolment', () => {
  test('is shown to and confirmed by the terminal that opened it, and no other', async () => {
    const other = await newTerminal();
    const phone = new TestPhone(city.baseUrl);
    const { sub, enrolment, code } = await openFor(inventNumber());
    await offerOf(phone, code);
    const says = { sub, enrolment, jkt: phone.key.jkt };
    for (const answer of [
      await other.get(`/v1/enrolments/${enrolment}`),
      await confirm(other, says),
      await terminal.get('/v1/enrolments/AAAAAAAAAAAAAAAAAAAAAA'),
    ])
      expect(answer).toMatchObject({ status: 404, body: { code: 'enrolment_absent' } });
    expect((await phone.get('/v1/phone/wallet')).status).toBe(401);
  });

  test('is not confirmed by a statement for another phone', async () => {
    const [phone, evil] = [new TestPhone(city.baseUrl), new TestPhone(city.baseUrl)];
    const { sub, enrolment, code } = await openFor(inventNumber());
    await offerOf(phone, code);
    expect(await confirm(terminal, { sub, enrolment, jkt: evil.key.jkt })).toMatchObject({
      status: 403,
      body: { code: 'enrolment_statement_refused' },
    });
  });
});

describe('a holder', () => {
  const key = (phone: TestPhone, state: string, asking: boolean) => ({
    jkt: phone.key.jkt,
    state,
    department: 'social-security',
    asking,
    passkeys: [],
  });

  test('takes the key of a lost phone back with another phone, and it is let in no more', async () => {
    const lost = await enrol();
    const spare = await enrol(new TestPhone(city.baseUrl), lost.number);
    const revoked = await spare.phone.post(`/v1/phone/keys/${lost.phone.key.jkt}/revoke`, {
      reason: 'lost',
    });
    expect(revoked).toMatchObject({ status: 200, body: { jkt: lost.phone.key.jkt } });
    expect((await lost.phone.get('/v1/phone/wallet')).status).toBe(401);
    expect((await spare.phone.get('/v1/phone/keys')).body).toEqual({
      keys: [key(lost.phone, 'revoked', false), key(spare.phone, 'active', true)],
    });
    expect((await spare.phone.get('/v1/phone/wallet')).status).toBe(200);
  });

  test('takes back the key of the phone in hand without saying why, and for good', async () => {
    const { phone } = await enrol();
    const path = `/v1/phone/keys/${phone.key.jkt}/revoke`;
    expect(await phone.post(path, { reason: '我丢了' })).toMatchObject({
      status: 400,
      body: { code: 'request_invalid' },
    });
    expect((await phone.post(path)).status).toBe(200);
    expect((await phone.post(path)).status).toBe(401);
  });

  test('cannot take back the phone of somebody else', async () => {
    const [mine, theirs] = [await enrol(), await enrol()];
    expect(
      await mine.phone.post(`/v1/phone/keys/${theirs.phone.key.jkt}/revoke`, {}),
    ).toMatchObject({ status: 404, body: { code: 'phone_key_absent' } });
    expect((await theirs.phone.get('/v1/phone/wallet')).status).toBe(200);
  });
});

test('no number, code or client secret stands in clear in any record or table', async () => {
  const { number, code } = await enrol();
  const pool = new pg.Pool({ connectionString: city.databaseUrl, max: 1 });
  try {
    const { rows: tables } = await pool.query<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
       WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
    );
    expect(tables.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['public.log_record', 'vault.lookup', 'public.idempotency']),
    );
    for (const { name } of tables) {
      const { rows } = await pool.query<{ n: string }>(
        `SELECT count(*) AS n FROM ${name} AS t
         WHERE ${[number, code].map((marker) => `t::text LIKE '%${marker}%' OR t::text LIKE '%${Buffer.from(marker).toString('hex')}%'`).join(' OR ')}`,
      );
      expect([name, rows[0]?.n]).toEqual([name, '0']);
    }
  } finally {
    await pool.end();
  }
});

test('the keys of the vault lie in files for the owner alone, and the database knows which they are', async () => {
  for (const file of ['master.key', 'pepper.key'])
    expect((await stat(join(city.dataDir, 'keys', file))).mode & 0o777).toBe(0o600);
  const { rows } = await city.city.house.services.pool.query<{ purpose: string }>(
    'SELECT purpose FROM vault.key_in_use ORDER BY purpose',
  );
  expect(rows.map(({ purpose }) => purpose)).toEqual(['master', 'pairwise', 'pepper']);
});
