import { describe, expect, test } from '@jest/globals';
import type { EventStore } from '#libs/event-store';
import type { Leaves, LogStorage, Refusal } from '#libs/sealing';
import { ForeignEvents } from './foreign-events.js';

describe('what foreign events were left out', () => {
  const place = { stream: 'book-1', version: 3, position: '900' };
  const lifts = async (refusal: Refusal | null) => {
    const lifted: unknown[] = [];
    const storage = {
      refusal: () => Promise.resolve(refusal),
      lift: (only: unknown) => Promise.resolve(lifted.push(only)),
    } as unknown as LogStorage;
    await new ForeignEvents({} as EventStore, storage, {} as Leaves).look();
    return lifted;
  };
  const since = '2026-11-22T08:00:00.000Z';

  test('lets the sealers look again where one of them refused what stands in one place', async () => {
    expect(await lifts({ code: 'store_changed', since, place })).toEqual(['store_changed']);
  });

  test('lifts nothing that a restore found, or where nothing stands', async () => {
    expect(await lifts({ code: 'store_changed', since, place: null })).toEqual([]);
    expect(await lifts(null)).toEqual([]);
  });
});
