/* eslint-disable @typescript-eslint/no-unsafe-return -- what an answer's body is, is of no matter here */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { openLog, Settings } from '#libs/platform';
import { type City, startCity } from '../../apps/city/city.js';
import { TestKey } from '../support/keys.js';
import { freePort } from '../support/ports.js';
import { done, type GrantedConsent, Town } from '../support/town.js';
import { WitnessedCity } from '../support/witnessed-city.js';

/**
 * A city of two processes whose log needs a witness, which is as slow as a test wants: what is
 * acknowledged while a release waits for it wins.
 */
let city: WitnessedCity;
let first: City;
let second: City;
let urls: readonly string[];
let town: Town<WitnessedCity>;

beforeAll(async () => {
  city = await WitnessedCity.make();
  const database = await city.database();
  first = await city.open(database);
  const port = String(await freePort());
  second = await startCity(
    Settings.from({
      ...city.env(database),
      PORT: port,
      PUBLIC_URL: city.baseUrl,
      ISSUER_URL: `${city.baseUrl}/identity`,
    }),
    openLog('silent'),
  );
  urls = [city.baseUrl, `http://127.0.0.1:${port}`];
});
afterAll(async () => {
  await second.stop();
  await city.stop();
});

/** A request of the town's terminal to one of the two processes. */
async function send(at: string, path: string, body?: object) {
  const accessToken = await town.terminal.token();
  const text = body === undefined ? '' : JSON.stringify(body);
  const proof = { method: 'POST', url: city.baseUrl + path, accessToken, body: text };
  const response = await fetch(at + path, {
    method: 'POST',
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      'idempotency-key': randomUUID(),
      authorization: `DPoP ${accessToken}`,
      dpop: town.terminal.key.proof(proof),
    },
    ...(body !== undefined && { body: text }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const told = async ({ phone }: GrantedConsent) =>
  (done(await phone.get('/v1/phone/accesses')).accesses as { kind: string }[]).map(
    ({ kind }) => kind,
  );

/**
 * What came of a request during which nothing was sealed before `meanwhile` was over. `kind` is
 * what the book says first.
 */
async function whileItWaits(
  granted: GrantedConsent,
  kind: string,
  request: () => ReturnType<typeof send>,
  meanwhile: () => Promise<unknown>,
) {
  const holding = await first.house.services.pool.connect();
  try {
    await holding.query('BEGIN');
    // The sealer's next step waits for this row.
    await holding.query('SELECT FROM log_sealed FOR UPDATE');
    const answer = request();
    while (!(await told(granted)).includes(kind));
    await meanwhile();
    await holding.query('ROLLBACK');
    return await answer;
  } finally {
    holding.release();
  }
}

const takenAway: readonly (readonly [string, (on: GrantedConsent) => Promise<unknown>])[] = [
  [
    'consent_withdrawn',
    async ({ phone, consent }) => done(await phone.post(`/v1/phone/consents/${consent}/withdraw`)),
  ],
  [
    'caller_disabled',
    async () =>
      done(
        await city.admin.post(`/v1/clients/${town.terminal.client}/disable`, { reason: 'stolen' }),
      ),
  ],
  [
    'caller_key_replaced',
    async () =>
      done(
        await city.admin.post(
          `/v1/clients/${town.terminal.client}/keys`,
          await new TestKey().provedFor(town.terminal.client),
        ),
      ),
  ],
];

describe.each([
  ['the process that is asked', 0],
  ['another process', 1],
] as const)('while a release waits, at %s,', (_, at) => {
  const url = () => urls[at] ?? '';
  test.each(takenAway)('%s is answered: no data leave any more', async (reason, take) => {
    town = await Town.around(city);
    const granted = await town.granted();
    const answer = await whileItWaits(
      granted,
      'released',
      () => send(url(), '/v1/releases', { token: granted.token }),
      () => take(granted),
    );
    expect(answer).toMatchObject({
      status: 403,
      body: { code: 'release_withheld', facts: { reason } },
    });
    expect((await told(granted)).at(-1)).toBe('withheld');
  });

  test.each(takenAway)('%s is answered: nothing is read again', async (reason, take) => {
    town = await Town.around(city);
    const granted = await town.granted();
    done(await town.pull(granted.token));
    const answer = await whileItWaits(
      granted,
      'read-again',
      () => send(url(), `${granted.at}/read-again`),
      () => take(granted),
    );
    expect(answer).toMatchObject({
      status: 403,
      body: { code: 'release_withheld', facts: { reason } },
    });
    expect((await told(granted)).at(-1)).toBe('withheld');
  });
});

test('the key of a lost phone, taken back while the release waits, has granted nothing', async () => {
  town = await Town.around(city);
  const granted = await town.granted();
  const answer = await whileItWaits(
    granted,
    'released',
    () => send(urls[1] ?? '', '/v1/releases', { token: granted.token }),
    async () =>
      done(
        await granted.phone.post(`/v1/phone/keys/${granted.phone.key.jkt}/revoke`, {
          reason: 'lost',
        }),
      ),
  );
  expect(answer).toMatchObject({
    status: 403,
    body: { code: 'release_withheld', facts: { reason: 'phone_key_revoked' } },
  });
});
