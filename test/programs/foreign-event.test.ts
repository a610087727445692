import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkLedger, type LedgerReport } from '#libs/audit/ledger-check';
import { exclusionStream, recordedName, START } from '#libs/event-store';
import { parsePolicy } from '#libs/verify';
import type { City } from '../../apps/city/city.js';
import { EventStoreDouble } from '../eventstore/double.js';
import { startCity, type TestCity } from '../support/city.js';
import { register, TestClient } from '../support/client.js';
import { TestKey } from '../support/keys.js';
import { admitSecond } from '../support/second-administrator.js';
import { done } from '../support/town.js';

const program = fileURLToPath(new URL('../../scripts/mianzheng.mjs', import.meta.url));

/**
 * Another program appends to EventStoreDB under the names of a city, and nothing there takes it
 * away again.
 */
describe('a foreign event under the names of a city', () => {
  let double: EventStoreDouble;
  let testCity: TestCity;
  let running: City;
  let admin: TestClient;
  let second: TestClient;
  let third: TestClient;
  let auditor: TestClient;
  /** A stream of the ledger. */
  let ours: string;

  const health = async () => {
    const url = running.house.services.settings.publicUrl;
    const answer = await fetch(`${url}/health/ready`);
    return (await answer.json()) as {
      ready: boolean;
      parts: Record<string, string>;
      where?: Record<string, string>;
    };
  };
  const until = async <Found>(look: () => Promise<Found>, fits: (found: Found) => boolean) => {
    for (;;) {
      const found = await look();
      if (fits(found)) return found;
      await new Promise(setImmediate);
    }
  };
  const refused = () => until(health, ({ parts }) => parts['log'] === 'sealing_refused');
  const check = async (): Promise<LedgerReport> => {
    const { pool, store, settings } = running.house.services;
    const policy = parsePolicy(await readFile(join(settings.dataDir, 'log-policy')));
    const { databaseUrl: url } = testCity;
    return checkLedger(pool, url, { city: store.city, policy, store, threads: 0 });
  };
  const ask = (client: TestClient, stream: string) =>
    client.post('/v1/ledger/exclusions', { stream, reason: 'another-program' });
  const name = (stream: string) => `${running.house.services.store.city}/${stream}`;
  const registered = (by: TestClient) =>
    register(by, { kind: 'auditor', department: '审计', name: `审计 ${Math.random()}` });

  const mianzheng = (...words: readonly string[]) =>
    new Promise<{ readonly code: unknown; readonly out: string; readonly errors: string }>(
      (resolve) => {
        const { dataDir, databaseUrl, baseUrl } = testCity;
        const env = {
          ...{ DATA_DIR: dataDir, DATABASE_URL: databaseUrl, EVENT_STORE_URL: double.url },
          MIANZHENG_URL: baseUrl,
        };
        execFile(
          process.execPath,
          [program, ...words],
          { env: { ...process.env, ...env } },
          (error, out, errors) => {
            resolve({ code: error === null ? 0 : error.code, out, errors });
          },
        );
      },
    );

  beforeAll(async () => {
    double = await EventStoreDouble.start();
    testCity = await startCity({ EVENT_STORE_URL: double.url, LOG_LEVEL: 'info' });
    running = testCity.city;
    admin = testCity.admin;
    second = await admitSecond(running.house.services.store, admin);
    third = await register(admin, { kind: 'administrator', department: 'city' });
    auditor = await register(admin, { kind: 'auditor', department: '审计' });
    // The acting administrator's own stream is affected: administrators are known all the same.
    ours = `client-${second.client}`;
    await testCity.caughtUp();
  });
  afterAll(async () => {
    await testCity.stop();
    await double.stop();
  });

  test('stops the ledger, and is told with stream, version and position: to watchers, in the log, by the check', async () => {
    const position = String(double.intrude(name(ours)));
    const { where } = await refused();
    // A name that is not random may have been chosen by another program, and is shown to operators
    // alone.
    expect(where).toEqual({ log: `version 1, position ${position}` });
    const log = await readFile(join(testCity.dataDir, 'city.log'), 'utf8');
    const line = log.split('\n').find((one) => one.includes('sealing_refused'));
    expect(JSON.parse(line!)).toMatchObject({
      code: 'store_changed',
      facts: { stream: ours, version: 1, position },
    });
    const { findings } = await check();
    expect(findings).toContainEqual({
      leaf: -1,
      stream: ours,
      version: 1,
      what: 'foreign_event',
      position,
      hash: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
    });
    const { status, body } = await admin.post(`/v1/clients/${third.client}/disable`, {
      reason: 'lost',
    });
    expect([status, body.code]).toEqual([503, 'ledger_read_only']);
  });

  let exclusion: string;
  test('is left out by no administrator alone, nor with somebody whom the same one registered', async () => {
    const asked = done(await ask(admin, ours));
    exclusion = asked.exclusion;
    expect(asked).toMatchObject({
      state: 'requested',
      stream: recordedName(ours),
      requestedBy: admin.client,
    });
    expect(asked.events).toHaveLength(1);
    // A repeated request returns the same one.
    expect(done(await ask(admin, ours)).exclusion).toBe(exclusion);
    const approve = `/v1/ledger/exclusions/${exclusion}/approve`;
    for (const [by, code] of [
      [admin, 'exclusion_needs_second_administrator'],
      [third, 'exclusion_administrators_not_independent'],
    ] as const) {
      const { status, body } = await by.post(approve);
      expect([status, body.code]).toEqual([403, code]);
    }
    expect((await auditor.post(approve)).status).toBe(403);
    expect((await health()).parts['log']).toBe('sealing_refused');
  });

  test('is none where the ledger itself wrote everything: no stream of ours is left out', async () => {
    for (const stream of [`client-${admin.client}`, 'case-that-is-not-there']) {
      const { status, body } = await ask(admin, stream);
      expect([status, body.code]).toEqual([403, 'nothing_foreign']);
    }
  });

  test('is left out by a second one, also by a city that was started anew in between, and then the ledger goes on', async () => {
    await running.stop();
    running = await testCity.startAgain();
    expect(await health()).toMatchObject({
      parts: { log: 'sealing_refused' },
      where: { log: expect.stringMatching(/^version 1, position \d+$/) as unknown },
    });
    const approved = done(await second.post(`/v1/ledger/exclusions/${exclusion}/approve`));
    expect(approved).toMatchObject({
      state: 'excluded',
      requestedBy: admin.client,
      approvedBy: second.client,
    });
    await until(health, ({ ready }) => ready);
    // The same stream continues, too.
    for (let n = 0; n < 2; n++) {
      const key = new TestKey();
      done(
        await second.post(`/v1/clients/${second.client}/keys`, await key.provedFor(second.client)),
      );
      second = new TestClient(second.baseUrl, second.client, key, second.scopes, second.issuer);
    }
    const { store } = running.house.services;
    expect((await store.readStream(ours)).map(({ body }) => body.version)).toEqual([0, 1, 2]);
    await running.runner.caughtUp();
  });

  test('that was left out is known to whoever checks, with the act and who did it', async () => {
    const { sealer } = running.house.sealed;
    const count = (await running.house.services.store.readAll(START, 100_000)).length;
    expect((await sealer.reached(count, 30_000))?.size).toBe(count);
    const { findings, leftOut, covered } = await check();
    expect(findings).toEqual([]);
    expect(covered).toBe(count);
    expect(leftOut).toMatchObject([
      {
        stream: exclusionStream,
        exclusion,
        reason: 'another-program',
        requestedBy: admin.client,
        approvedBy: second.client,
        leftOut: { stream: recordedName(ours), events: [{ part: 'events', version: 1 }] },
      },
    ]);
    const { exclusions } = done(await auditor.get('/v1/ledger/exclusions'));
    expect(exclusions).toMatchObject([
      { exclusion, state: 'excluded', stream: recordedName(ours), approverKeyFrom: [] },
    ]);
    const { records } = done(await auditor.get(`/v1/ledger/streams/${exclusionStream}/records`));
    expect(records).toHaveLength(2);
  });

  test('that comes again is damage again, and is left out by an act of its own; each act can be taken back before that', async () => {
    double.intrude(name('orders-7'));
    await refused();
    const first = done(await ask(second, 'orders-7')).exclusion;
    expect((await admin.post(`/v1/ledger/exclusions/${first}/withdraw`)).status).toBe(403);
    done(await second.post(`/v1/ledger/exclusions/${first}/withdraw`));
    expect((await admin.post(`/v1/ledger/exclusions/${first}/approve`)).body.code).toBe(
      'exclusion_withdrawn',
    );
    const again = done(await ask(admin, 'orders-7')).exclusion;
    // A power cut after the approval was recorded, and before the refusal was lifted.
    const { storage } = running.house.sealed;
    const lift = jest.spyOn(storage, 'lift').mockRejectedValue(new TypeError('cut'));
    expect((await second.post(`/v1/ledger/exclusions/${again}/approve`)).status).toBe(500);
    lift.mockRestore();
    await running.stop();
    running = await testCity.startAgain();
    expect((await health()).parts['log']).toBe('sealing_refused');
    expect(done(await second.post(`/v1/ledger/exclusions/${again}/approve`)).state).toBe(
      'excluded',
    );
    await until(health, ({ ready }) => ready);
    await registered(admin);
    const { findings, leftOut } = await check();
    expect(findings).toEqual([]);
    expect(leftOut.map(({ leftOut: { stream } }) => stream)).toEqual(
      [ours, 'orders-7'].map(recordedName),
    );
  });

  test('is also a limit that somebody set of a stream: it is left out once it was taken back', async () => {
    double.administer(name(`client-${admin.client}`), { $maxCount: 1 });
    await refused();
    const { findings } = await check();
    expect(findings[0]).toMatchObject({
      what: 'stream_metadata',
      stream: `client-${admin.client}`,
      position: expect.any(String) as unknown,
    });
    expect((await ask(admin, `client-${admin.client}`)).body.code).toBe('stream_limited');
    double.administer(name(`client-${admin.client}`), {});
    const asked = done(await ask(admin, `client-${admin.client}`));
    expect(asked.events).toHaveLength(2);
    done(await second.post(`/v1/ledger/exclusions/${asked.exclusion}/approve`));
    await until(health, ({ ready }) => ready);
    await registered(admin);
    expect((await check()).findings).toEqual([]);
  });

  test('is left out by commands, and named by them to those who run the ledger', async () => {
    const key = async (client: TestClient) => {
      const file = join(testCity.dataDir, `${client.client}.jwk`);
      await writeFile(file, JSON.stringify(client.key.exported()), { mode: 0o600 });
      return file;
    };
    const stream = `client-${third.client}`;
    const position = String(double.intrude(name(stream)));
    // A random id is not personal.
    expect((await refused()).where).toEqual({
      log: `stream ${stream}, version 1, position ${position}`,
    });
    const verified = await mianzheng('verify', 'ledger');
    expect([verified.code, verified.errors]).toEqual([1, '']);
    expect(verified.out).toContain(`${stream} 1, position ${position}: `);
    expect((await mianzheng('exclude', stream)).errors).toContain('options_missing');
    const asked = await mianzheng('exclude', stream, '--reason', 'unknown', '--json');
    const { exclusion } = JSON.parse(asked.out) as { exclusion: string };
    const approve = ['exclude', '--approve', exclusion];
    expect((await mianzheng(...approve)).errors).toContain('exclusion_needs_second_administrator');
    const by = ['--as', second.client, '--key', await key(second)];
    const approved = await mianzheng(...approve, ...by);
    expect([approved.code, approved.errors]).toEqual([0, '']);
    expect(approved.out).toContain('excluded');
    await until(health, ({ ready }) => ready);
    const again = await mianzheng('verify', 'ledger');
    expect([again.code, again.errors]).toEqual([0, '']);
    expect(again.out).toContain(
      `${stream} 1, position ${position}: unknown; act ${exclusion} of ${admin.client} and ${second.client}`,
    );
    const outside = await mianzheng(
      ...['verify', 'ledger', '--url', testCity.baseUrl],
      ...['--client', auditor.client, '--key', await key(auditor)],
    );
    expect([outside.code, outside.errors]).toEqual([0, '']);
    expect(outside.out).toContain(`act ${exclusion} of`);
  }, 240_000);

  test.each([
    ['the prefix of the city alone', ''],
    ['a name that is too long to be said', 'x'.repeat(201)],
    ['a name with a control character', 'orders\n7'],
    ['a name with a number of somebody', 'orders-110101199003070011'],
  ])('is named by position and hash, and its name goes into no record: %s', async (_what, odd) => {
    double.intrude(name(odd));
    await refused();
    const finding = (await check()).findings.find(({ what }) => what === 'foreign_event');
    const { position, hash } = finding!;
    const at = { position, hash, reason: 'unknown' };
    const wrong = await admin.post('/v1/ledger/exclusions', { ...at, hash: 'f'.repeat(64) });
    expect([wrong.status, wrong.body.code]).toEqual([403, 'nothing_foreign']);
    const unclear = await admin.post('/v1/ledger/exclusions', { ...at, stream: 'orders-7' });
    expect([unclear.status, unclear.body.code]).toEqual([400, 'exclusion_unclear']);
    const asked = done(await admin.post('/v1/ledger/exclusions', at));
    expect(asked.stream).toMatch(/^sha256:[0-9a-f]{64}$/);
    done(await second.post(`/v1/ledger/exclusions/${asked.exclusion}/approve`));
    await until(health, ({ ready }) => ready);
    const records = await running.house.services.store.readStream(exclusionStream);
    const said = records.map(({ bytes }) => Buffer.from(bytes).toString()).join();
    if (odd !== '') expect(said).not.toContain(odd);
    expect((await check()).findings).toEqual([]);
  });

  test.each([
    '{"\\u0024tb":9007199254740991}',
    '{"\\u0024maxCount":1}',
    '{"$acl":{"$r":[]}}',
    '{ }',
  ])('is never metadata that are set, however they are written: %s', async (data) => {
    const stream = `client-${auditor.client}`;
    double.intrude(`$$${name(stream)}`, { data });
    await refused();
    expect((await ask(admin, stream)).body.code).toBe('stream_limited');
    double.administer(name(stream), {});
    const { exclusion } = done(await ask(admin, stream));
    done(await second.post(`/v1/ledger/exclusions/${exclusion}/approve`));
    await until(health, ({ ready }) => ready);
    const { store } = running.house.services;
    expect((await store.readStream(stream)).length).toBeGreaterThan(0);
    expect((await check()).findings).toEqual([]);
  });

  test('of a type of the server’s own, such as a link, is left out like any other', async () => {
    const stream = name(`client-${auditor.client}`);
    double.log.append(stream, double.log.revisions(stream) - 1, [
      {
        id: randomUUID(),
        type: '$>',
        contentType: 'application/json',
        data: Buffer.from('0@elsewhere'),
        metadata: new Uint8Array(),
      },
    ]);
    // A subscription that waits is told of it.
    double.intrude(name('orders-8'));
    await refused();
    for (const one of [`client-${auditor.client}`, 'orders-8']) {
      const { exclusion } = done(await ask(admin, one));
      done(await second.post(`/v1/ledger/exclusions/${exclusion}/approve`));
    }
    await until(health, ({ ready }) => ready);
  });

  test('cannot be a record whose hash was lost; whoever meets it is told to come back later', async () => {
    const { log } = double;
    const append = log.append.bind(log);
    let hit = '';
    log.append = (stream, expected, events) => {
      const isHit = hit === '' && stream.includes('/client-');
      if (isHit) hit = stream;
      return append(
        stream,
        expected,
        isHit ? events.map((event) => ({ ...event, metadata: new Uint8Array() })) : events,
      );
    };
    const told = await registered(admin).catch(String);
    log.append = append;
    expect(told).toMatch(/^Error: not registered: 503 .*"code":"ledger_damaged"/);
    await refused();
    const refusal = await ask(admin, hit.slice(hit.indexOf('/') + 1));
    expect([refusal.status, refusal.body.code]).toEqual([403, 'exclusion_of_damaged']);
  });

  test('cannot be what may be a record that was damaged, for that may have been acknowledged', async () => {
    double.intrude(name('case-1'), { metadata: Buffer.alloc(32, 7) });
    await refused();
    const { status, body } = await ask(admin, 'case-1');
    expect([status, body.code]).toEqual([403, 'exclusion_of_damaged']);
    expect((await check()).findings).toContainEqual(
      expect.objectContaining({ stream: 'case-1', what: 'hash' }),
    );
  });
});

test('a city whose records are in PostgreSQL leaves nothing out', async () => {
  const city = await startCity();
  const { status, body } = await city.admin.post('/v1/ledger/exclusions', {
    stream: `client-${city.admin.client}`,
    reason: 'unknown',
  });
  expect([status, body.code]).toEqual([403, 'nothing_foreign']);
  await city.stop();
});
