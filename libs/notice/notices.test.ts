import { describe, expect, test } from '@jest/globals';
import type { StoredRecord } from '#libs/event-store';
import { noticeOf } from './notices.js';

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
