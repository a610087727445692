import { describe, expect, test } from '@jest/globals';
import {
  type Choice,
  type Happening,
  idleSeconds,
  mayLeave,
  next,
  type Printer,
  start,
  type Visit,
} from './visit.ts';

const choice: Choice = {
  matter: 'ZZ900101',
  zh: '个人参保证明（示例）',
  en: 'Insurance proof (sample)',
  reprintOnly: false,
};
const asked = {
  consent: 'c1',
  zh: '请您同意',
  en: 'asks you to agree',
  number: null,
  answerBy: '2026-12-01T12:10:00.000Z',
};
const ready: Printer = { is: 'ready', tonerLow: false };
const steps = {
  chosen: { is: 'chosen', choice, printer: ready },
  phone: { is: 'way-chosen', way: 'phone' },
  identified: { is: 'identified' },
  asked: { is: 'asked', asked },
  granted: { is: 'granted' },
  sent: { is: 'page-sent', pages: 2 },
  printed: { is: 'printed' },
  left: { is: 'left' },
} as const satisfies Record<string, Happening>;

const after = (...happenings: readonly Happening[]): Visit => happenings.reduce(next, start);
const { chosen, phone, identified, granted, sent, printed, left } = steps;
const untilIssuing = [chosen, phone, identified, steps.asked, granted] as const;

describe('a visit to a kiosk', () => {
  test('goes from the choice to the page', () => {
    expect(after(...untilIssuing).is).toBe('issuing');
    expect(after(...untilIssuing, sent)).toEqual({ is: 'printing', choice, page: 1, pages: 2 });
    expect(after(...untilIssuing, sent, { is: 'page-printing', page: 2 })).toMatchObject({
      page: 2,
    });
    expect(after(...untilIssuing, sent, printed)).toEqual({ is: 'printed', choice, pages: 2 });
  });

  test('asks nothing of a person while the printer cannot print', () => {
    const printer: Printer = { is: 'hindered', by: 'paper' };
    expect(after({ is: 'chosen', choice, printer })).toEqual({
      is: 'unprintable',
      choice,
      by: 'paper',
    });
    expect(after({ is: 'chosen', choice, printer }, identified, granted).is).toBe('unprintable');
    expect(after({ is: 'chosen', choice, printer }, chosen).is).toBe('identifying');
  });

  test('goes on where toner is low', () => {
    const printer: Printer = { is: 'ready', tonerLow: true };
    expect(after({ is: 'chosen', choice, printer }).is).toBe('identifying');
  });

  test.each([
    ['identifying', [chosen]],
    ['opening', [chosen, phone, identified]],
    ['waiting', [chosen, phone, identified, steps.asked]],
    ['issuing', [...untilIssuing]],
  ] as const)('ends in %s when the network is lost, without a trace of the person', (_, before) => {
    expect(after(...before, { is: 'over', by: 'network' })).toEqual({ is: 'ended', by: 'network' });
  });

  test('is never over once a page was sent: it is printed, or kept', () => {
    const sentOne = [...untilIssuing, sent] as const;
    for (const by of ['network', 'expired', 'withdrawn'] as const)
      expect(after(...sentOne, { is: 'over', by }).is).toBe('printing');
    expect(after(...sentOne, { is: 'hindered', by: 'jam' })).toEqual({
      is: 'kept',
      choice,
      by: 'jam',
      collection: null,
    });
  });

  test('says the collection code of what is kept, and prints it when the paper is there again', () => {
    const kept = [...untilIssuing, sent, { is: 'hindered', by: 'paper' }] as const;
    expect(after(...kept, { is: 'collection-told', collection: '48273165' })).toMatchObject({
      is: 'kept',
      collection: '48273165',
    });
    expect(after(...kept, { is: 'tried-again' }, sent, printed).is).toBe('printed');
  });

  test('keeps a page that was not taken', () => {
    expect(
      after(...untilIssuing, sent, printed, { is: 'hindered', by: 'not-taken' }),
    ).toMatchObject({
      is: 'kept',
      by: 'not-taken',
    });
  });

  test('is left by a touch or by silence, but not between the yes and the page', () => {
    expect(after(chosen, phone, left)).toEqual(start);
    expect(after(...untilIssuing, left).is).toBe('issuing');
    expect(after(...untilIssuing, sent, left).is).toBe('printing');
    expect(after(...untilIssuing, sent, printed, left)).toEqual(start);
    expect(mayLeave(after(...untilIssuing))).toBe(false);
    expect(idleSeconds(after(...untilIssuing))).toBeNull();
    expect(idleSeconds(after(...untilIssuing, sent))).toBeNull();
    expect(idleSeconds(start)).toBeNull();
    expect(idleSeconds(after(chosen))).toBe(90);
  });

  test('shows nothing of a visitor who has left, however late an answer comes', () => {
    for (const late of [
      steps.asked,
      granted,
      sent,
      printed,
      { is: 'hindered', by: 'paper' },
      { is: 'collection-told', collection: '1' },
      { is: 'over', by: 'refused' },
    ] as const)
      expect(after(chosen, phone, identified, left, late)).toEqual(start);
  });
});
