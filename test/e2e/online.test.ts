/* eslint-disable @typescript-eslint/no-unsafe-return -- tests look into bodies without declaring them */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Answer, register, type TestClient } from '../support/client.js';
import { done, type Holder, Town } from '../support/town.js';

let town: Town;
beforeAll(async () => {
  town = await Town.start({ CASES_PER_HOLDER_AND_DAY: '4' });
});
afterAll(() => town.stop());

const applied = async (holder: Holder): Promise<string> => done(await town.apply(holder)).case;
const take = (at: TestClient, id: string): Promise<Answer> => at.post(`/v1/cases/${id}/take`);

/** Ids on the department's list of online cases, as a client sees it. */
async function onlineAt(client: TestClient): Promise<readonly string[]> {
  await town.city.caughtUp();
  const { online } = done(await client.get('/v1/board')) as { online: { case: string }[] };
  return online.map((one) => one.case);
}

/** The holder says yes, without a number, and the data come to who asked. */
async function answeredAt(client: TestClient, holder: Holder, id: string): Promise<void> {
  const asked = done(await town.ask(id, ['ZZ001'], client));
  expect(asked.number).toBeNull();
  done(await town.grant(holder, asked.consent));
  const path = `/v1/cases/${id}/consents/${asked.consent}`;
  const { token } = done(await client.post(`${path}/token`));
  const { handedOver } = done(await town.pull(token, client));
  expect(JSON.stringify(handedOver)).toContain(holder.number);
}

describe('on a phone', () => {
  test('a matter is found, with what need not be brought and by which certificate', async () => {
    const { phone } = await town.holder();
    const { matters } = done(await phone.get('/v1/phone/matters?q=lhjyrycb&size=1'));
    expect(matters).toMatchObject([{ nameZh: '灵活就业人员参保登记' }]);
    expect(done(await phone.get('/v1/phone/matters/SX0001'))).toMatchObject({
      nameZh: '灵活就业人员参保登记',
      department: '人社',
      materials: [
        {
          material: 'ZZ001',
          exemptible: true,
          answers: [
            {
              type: 'ZZ001',
              nameZh: '居民身份证',
              nameEn: 'Resident Identity Card',
              department: '公安',
              whose: 'applicant',
              fields: [{ key: '姓名', nameEn: 'Name' }, { key: '公民身份号码' }],
            },
          ],
        },
        { material: 'ZZ019' },
      ],
    });
    expect(await phone.get('/v1/phone/matters/SX9999')).toMatchObject({
      status: 404,
      body: { code: 'matter_unknown' },
    });
  });
});

test('before any key, the same is found and told, of nobody', async () => {
  const { phone } = await town.holder();
  for (const path of ['matters?q=lhjyrycb&size=1', 'matters/SX0001']) {
    const response = await fetch(`${town.url}/v1/public/${path}`);
    expect([response.status, await response.json()]).toEqual([
      200,
      done(await phone.get(`/v1/phone/${path}`)),
    ]);
  }
});

