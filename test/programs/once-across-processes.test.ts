/* eslint-disable @typescript-eslint/no-unsafe-call -- tests look into bodies without declaring them */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { EventStoreDouble } from '../eventstore/double.js';
import { CityProcesses } from '../support/city-processes.js';
import type { Answer } from '../support/client.js';
import { expectProblem } from '../support/refusal.js';
import { done, type GrantedConsent, holderName, Town } from '../support/town.js';

let city: CityProcesses;
let town: Town<CityProcesses>;

/** A redemption at one of the processes; proofs are for the public URL, whichever it is. */
async function redeem(
  token: string,
  process: number,
  idempotencyKey = randomUUID(),
): Promise<Answer> {
  const url = `${city.baseUrl}/v1/releases`;
  const accessToken = await town.terminal.token();
  const body = JSON.stringify({ token });
  const response = await fetch(`${city.urls[process % city.urls.length] ?? ''}/v1/releases`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'idempotency-key': idempotencyKey,
      authorization: `DPoP ${accessToken}`,
      dpop: town.terminal.key.proof({ method: 'POST', url, accessToken, body }),
    },
    body,
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

async function expectOneWinner(
  answers: readonly Answer[],
  { phone }: GrantedConsent,
): Promise<void> {
  const won = answers.filter(({ status }) => status === 200);
  expect(won).toHaveLength(1);
  for (const answer of answers) {
    if (answer.status === 200) continue;
    expect([answer.status, answer.body.code]).toEqual([403, 'consent_spent']);
    expectProblem(answer);
    expect(JSON.stringify(answer.body)).not.toContain(holderName);
  }
  const { accesses } = done(await phone.get('/v1/phone/accesses'));
  expect(accesses.map(({ kind }: { kind: string }) => kind)).toEqual([
    'requested',
    'granted',
    'released',
  ]);
  expect(accesses[2]).toMatchObject({ hash: won[0]?.body.record.hash });
}

describe.each(['PostgreSQL', 'EventStoreDB'])('two processes of one city on %s', (place) => {
  let double: EventStoreDouble | undefined;
  beforeAll(async () => {
    double = place === 'EventStoreDB' ? await EventStoreDouble.start() : undefined;
    city = await CityProcesses.start(2, double?.url);
    town = await Town.around(city);
  }, 180_000);
  afterAll(async () => {
    await city.stop();
    await double?.stop();
  });

  test('the set of pages that both serve is recorded once', async () => {
    for (const url of city.urls) {
      const response = await fetch(`${url}/log/pages`);
      expect(await response.json()).toMatchObject({ record: { version: 0 } });
    }
  });

  test('64 simultaneous redemptions of one consent: exactly one wins', async () => {
    const granted = await town.granted();
    const answers = await Promise.all(
      Array.from({ length: 64 }, (_, n) => redeem(granted.token, n)),
    );
    await expectOneWinner(answers, granted);
  });

  test('64 under one and the same Idempotency-Key: data still leave once', async () => {
    const granted = await town.granted();
    const key = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 64 }, (_, n) => redeem(granted.token, n, key)),
    );
    await expectOneWinner(answers, granted);
  });

  test('eight consents at once, each redeemed by eight requests with eight tokens: eight winners', async () => {
    const all = [];
    for (let n = 0; n < 8; n++) all.push(await town.granted());
    const tokens = await Promise.all(
      all.map(({ at }) => Promise.all(Array.from({ length: 8 }, () => town.token(at)))),
    );
    const answers = await Promise.all(
      tokens.map((each) => Promise.all(each.map((token, n) => redeem(token, n)))),
    );
    for (const [n, granted] of all.entries()) await expectOneWinner(answers[n] ?? [], granted);
  });

  test('one QR code shown at both: one case is opened', async () => {
    const { phone } = await town.holder();
    const { code } = done(await phone.post('/v1/phone/codes'));
    const body = JSON.stringify({ matter: 'SX0001', participants: [{ role: 'applicant', code }] });
    const accessToken = await town.terminal.token();
    const opened = await Promise.all(
      Array.from({ length: 16 }, async (_, n) => {
        const response = await fetch(`${city.urls[n % 2] ?? ''}/v1/cases`, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            'idempotency-key': randomUUID(),
            authorization: `DPoP ${accessToken}`,
            dpop: town.terminal.key.proof({
              method: 'POST',
              url: `${city.baseUrl}/v1/cases`,
              accessToken,
              body,
            }),
          },
          body,
        });
        return response.status;
      }),
    );
    expect(opened.sort()).toEqual([201, ...Array.from({ length: 15 }, () => 403)]);
  });

  test('what one process released is spent at the other, after the first is killed', async () => {
    const granted = await town.granted();
    expect((await redeem(granted.token, 1)).status).toBe(200);
    await city.kill(1);
    const answer = await redeem(granted.token, 0);
    expect([answer.status, answer.body.code]).toEqual([403, 'consent_spent']);
  });
});
