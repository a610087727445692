import { describe, expect, test } from '@jest/globals';
import type { CaseReader } from '#libs/case';
import type { StoredRecord } from '#libs/event-store';
import type { ClientCaller, PhoneCaller } from '#libs/identity';
import { noticeOf } from './notices.js';
import { hearsOfCase } from './open-streams.js';
import { Places } from './places.js';

const record = (type: string, data: object): StoredRecord =>
  ({ body: { type, schema: 1, stream: 'book-x', version: 0, time: '', data } }) as never;
const states = (type: string, data: object = {}) => {
  const notice = noticeOf(record(type, { consent: 'c', case: 'k', ...data }));
  return notice?.of === 'consent' ? [notice.forHolder, notice.forWindow, notice.onBoard] : null;
};

describe('what is told of a record', () => {
  test.each([
    ['ConsentRequested', {}, ['waiting', 'waiting', true]],
    ['ConsentGranted', {}, ['granted', 'granted', true]],
    ['ConsentRefused', {}, ['refused', 'refused', true]],
    ['ConsentWithdrawn', {}, ['withdrawn', 'withdrawn', true]],
    ['ConsentEnded', {}, ['ended', 'ended', true]],
    ['ConsentRedeemed', {}, ['redeemed', 'redeemed', true]],
    ['NothingReleased', { ends: true, reading: 0 }, ['ended', 'ended', true]],
    ['ReleaseWithheld', { reading: 0 }, ['withheld', 'withheld', false]],
  ])('%s is the same for holder and window', (type, data, told) => {
    expect(states(type, data)).toEqual(told);
  });

  test('the window cannot tell a number that was wrong twice from a no', () => {
    expect(states('NumberMismatched', { ends: true })).toEqual(['mismatched', 'refused', true]);
  });

  test.each([
    ['NumberMismatched', { ends: false }, 'waiting'],
    ['NothingReleased', { ends: false, reading: 0 }, 'granted'],
    ['NothingReleased', { ends: false, reading: 2 }, 'redeemed'],
    ['ReleaseWithheld', { reading: 1 }, 'redeemed'],
    ['ReleaseReadAgain', {}, 'redeemed'],
  ])('%s with %j changes nothing at the window', (type, data, forHolder) => {
    expect(states(type, data)).toEqual([forHolder, null, false]);
  });

  test('nothing is told of records of others', () => {
    expect(noticeOf(record('CertificateIssued', {}))).toBeNull();
    expect(noticeOf(record('SubjectIdentified', {}))).toBeNull();
  });

  test('a record of a later release is not passed over', () => {
    const later = { body: { ...record('CaseClosed', { case: 'k' }).body, schema: 9 } };
    expect(() => noticeOf(later as StoredRecord)).toThrow(
      expect.objectContaining({ code: 'event_schema_unknown' }),
    );
  });
});

describe('where a case is that was opened online', () => {
  const opened = record('CaseOpenedOnline', { case: 'k', department: '人社', caller: 'somebody' });
  const taken = record('CaseTaken', { case: 'k', window: 'hall-1-03' });
  const returned = record('CaseReturned', { case: 'k', window: 'hall-1-03' });
  const brought = record('MaterialBrought', { case: 'k' });
  const placed = async (places: Places, of: StoredRecord) => places.of(noticeOf(of)!);
  const online = { case: 'k', department: '人社', applicant: 'somebody' };
  const none = { read: () => Promise.resolve(null) } as unknown as CaseReader;

  test('is its department until a window takes it, and then that window', async () => {
    const places = new Places({ readStream: () => Promise.resolve([]) }, none);
    expect(await placed(places, opened)).toEqual({ ...online, window: null });
    expect(await placed(places, taken)).toEqual({ ...online, window: 'hall-1-03' });
    expect(await placed(places, brought)).toEqual({ ...online, window: 'hall-1-03' });
    await placed(places, returned);
    expect(await placed(places, brought)).toEqual({ ...online, window: null });
    await placed(places, taken);
    // Told again to one that missed it, the opening moves nothing back.
    await placed(places, opened);
    expect(await placed(places, brought)).toEqual({ ...online, window: 'hall-1-03' });
  });

  test('all windows of the department hear of it before, and its applicant always', () => {
    const window = (name: string, department = '人社'): ClientCaller =>
      ({
        is: 'client',
        kind: 'terminal',
        department,
        window: name,
        scopes: new Set(['cases:open']),
      }) as unknown as ClientCaller;
    const phone = (subject: string): PhoneCaller => ({ is: 'phone', subject, jkt: 'key' });
    const untaken = { ...online, window: null };
    const at = { ...online, window: 'hall-1-03' };
    expect(hearsOfCase(window('hall-1-04'), untaken)).toBe(true);
    expect(hearsOfCase(window('hall-1-04', '民政'), untaken)).toBe(false);
    expect(hearsOfCase(window('hall-1-04'), at)).toBe(false);
    expect(hearsOfCase(window('hall-1-03'), at)).toBe(true);
    expect(hearsOfCase(phone('somebody'), at)).toBe(true);
    expect(hearsOfCase(phone('another'), untaken)).toBe(false);
  });
});