describe('an online case', () => {
  test('is on the board of its department’s windows; of two that take it one has it, asks and is answered', async () => {
    const holder = await town.holder();
    await town.idCard(holder.number);
    const id = await applied(holder);
    const elsewhere = await register(town.city.admin, {
      kind: 'terminal',
      department: '民政',
      window: 'hall-2-01',
    });
    expect(await onlineAt(town.terminal)).toContain(id);
    expect(await onlineAt(town.elsewhere)).toContain(id);
    expect(await onlineAt(elsewhere)).not.toContain(id);
    expect(await take(elsewhere, id)).toMatchObject({
      status: 403,
      body: { code: 'case_of_another_window' },
    });
    expect(await town.terminal.get(`/v1/cases/${id}`)).toMatchObject({
      status: 409,
      body: { code: 'case_not_taken' },
    });
    expect(await town.ask(id)).toMatchObject({ body: { code: 'case_not_taken' } });

    const windows = [town.terminal, town.elsewhere] as const;
    const answers = await Promise.all(windows.map((one) => take(one, id)));
    const won = answers.findIndex(({ status }) => status === 200);
    const [winner, loser] = won === 0 ? windows : [windows[1], windows[0]];
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(answers.find(({ status }) => status === 409)?.body.code).toBe('case_already_taken');
    expect(await loser.get(`/v1/cases/${id}`)).toMatchObject({ status: 403 });
    expect(await onlineAt(town.terminal)).not.toContain(id);
    expect(done(await winner.get('/v1/board')).cases).toMatchObject([
      { case: id, origin: 'online', answered: 0, brought: 0, materials: 2 },
    ]);

    const followed = async () => done(await holder.phone.get(`/v1/phone/cases/${id}`));
    expect(await followed()).toMatchObject({ stage: 'taken', answered: 0 });
    await answeredAt(winner, holder, id);
    expect(await followed()).toMatchObject({
      stage: 'answered',
      answered: 1,
      requirements: [{ state: 'answered' }, { state: 'exemptible' }],
    });
    await town.city.caughtUp();
    expect(done(await winner.get('/v1/board')).cases).toMatchObject([{ case: id, answered: 1 }]);
    const paper = { reason: 'no_phone' };
    done(await winner.post(`/v1/cases/${id}/materials/ZZ019/bring`, paper));
    done(await winner.post(`/v1/cases/${id}/close`, { outcome: 'accepted' }));
    expect(await followed()).toMatchObject({ stage: 'done', outcome: 'accepted' });
    await town.city.caughtUp();
    expect(done(await holder.phone.get('/v1/phone/cases')).cases).toMatchObject([
      { case: id, outcome: 'accepted', waiting: false },
    ]);
    expect(done(await winner.get('/v1/board/today')).cases).toMatchObject([
      { case: id, origin: 'online', outcome: 'accepted', answered: 1, brought: 1 },
    ]);
    const { statement } = done(await holder.phone.get(`/v1/phone/cases/${id}/statement`));
    expect(typeof statement).toBe('string');
  });

  test('is taken and answered in a department’s own system as well', async () => {
    const system = await register(town.city.admin, {
      kind: 'department',
      department: '人社',
      window: 'back-office-1',
    });
    const holder = await town.holder();
    await town.idCard(holder.number);
    const id = await applied(holder);
    expect(await onlineAt(system)).toContain(id);
    expect(done(await take(system, id))).toMatchObject({ window: 'back-office-1', status: 'open' });
    await answeredAt(system, holder, id);
  });

  test('is given back by the window that took it, and taken by another', async () => {
    const holder = await town.holder();
    await town.idCard(holder.number);
    const id = await applied(holder);
    const giveBack = (at: TestClient) => at.post(`/v1/cases/${id}/return`);
    done(await take(town.terminal, id));
    expect(await giveBack(town.elsewhere)).toMatchObject({
      status: 403,
      body: { code: 'case_of_another_window' },
    });
    const { consent } = done(await town.ask(id));
    expect(await giveBack(town.terminal)).toMatchObject({
      status: 409,
      body: { code: 'case_request_under_way' },
    });
    done(await town.terminal.post(`/v1/cases/${id}/consents/${consent}/withdraw`));
    const sending = { idempotencyKey: randomUUID() };
    const once = () => town.terminal.post(`/v1/cases/${id}/return`, undefined, sending);
    expect((await once()).status).toBe(204);
    expect((await once()).status).toBe(204);
    expect(await giveBack(town.terminal)).toMatchObject({ body: { code: 'case_not_taken' } });
    expect(done(await holder.phone.get(`/v1/phone/cases/${id}`))).toMatchObject({
      stage: 'opened',
    });
    expect(await onlineAt(town.terminal)).toContain(id);
    expect(await onlineAt(town.elsewhere)).toContain(id);
    expect(done(await town.terminal.get('/v1/board')).cases).not.toContainEqual(
      expect.objectContaining({ case: id }),
    );
    const { cases } = done(await holder.phone.get('/v1/phone/cases')) as { cases: object[] };
    expect(cases).toContainEqual(expect.objectContaining({ case: id, window: null }));
    expect(await town.ask(id)).toMatchObject({ body: { code: 'case_not_taken' } });
    done(await take(town.elsewhere, id));
    await answeredAt(town.elsewhere, holder, id);
    expect(await giveBack(town.elsewhere)).toMatchObject({
      status: 409,
      body: { code: 'case_in_hand' },
    });
  });

  test('is withdrawn by its applicant, and is on no board any more', async () => {
    const holder = await town.holder();
    const id = await applied(holder);
    const other = await town.holder();
    expect(await other.phone.post(`/v1/phone/cases/${id}/withdraw`)).toMatchObject({
      status: 404,
      body: { code: 'case_absent' },
    });
    expect(done(await holder.phone.post(`/v1/phone/cases/${id}/withdraw`))).toMatchObject({
      stage: 'withdrawn',
    });
    expect(await onlineAt(town.terminal)).not.toContain(id);
    expect(await take(town.terminal, id)).toMatchObject({ body: { code: 'case_closed' } });
    await town.city.caughtUp();
    expect(done(await holder.phone.get('/v1/phone/cases')).cases).toMatchObject([
      { case: id, outcome: 'withdrawn', window: null },
    ]);
  });

  test('a holder opens so many a day, and no more', async () => {
    const holder = await town.holder();
    for (let n = 0; n < 4; n++) await applied(holder);
    const refused = await town.apply(holder);
    expect(refused).toMatchObject({ status: 429, body: { code: 'cases_of_holder' } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    await applied(await town.holder());
  });

  test('is not opened by a phone that was taken back, nor for organisations by a person', async () => {
    const holder = await town.holder();
    expect(await town.apply(holder, 'SX0123')).toMatchObject({
      status: 403,
      body: { code: 'application_of_other_kind' },
    });
    const { jkt } = holder.phone.key;
    done(await holder.phone.post(`/v1/phone/keys/${jkt}/revoke`, { reason: 'lost' }));
    expect(await holder.phone.post('/v1/phone/cases', { jws: 'x' })).toMatchObject({
      status: 401,
      body: { code: 'phone_unknown' },
    });
  });
});

describe('at a window', () => {
  test('a case has the number by which the hall called, and the paper is counted by its reason', async () => {
    const holder = await town.holder();
    const opened = await town.terminal.post('/v1/cases', {
      matter: 'SX0001',
      participants: [{ role: 'applicant', identifier: { kind: '111', number: holder.number } }],
      queueNumber: 'A023',
    });
    const { case: id } = done(opened);
    expect(opened.body).toMatchObject({
      queueNumber: 'A023',
      origin: 'window',
      matterDepartment: '人社',
      matterDepartmentEn: 'Human Resources and Social Security',
      answered: 0,
    });
    const day = new Date(Date.now() + 8 * 3600_000).toISOString().slice(0, 10);
    const auditor = await register(town.city.admin, { kind: 'auditor', department: '审计' });
    const papers = async (by: string) => {
      await town.city.caughtUp();
      const { rows } = done(
        await auditor.get(`/v1/statistics/papers?from=${day}&to=9999-12-31&by=${by}`),
      ) as { rows: { key: string; papers: number }[] };
      return new Map(rows.map(({ key, papers: n }) => [key, n]));
    };
    const before = await papers('reason');
    const paper = { reason: 'holder_prefers_paper' };
    done(await town.terminal.post(`/v1/cases/${id}/materials/ZZ019/bring`, paper));
    const after = await papers('reason');
    expect(after.get('holder_prefers_paper')).toBe((before.get('holder_prefers_paper') ?? 0) + 1);
    expect((await papers('window')).has('人社/hall-1-03')).toBe(true);
    expect(done(await town.terminal.get('/v1/board')).cases).toContainEqual(
      expect.objectContaining({ case: id, queueNumber: 'A023', brought: 1 }),
    );
    const wrong = await town.terminal.post('/v1/cases', {
      matter: 'SX0001',
      participants: [{ role: 'applicant', identifier: { kind: '111', number: holder.number } }],
      queueNumber: holder.number,
    });
    expect(wrong).toMatchObject({ status: 400, body: { code: 'request_invalid' } });
  });
});
