import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { inventedResidentId } from '../support/authority.js';
import { type Answer, register, type TestClient } from '../support/client.js';
import { expectProblem, expectRefused } from '../support/refusal.js';
import { done, Town } from '../support/town.js';

const [perWindow, perDepartment, perSecond, perHolder] = [3, 5, 20, 4];
let town: Town;
/**
 * Apart from `town`: on a quick machine the other limits' tests send more a second than this one
 * takes.
 */
let slowTown: Town;

beforeAll(async () => {
  town = await Town.start({
    HOLDERS_PER_WINDOW_AND_DAY: String(perWindow),
    HOLDERS_PER_DEPARTMENT_AND_DAY: String(perDepartment),
    QUESTIONS_PER_HOLDER_AND_HOUR: String(perHolder),
  });
  slowTown = await Town.start({ REQUESTS_PER_SECOND: String(perSecond) });
});
afterAll(async () => {
  await town.stop();
  await slowTown.stop();
});

const terminalOf = (department: string, window: string, at = town): Promise<TestClient> =>
  register(at.city.admin, { kind: 'terminal', department, window });

/** Opens cases for so many unknown people, one after the other. */
async function openFor(terminal: TestClient, people: number): Promise<string[]> {
  const numbers = Array.from({ length: people }, inventedResidentId);
  for (const number of numbers) done(await town.openCase(number, terminal));
  return numbers;
}

function expectLater({ headers }: Answer, atMost: number): void {
  const seconds = Number(headers.get('retry-after'));
  expect(Number.isInteger(seconds) && seconds >= 1 && seconds <= atMost).toBe(true);
}

const day = 86_400;

test('an administrator sees the limits of the settings', async () => {
  expect(done(await town.city.admin.get('/v1/limits'))).toMatchObject({
    holdersPerWindowAndDay: perWindow,
    holdersPerDepartmentAndDay: perDepartment,
    questionsPerHolderAndHour: perHolder,
  });
  expect(done(await slowTown.city.admin.get('/v1/limits')).requestsPerSecond).toBe(perSecond);
});

describe('as many people a day as may be:', () => {
  test('a window that asked about them is refused everybody new, known to the city or not, until the day ends', async () => {
    const terminal = await terminalOf('民政', 'hall-1-01');
    const known = await town.holder();
    const [first = ''] = await openFor(terminal, perWindow);
    const refused = { status: 429, code: 'daily_holders_of_window' };
    const answers = [];
    for (const number of [known.number, inventedResidentId()]) {
      const identifier = { kind: '111', number };
      for (const act of [
        () => town.openCase(number, terminal),
        () => terminal.post('/v1/subjects/identify', { identifier, basis: 'document' }),
        () => terminal.post('/v1/enrolments', { identifier }),
      ]) {
        const answer = await expectRefused(town, refused, act, [number]);
        expectLater(answer, day);
        answers.push({ ...answer.body, request: null });
      }
    }
    expect(new Set(answers.map((body) => JSON.stringify(body))).size).toBe(1);
    // A person who was counted today may come again.
    done(await town.openCase(first, terminal));
  });

  test('its department has a limit of its own, over all its windows; other departments are not touched', async () => {
    const windows = [await terminalOf('税务', 'hall-1-01'), await terminalOf('税务', 'hall-1-02')];
    await openFor(windows[0]!, perWindow);
    await openFor(windows[1]!, perDepartment - perWindow);
    const refused = { status: 429, code: 'daily_holders_of_department' };
    const answer = await expectRefused(town, refused, () =>
      town.openCase(inventedResidentId(), windows[1]),
    );
    expectLater(answer, day);
    await openFor(await terminalOf('住建', 'hall-1-01'), 1);
  });

  test('two windows named alike in two departments are two', async () => {
    await openFor(await terminalOf('医保', 'hall-9-09'), perWindow);
    await openFor(await terminalOf('教育', 'hall-9-09'), 1);
  });
});

describe('as many questions about one holder within the hour as may be:', () => {
  test('a window that asks more is refused, known or not; another window’s question comes through, on top of the phone’s list', async () => {
    const [greedy, other] = [
      await terminalOf('卫健', 'hall-1-01'),
      await terminalOf('卫健', 'hall-1-02'),
    ];
    const known = await town.holder();
    const refused = { status: 429, code: 'questions_of_holder' };
    for (const number of [known.number, inventedResidentId()]) {
      const cases: string[] = [];
      for (let n = 0; n <= perHolder; n++)
        cases.push(done(await town.openCase(number, greedy)).case as string);
      for (const atCase of cases.slice(1)) done(await town.ask(atCase, ['ZZ001'], greedy));
      const answer = await expectRefused(town, refused, () =>
        town.ask(cases[0] ?? '', ['ZZ001'], greedy),
      );
      expectLater(answer, 3600);
    }
    const { case: atCase } = done(await town.openCase(known.number, other)) as { case: string };
    const { consent } = done(await town.ask(atCase, ['ZZ001'], other)) as { consent: string };
    const { consents } = done(await known.phone.get('/v1/phone/consents'));
    expect(consents[0]).toMatchObject({ consent });
  });

  test('identifications are limited alike', async () => {
    const greedy = await terminalOf('民政', 'hall-2-01');
    const known = await town.holder();
    for (const number of [known.number, inventedResidentId()]) {
      const identify = () =>
        greedy.post('/v1/subjects/identify', {
          identifier: { kind: '111', number },
          basis: 'document',
        });
      for (let n = 0; n < perHolder; n++) done(await identify());
      await expectRefused(town, { status: 429, code: 'questions_of_holder' }, identify, [number]);
    }
  });
});

describe('as many requests a second as may be:', () => {
  test('who asks more is told when to come back, whatever it asks for; others are served', async () => {
    const greedy = await terminalOf('交通', 'hall-1-01', slowTown);
    const modest = await terminalOf('交通', 'hall-1-02', slowTown);
    await modest.token();
    await greedy.token();
    const answers = await Promise.all(
      Array.from({ length: perSecond * 6 }, () => greedy.get('/v1/board')),
    );
    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused.length).toBeGreaterThan(0);
    for (const answer of refused) {
      expect([answer.status, answer.body.code]).toEqual([429, 'rate_exceeded']);
      expectProblem(answer);
      expectLater(answer, 1);
    }
    expect((await modest.get('/v1/board')).status).toBe(200);
  });

  test('a refused command was not carried out, and its key can be used again', async () => {
    const greedy = await terminalOf('交通', 'hall-1-03', slowTown);
    await greedy.token();
    const number = inventedResidentId();
    const sending = { idempotencyKey: 'a-key-of-this-test-alone' };
    const body = { identifier: { kind: '111', number }, basis: 'document' };
    const burst = await Promise.all(
      Array.from({ length: perSecond * 6 }, () =>
        greedy.post('/v1/subjects/identify', body, sending),
      ),
    );
    expect(burst.some(({ status }) => status === 429)).toBe(true);
    let last: Answer;
    do last = await greedy.post('/v1/subjects/identify', body, sending);
    while (last.status === 429);
    const subjects = [...burst, last].flatMap(({ status, body: told }) =>
      status === 200 ? [told.subject as string] : [],
    );
    expect(new Set(subjects).size).toBe(1);
  });
});
