/* eslint-disable @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-return -- tests look into bodies without declaring them */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkLedger } from '#libs/audit/ledger-check';
import { parsePolicy } from '#libs/verify';
import type { City } from '../../apps/city/city.js';
import { inventedCreditCode } from '../support/authority.js';
import { register, TestClient } from '../support/client.js';
import { TestKey } from '../support/keys.js';
import { admitSecond } from '../support/second-administrator.js';
import { newOperator, signIn } from '../support/operator.js';
import { done, epochNow, Town } from '../support/town.js';

const scopes = ['clients:manage', 'catalogue:manage', 'subjects:erase', 'ledger:exclude'] as const;
let town: Town;
let admin: TestClient;
let second: TestClient;

const storeOfCity = () => town.city.city.house.services.store;
const codeOf = ({ status, body }: { status: number; body: { code?: string } }) => [
  status,
  body.code,
];
const refused = (code: string) => [403, code];

/** A person to erase, and each administrator's request for it. */
async function person() {
  const { number } = await town.holder();
  return async (by: TestClient): Promise<string> => {
    const asked = await by.post('/v1/erasures', {
      identifier: { kind: '111', number },
      reason: 'consent-withdrawn',
    });
    return done(asked).erasure as string;
  };
}
const approve = (by: TestClient, erasure: string) => by.post(`/v1/erasures/${erasure}/approve`);
async function findings({ house }: City) {
  const { pool, settings, store } = house.services;
  const { sealer } = house.sealed;
  const { length } = await store.readAll(0n, 100_000);
  await sealer.reached(length, 30_000);
  const policy = parsePolicy(await readFile(join(settings.dataDir, 'log-policy')));
  const options = { city: store.city, policy, store, threads: 0 };
  return (await checkLedger(pool, town.city.databaseUrl, options)).findings;
}

beforeAll(async () => {
  town = await Town.start({ LOG_LEVEL: 'error' });
  ({ admin } = town.city);
  second = await admitSecond(storeOfCity(), admin);
}, 180_000);
afterAll(() => town.stop());

describe('an erasure needs two independent administrators', () => {
  test('is refused when one gave the other a key', async () => {
    const evil = new TestKey();
    const given = await admin.post(
      `/v1/clients/${second.client}/keys`,
      await evil.provedFor(second.client),
    );
    expect(codeOf(given)).toEqual(refused('client_admitted_by_city'));
    const asSecond = new TestClient(town.url, second.client, evil, scopes);
    const puppet = await register(admin, { kind: 'administrator', department: '法制' });
    const byPuppet = await puppet.post(
      `/v1/clients/${second.client}/keys`,
      await evil.provedFor(second.client),
    );
    expect(codeOf(byPuppet)).toEqual(refused('client_admitted_by_city'));
    await expect((async () => (await person())(asSecond))()).rejects.toThrow();
  });

  test('by what a key of its own asked for, once the other gave that client an honest key', async () => {
    const puppet = await register(admin, { kind: 'administrator', department: '法制' });
    const ask = await person();
    const erasure = await ask(puppet);
    expect(codeOf(await approve(admin, erasure))).toEqual(
      refused('erasure_administrators_not_independent'),
    );
    const honest = new TestKey();
    done(
      await second.post(`/v1/clients/${puppet.client}/keys`, await honest.provedFor(puppet.client)),
    );
    expect(codeOf(await approve(admin, erasure))).toEqual(
      refused('erasure_administrators_not_independent'),
    );
    expect(done(await second.get(`/v1/erasures/${erasure}`))).toMatchObject({
      state: 'requested',
      requesterKeyFrom: [admin.client],
    });
    // It can no longer be approved: it is requested again with the honest key, and then approved.
    expect(codeOf(await approve(second, erasure))).toEqual(refused('erasure_requester_changed'));
    const again = await ask(new TestClient(town.url, puppet.client, honest, puppet.scopes));
    expect(again).not.toBe(erasure);
    done(await approve(admin, again));
    expect(codeOf(await approve(second, erasure))).toEqual(refused('erasure_requester_changed'));
  });

  test('and what was asked for with a key that the operator has replaced since is asked for again', async () => {
    const ask = await person();
    const erasure = await ask(second);
    second = await admitSecond(storeOfCity(), admin);
    // Another process would see the new key within a second.
    town.city.city.house.identity.clients.forget(second.client);
    expect(codeOf(await approve(admin, erasure))).toEqual(refused('erasure_requester_changed'));
    const again = await ask(admin);
    expect(again).not.toBe(erasure);
    done(await approve(second, again));
  });
});

