import { describe, expect, test } from '@jest/globals';
import { exclusionStream, NONE } from '#libs/event-store';
import { MemoryEventStore } from '../event-store/memory/index.js';
import { newEvent } from '../event-store/store.contract.js';
import { ReadOnlyOnAlarm } from './read-only-store.js';
import { refusalCodes } from './sealing.errors.js';

describe('a store whose log refuses', () => {
  let code: string | null = null;
  let isCompared = true;
  const open = () =>
    new ReadOnlyOnAlarm(
      new MemoryEventStore('city.example'),
      () => (code === null ? null : { code }),
      () => isCompared,
    );
  const refused = expect.objectContaining({ code: 'ledger_read_only' }) as unknown;

  test('takes acts that leave foreign events out, and nothing else, while that is all that was found', async () => {
    const store = open();
    code = 'store_changed';
    await expect(store.append('book-1', NONE, [newEvent()])).rejects.toEqual(refused);
    await store.append(exclusionStream, NONE, [newEvent()]);
    code = null;
    await store.append('book-1', NONE, [newEvent()]);
  });

  test('takes no act where anything else was found, or nothing was compared yet', async () => {
    const store = open();
    for (const other of [...refusalCodes, 'store_not_compared']) {
      if (other === 'store_changed') continue;
      code = other;
      await expect(store.append(exclusionStream, NONE, [newEvent()])).rejects.toEqual(refused);
    }
    [code, isCompared] = ['store_changed', false];
    await expect(store.append(exclusionStream, NONE, [newEvent()])).rejects.toEqual(refused);
  });
});
