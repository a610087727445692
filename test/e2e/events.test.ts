import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';
import { EventStoreDouble } from '../eventstore/double.js';
import { inventedResidentId } from '../support/authority.js';
import { register, type TestClient } from '../support/client.js';
import { EventReader, type Told } from '../support/events.js';
import { newOperator, signIn } from '../support/operator.js';
import { done, holderName, Town } from '../support/town.js';
import { shownValue } from '../observability/shown-metrics.js';

const maxStreams = 20;

let town: Town;
let through: string;
const open = new Set<EventReader>();

async function listen(...[caller, options]: Parameters<typeof EventReader.open>) {
  const reader = await EventReader.open(caller, options);
  open.add(reader);
  return reader;
}
async function leave(): Promise<void> {
  for (const reader of open) reader.close();
  open.clear();
  // The city notices a closed connection by itself.
  for (;;) {
    const text = await (await fetch(town.city.city.metricsUrl)).text();
    const kinds = ['terminal', 'kiosk', 'department', 'phone', 'other'];
    if (
      kinds.every((kind) => shownValue(text, 'mianzheng_event_stream_connections', { kind }) === 0)
    )
      return;
    await wait(20);
  }
}

const namesOf = ({ told }: EventReader) => told.map(({ event }) => event);
const consentsOf = ({ told }: EventReader, consent: string) =>
  told.flatMap(({ event, data }) =>
    event === 'consent' && data['consent'] === consent ? [data['state']] : [],
  );
const board = async (at: TestClient): Promise<readonly { case: string }[]> =>
  done(await at.get('/v1/board')).cases as { case: string }[];

