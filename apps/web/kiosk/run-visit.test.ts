import { beforeEach, describe, expect, test } from '@jest/globals';
import { RequestFailed } from '../shared/trouble.ts';
import {
  type CityDesk,
  type OpenVisit,
  printAgain,
  type PrintState,
  runVisit,
} from './run-visit.ts';
import type { Choice, Happening } from './visit.ts';

const choice: Choice = { matter: 'm1', zh: '示例', en: 'Sample', reprintOnly: false };
const open: OpenVisit = {
  case: 'case-1',
  asked: { consent: 'c1', zh: '', en: '', number: null, answerBy: '2026-12-01T12:10:00.000Z' },
};
const page = {
  print: 'p1',
  pdf: new Blob(['%PDF-1.7']),
  pages: 1,
  againUntil: '2026-12-01T12:40:00.000Z',
};
const failure = (code: string) => new RequestFailed({ code, request: null, facts: {} });

let told: Happening[];
let calls: string[];
let leaving: AbortController;
let fails: Partial<Record<keyof CityDesk, Error>>;
let answer: Awaited<ReturnType<CityDesk['answered']>>;
let states: (PrintState | Error)[];
/** What happens while the holder reads. */
let meanwhile: () => void;

beforeEach(() => {
  told = [];
  calls = [];
  leaving = new AbortController();
  fails = {};
  answer = 'granted';
  states = [{ is: 'printing', page: 1 }, { is: 'completed' }];
  meanwhile = () => undefined;
});

function step<Result>(name: keyof CityDesk, result: Result): Promise<Result> {
  calls.push(name);
  const failing = fails[name];
  return failing === undefined ? Promise.resolve(result) : Promise.reject(failing);
}
const city: CityDesk = {
  open: () => step('open', open),
  answered: () => {
    meanwhile();
    return step('answered', answer);
  },
  issue: () => step('issue', page),
  again: () => step('again', page),
  keep: () => step('keep', { collection: '4827 3165' }),
  close: () => step('close', undefined),
};
const printer = {
  async *print(): AsyncIterable<PrintState> {
    calls.push('print');
    for (const state of states) {
      if (state instanceof Error) throw state;
      await Promise.resolve();
      yield state;
    }
  },
};
const run = () =>
  runVisit({ city, printer }, choice, 'code', (happening) => told.push(happening), leaving.signal);
const kinds = () => told.map((happening) => happening.is);

describe('a visit', () => {
  test('from the code to the page', async () => {
    expect(await run()).toBe(open);
    expect(kinds()).toEqual([
      'identified',
      'asked',
      'granted',
      'page-sent',
      'page-printing',
      'printed',
    ]);
    expect(calls).toEqual(['open', 'answered', 'issue', 'print']);
  });

  test.each(['refused', 'expired', 'withdrawn'] as const)(
    'that its holder ended (%s) issues nothing and closes the case',
    async (by) => {
      answer = by;
      expect(await run()).toBeNull();
      expect(told.at(-1)).toEqual({ is: 'over', by });
      expect(calls).toEqual(['open', 'answered', 'close']);
    },
  );

  test('that was left before the yes tells nothing more, closes the case, and issues nothing even where the yes comes', async () => {
    meanwhile = () => {
      leaving.abort();
    };
    expect(await run()).toBeNull();
    expect(kinds()).toEqual(['identified', 'asked']);
    expect(calls).toEqual(['open', 'answered', 'close']);
  });

  test.each([
    ['open', ['open']],
    ['answered', ['open', 'answered', 'close']],
    ['issue', ['open', 'answered', 'issue', 'close']],
  ] as const)('whose network is lost at %s is over and prints nothing', async (at, steps) => {
    fails = { [at]: new TypeError('fetch failed') };
    expect(await run()).toBeNull();
    expect(told.at(-1)).toEqual({ is: 'over', by: 'network' });
    expect(calls).toEqual(steps);
  });

  test('says why the city refused', async () => {
    fails = { open: failure('participant_code_refused') };
    await run();
    expect(told.at(-1)).toEqual({ is: 'over', by: 'not-recognised' });
    fails = { issue: failure('a_code_of_tomorrow') };
    await run();
    expect(told.at(-1)).toEqual({ is: 'over', by: 'failed' });
  });

  test.each<[string, (PrintState | Error)[], string]>([
    ['the printer has no paper', [{ is: 'hindered', by: 'paper' }], 'paper'],
    [
      'it jams within',
      [
        { is: 'printing', page: 1 },
        { is: 'hindered', by: 'jam' },
      ],
      'jam',
    ],
    ['its program says no more', [{ is: 'printing', page: 1 }], 'unknown'],
    ['its program is gone', [new TypeError('fetch failed')], 'network-lost'],
  ])('keeps what was issued where %s', async (_, said, by) => {
    states = said;
    expect(await run()).toBe(open);
    expect(told).toContainEqual({ is: 'hindered', by });
    expect(told.at(-1)).toEqual({ is: 'collection-told', collection: '4827 3165' });
    expect(kinds()).not.toContain('printed');
    expect(calls.at(-1)).toBe('keep');
  });

  test('says that it is kept also where no collection code can be had', async () => {
    states = [{ is: 'hindered', by: 'paper' }];
    fails = { keep: new TypeError('fetch failed') };
    expect(await run()).toBe(open);
    expect(told.at(-1)).toEqual({ is: 'hindered', by: 'paper' });
  });
});

test('what is kept is printed again as a second reading, not as a second release', async () => {
  await printAgain({ city, printer }, open, (happening) => told.push(happening), leaving.signal);
  expect(kinds()).toEqual(['tried-again', 'page-sent', 'page-printing', 'printed']);
  expect(calls).toEqual(['again', 'print']);
});