describe('operators who are administrators erase at terminals of their own', () => {
  const at = { department: '管理', window: 'admin' };
  /** Whom an administrator invited, at a terminal that the same registered. */
  async function seat(by: TestClient) {
    const terminal = await register(by, {
      kind: 'terminal',
      signIn: 'operator',
      scopes: ['clients:manage', 'subjects:erase', 'matters:read'],
      ...at,
    });
    const operator = await newOperator(by, terminal, ['administrator'], at.department);
    return { terminal, operator, there: await signIn(terminal, operator) };
  }

  test('two who are independent, each named in the record; and nobody else', async () => {
    const [one, other] = [await seat(admin), await seat(second)];
    const ask = await person();
    const { administrators } = done(await one.there.get('/v1/administrators'));
    const seen = (operator: string) =>
      administrators.find((each: { operator: string | null }) => each.operator === operator);
    expect(seen(one.operator.operator)).toMatchObject({ isCaller: true, name: '示例·甲' });
    expect(seen(other.operator.operator)).toMatchObject({ isCaller: false, sharedControl: [] });
    const registrar = administrators.find(
      (each: { client: string | null }) => each.client === admin.client,
    );
    expect(registrar.sharedControl).not.toEqual([]);
    const erasure = await ask(one.there);
    expect(codeOf(await approve(one.there, erasure))).toEqual(
      refused('erasure_needs_second_administrator'),
    );
    const third = await newOperator(admin, one.terminal, ['administrator'], at.department);
    const atTheSame = await signIn(one.terminal, third);
    expect(codeOf(await approve(atTheSame, erasure))).toEqual(
      refused('erasure_administrators_not_independent'),
    );
    expect(codeOf(await atTheSame.post(`/v1/erasures/${erasure}/withdraw`))).toEqual(
      refused('erasure_of_another_administrator'),
    );
    const clerk = await newOperator(second, other.terminal, ['clerk'], at.department);
    expect(codeOf(await approve(await signIn(other.terminal, clerk), erasure))).toEqual(
      refused('scope_missing'),
    );
    const { record } = done(await approve(other.there, erasure));
    const records = await storeOfCity().readStream(record.stream);
    expect(records.filter(({ body }) => body.type.startsWith('Erasure'))).toMatchObject(
      [one, other].map(({ terminal, operator }) => ({
        body: {
          schema: 2,
          actor: { client: terminal.client, operator: operator.operator },
        },
      })),
    );
  });

  test('an authority’s key is vouched for by an administrator’s key, whoever asks', async () => {
    const { there } = await seat(admin);
    const authority = await register(there, {
      kind: 'issuing-authority',
      department: '公安',
      authority: { creditCode: inventedCreditCode(), name: '示例局', types: ['ZZ001'] },
    });
    const key = new TestKey();
    const { jwk, proof } = await key.provedFor(authority.client);
    const asked = (by: TestClient) => ({
      jwk,
      proof,
      approval: {
        by: by.client,
        jws: by.key.sign(
          { typ: 'client-key-approval+jws', kid: by.key.jkt },
          {
            aud: town.city.city.house.services.store.city,
            iat: epochNow(),
            by: by.client,
            client: authority.client,
            jkt: key.jkt,
          },
        ),
      },
    });
    const path = `/v1/clients/${authority.client}/keys`;
    expect(codeOf(await there.post(path, asked(admin)))).toEqual(
      refused('client_key_approvers_not_independent'),
    );
    done(await there.post(path, asked(second)));
  });
});

describe('no client shuts out an administrator whom the city admitted', () => {
  test('neither the other one, nor whom that one registered', async () => {
    const puppet = await register(admin, { kind: 'administrator', department: '法制' });
    for (const [by, whom] of [
      [admin, second],
      [puppet, second],
      [puppet, admin],
      [second, admin],
    ] as const) {
      const answer = await by.post(`/v1/clients/${whom.client}/disable`, { reason: 'lost' });
      expect(codeOf(answer)).toEqual(refused('client_admitted_by_city'));
    }
    // Itself it may: that is its own key.
    const next = new TestKey();
    done(
      await second.post(`/v1/clients/${second.client}/keys`, await next.provedFor(second.client)),
    );
    second = new TestClient(town.url, second.client, next, scopes);
  });
});

test('a ledger in which all this was tried is as it must be', async () => {
  expect(await findings(town.city.city)).toEqual([]);
});

describe('a city starts with every key file', () => {
  const startWith = async (running: City, key: TestKey) => {
    const file = join(town.city.dataDir, 'keys', 'second-administrator.jwk');
    await writeFile(file, JSON.stringify(key.jwk), { mode: 0o600 });
    await running.stop();
    return town.city.startAgain();
  };
  let running: City;

  test('one of another client is not admitted, and told in the log', async () => {
    running = await startWith(town.city.city, town.terminal.key);
    const log = await readFile(join(town.city.dataDir, 'city.log'), 'utf8');
    const line = log.split('\n').find((one) => one.includes('administrator_not_admitted'));
    expect(JSON.parse(line ?? '{}')).toMatchObject({
      code: 'client_key_taken',
      client: second.client,
    });
    expect((await second.get('/v1/clients')).status).toBe(200);
  });

  test('a new one lets in an administrator who was disabled', async () => {
    const { store } = running.house.services;
    const stream = `client-${second.client}`;
    const { length } = await store.readStream(stream);
    await store.append(stream, length - 1, [
      {
        id: randomBytes(16).toString('hex'),
        type: 'ClientDisabled',
        schema: 1,
        time: new Date().toISOString(),
        actor: { client: admin.client },
        data: { reason: 'lost' },
      },
    ]);
    const key = new TestKey();
    running = await startWith(running, key);
    second = new TestClient(town.url, second.client, key, scopes);
    expect((await second.get('/v1/clients')).status).toBe(200);
    const records = await running.house.services.store.readStream(stream);
    expect(records.slice(-2).map(({ body: { type, actor } }) => [type, actor.client])).toEqual([
      ['ClientKeyRotated', 'city'],
      ['ClientEnabled', 'city'],
    ]);
    // An earlier release may not have allowed this, and the check reports it.
    expect((await findings(running)).map(({ what }) => what)).toEqual([
      'admitted_administrator_changed',
    ]);
  });
});