describe.each(['PostgreSQL', 'EventStoreDB'])('events of a ledger on %s', (place) => {
  let double: EventStoreDouble | undefined;
  beforeAll(async () => {
    double = place === 'EventStoreDB' ? await EventStoreDouble.start() : undefined;
    town = await Town.start({
      EVENT_STREAMS: String(maxStreams),
      ...(double !== undefined && { EVENT_STORE_URL: double.url }),
    });
    const second = await town.city.startSecond();
    through = await second.app.getUrl();
  }, 120_000);
  afterAll(async () => {
    await town.stop();
    await double?.stop();
  });
  afterEach(leave);

  test('a window is told of its own cases and consents, and of no other window’s', async () => {
    const [own, other] = [await listen(town.terminal), await listen(town.elsewhere)];
    const asked = await town.asked();
    await own.sees('case', { case: asked.case, change: 'opened' });
    expect((await board(town.terminal)).map((row) => row.case)).toContain(asked.case);
    await own.sees('consent', { case: asked.case, consent: asked.consent, state: 'waiting' });
    done(await town.grant(asked, asked.consent));
    await own.sees('consent', { consent: asked.consent, state: 'granted' });
    done(await town.terminal.post(`/v1/cases/${asked.case}/close`, { outcome: 'withdrawn' }));
    await own.sees('case', { case: asked.case, change: 'closed' });
    expect((await board(town.terminal)).map((row) => row.case)).not.toContain(asked.case);

    const { case: theirs } = done(await town.openCase(asked.number, town.elsewhere));
    await other.sees('case', { case: theirs });
    expect(JSON.stringify(own.told)).not.toContain(theirs);
    expect(JSON.stringify(other.told)).not.toContain(asked.case);
  });

  test('a window is not told that a wrong number was typed', async () => {
    const own = await listen(town.terminal);
    const asked = await town.asked();
    const digits = town.wrongNumber(asked.consent);
    const phone = await listen(asked.phone);
    await town.grant(asked, asked.consent, { digits });
    await phone.sees('consent', { consent: asked.consent, state: 'waiting' });
    await town.grant(asked, asked.consent, { digits });
    await phone.sees('consent', { consent: asked.consent, state: 'mismatched' });
    await own.sees('consent', { consent: asked.consent, state: 'refused' });
    expect(consentsOf(own, asked.consent)).toEqual(['waiting', 'refused']);
  });

  test('a window is told the same of somebody whom nobody knows', async () => {
    const own = await listen(town.terminal);
    const known = await town.holder();
    const told: (readonly Told[])[] = [];
    for (const number of [known.number, inventedResidentId()]) {
      const before = own.told.length;
      const { case: atCase } = done(await town.openCase(number));
      const { consent } = done(await town.ask(atCase as string));
      await own.sees('case', { case: atCase, change: 'consent' });
      expect(consent).toHaveLength(22);
      told.push(own.told.slice(before));
    }
    // The board has a case soon after, or before the next event: that is the machine's doing.
    const [first, second] = told.map((each) =>
      each
        .map(({ event, data }) => JSON.stringify([event, Object.entries(data).map(shape)]))
        .toSorted(),
    );
    expect(second).toEqual(first);
  });

  test('a department’s system is told of the cases of all its windows', async () => {
    const system = await register(town.city.admin, {
      kind: 'department',
      department: '人社',
      window: 'system',
    });
    const foreign = await register(town.city.admin, {
      kind: 'department',
      department: '医保',
      window: 'system',
    });
    const [own, other] = [await listen(system), await listen(foreign)];
    const { number } = await town.holder();
    const cases = [town.terminal, town.elsewhere].map(async (at) => {
      const { case: id } = done(await town.openCase(number, at));
      await own.sees('case', { case: id, change: 'opened' });
    });
    await Promise.all(cases);
    expect(namesOf(other)).toEqual(['open']);
  });

  test('a phone is told of its holder’s book, by id and state and nothing else', async () => {
    const granted = await town.granted();
    const [own, stranger] = [
      await listen(granted.phone),
      await listen((await town.holder()).phone),
    ];
    const there = await listen(granted.phone, { through });
    done(await town.pull(granted.token));
    for (const reader of [own, there]) {
      const { data, id } = await reader.sees('consent', { state: 'redeemed' });
      expect(data).toEqual({ consent: granted.consent, state: 'redeemed' });
      expect(id).toMatch(/^[\w-]{48}$/);
    }
    expect(namesOf(stranger)).toEqual(['open']);
    for (const personal of [granted.number, holderName, granted.certificate])
      expect(JSON.stringify([own.told, there.told])).not.toContain(personal);
  });

  test('who resumes is told what was missed, at any process, and nothing of others', async () => {
    const before = await listen(town.terminal);
    const first = await town.asked();
    const { id } = await before.sees('case', { case: first.case, change: 'consent' });
    before.close();
    const second = await town.asked();
    done(await second.phone.post(`/v1/phone/consents/${second.consent}/refuse`));
    const foreign = done(await town.openCase(second.number, town.elsewhere)).case as string;
    for (const options of [{ lastId: id }, { lastId: id, through }]) {
      const again = await listen(town.terminal, options);
      expect(again.told[0]?.data).toEqual({ resumed: true });
      await again.sees('case', { case: second.case, change: 'opened' });
      await again.sees('consent', { consent: second.consent, state: 'refused' });
      await again.until(() => again.told.filter(({ event }) => event === 'case').length === 3);
      expect(JSON.stringify(again.told)).not.toContain(foreign);
      expect(JSON.stringify(again.told)).not.toContain(first.consent);
    }
    // The id of one caller is nothing to another, not even at the same window.
    const beside = { kind: 'terminal', department: '人社', window: 'hall-1-03' } as const;
    const neighbour = await register(town.city.admin, beside);
    for (const lastId of [id, 'x', undefined]) {
      const fresh = await listen(neighbour, { lastId });
      expect(fresh.told[0]?.data).toEqual({ resumed: false });
      const { case: mark } = done(await town.openCase(first.number));
      await fresh.sees('case', { case: mark });
      expect(JSON.stringify(fresh.told)).not.toContain(second.case);
    }
  });

  describe('a stream ends, in every process,', () => {
    const both = async (caller: Parameters<typeof listen>[0]) =>
      Promise.all([listen(caller), listen(caller, { through })]);
    const endsOf = (readers: readonly EventReader[]) =>
      Promise.all(readers.map((reader) => reader.ended()));

    test('with the terminal that is disabled, which hears nothing after that', async () => {
      const at = { kind: 'terminal', department: '人社', window: 'hall-1-05' } as const;
      const terminal = await register(town.city.admin, at);
      const readers = await both(terminal);
      done(
        await town.city.admin.post(`/v1/clients/${terminal.client}/disable`, { reason: 'stolen' }),
      );
      expect(await endsOf(readers)).toEqual(['client_disabled', 'client_disabled']);
      for (const reader of readers) expect(namesOf(reader)).toEqual(['open', 'end']);
    });

    test('with the operator who is disabled, and at once with a role that is taken away', async () => {
      const at = { kind: 'terminal', department: '人社', window: 'hall-1-06' } as const;
      const terminal = await register(town.city.admin, { ...at, signIn: 'operator' }, 'P-256');
      const operator = await newOperator(town.city.admin, terminal);
      const there = await signIn(terminal, operator);
      const readers = await both(there);
      const path = `/v1/operators/${operator.operator}`;
      done(await town.city.admin.post(`${path}/roles`, { roles: ['auditor'] }));
      const { number } = await town.holder();
      const { case: unheard } = done(
        await town.openCase(number, await registerAt(town.city.admin, 'hall-1-06')),
      );
      done(await town.city.admin.post(`${path}/disable`, { reason: 'retired' }));
      expect(await endsOf(readers)).toEqual(['operator_signed_out', 'operator_signed_out']);
      for (const reader of readers) expect(JSON.stringify(reader.told)).not.toContain(unheard);
    });

    test('with the phone whose key is taken back', async () => {
      const { phone } = await town.holder();
      const readers = await both(phone);
      done(await phone.post(`/v1/phone/keys/${phone.key.jkt}/revoke`, { reason: 'lost' }));
      expect(await endsOf(readers)).toEqual(['phone_unknown', 'phone_unknown']);
    });
  });

  test('a caller’s ninth stream takes the place of the first', async () => {
    const { phone } = await town.holder();
    const readers: EventReader[] = [];
    for (let n = 0; n < 9; n++) readers.push(await listen(phone));
    expect(await readers[0]?.ended()).toBe('event_stream_replaced');
    await Promise.all(readers.slice(1).map((reader) => reader.until(({ beats }) => beats > 0)));
  });

  test('a process has as many streams open as it may, and says so', async () => {
    const phones = [];
    for (let n = 0; n < 3; n++) phones.push((await town.holder()).phone);
    const opened = phones.flatMap((phone) => [...Array(7).keys()].map(() => listen(phone)));
    const results = await Promise.allSettled(opened);
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    const answer = await town.terminal.open('GET', '/v1/events');
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ code: 'event_streams_full' });
  });

  test('a look at the headers alone leaves nothing open', async () => {
    const { status, headers } = await town.terminal.send('HEAD', '/v1/events');
    expect([status, headers.get('content-type')]).toEqual([200, 'text/event-stream']);
  });
});

const shape = ([name, value]: [string, unknown]) => [
  name,
  name === 'case' || name === 'consent' ? String(value).length : value,
];

const registerAt = (admin: TestClient, window: string) =>
  register(admin, { kind: 'terminal', department: '人社', window });
