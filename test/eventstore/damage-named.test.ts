import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import {
  exclusionStream,
  exclusionType,
  nameOfForeign,
  NONE,
  recordedName,
} from '#libs/event-store';
import { EventStoreDbEventStore } from '#libs/event-store/eventstoredb';
import { checkLedger } from '#libs/audit/ledger-check';
import { storedHash } from '../../libs/event-store/forming.js';
import { newEvent } from '../../libs/event-store/store.contract.js';
import { appendTo, city, SealedLedger } from '../support/sealed-ledger.js';
import { EventStoreDouble } from './double.js';

/** Changes to sealed records in the store, as `verify ledger` reports them. */
describe('what was done to a ledger in EventStoreDB', () => {
  let double: EventStoreDouble;
  let store: EventStoreDbEventStore;
  let ledger: SealedLedger;
  beforeEach(async () => {
    double = await EventStoreDouble.start();
    store = await EventStoreDbEventStore.open({ city, url: double.url });
    ledger = await SealedLedger.make(0, 'elsewhere', store);
    const sealer = ledger.sealer();
    sealer.start();
    for (let n = 0; n < 5; n++) await appendTo(store, `case-${n}`);
    await sealer.reached(5, 30_000);
    await sealer.stop();
  });
  afterEach(async () => {
    await ledger.close();
    await store.close();
    await double.stop();
  });
  const check = () => {
    const { pool, url } = ledger.database;
    return checkLedger(pool, url, { city, policy: ledger.policy, store, threads: 0 });
  };

  test.each([
    ['an event of another program', 'foreign_event', 1, undefined],
    ['a soft deletion', 'stream_metadata', 0, 'delete'],
    ['a deletion for good', 'stream_metadata', 1, 'tombstone'],
    ['a greatest number of events', 'stream_metadata', 0, { $maxCount: 1 }],
    ['a greatest age', 'stream_metadata', 0, { $maxAge: 60 }],
    ['a beginning cut off', 'stream_metadata', 0, { $tb: 1 }],
  ] as const)(
    'is told with stream, version and position, and all the rest is checked: %s',
    async (_what, what, version, way) => {
      const stream = `${city}/case-3`;
      if (way === undefined) double.intrude(stream);
      else double.administer(stream, way);
      const last = double.log.all.at(-1)!;
      const position = String(last.position);
      const hash = storedHash(last.data);
      await appendTo(store, 'case-7');
      const { findings, records } = await check();
      expect(findings).toEqual([{ leaf: -1, stream: 'case-3', version, what, position, hash }]);
      expect(records).toBe(6);
    },
  );

  test('is told of an act that leaves out what was sealed, by where the log says that it stands', async () => {
    const [sealed] = double.log.stream(`${city}/case-3`);
    const position = String(sealed!.position);
    const named = { part: 'events', version: 0, position, hash: storedHash(sealed!.data) };
    const data = {
      ...{ exclusion: 'e', requestedBy: 'first', by: 'second', reason: 'unknown' },
      ...{ stream: recordedName('case-3'), events: [named], sealed: { size: 0, position: '0' } },
    };
    await store.append(exclusionStream, NONE, [{ ...newEvent(data), type: exclusionType }]);
    const { findings, records } = await check();
    const at = { leaf: 5, stream: exclusionStream, version: 0 };
    expect(findings).toEqual([
      { ...at, what: 'exclusion_not_approved' },
      { ...at, what: 'exclusion_of_sealed' },
    ]);
    expect(records).toBe(6);
  });

  test('is told where a limit was taken back too late: the stream does not show what was sealed of it', async () => {
    const { position } = (await store.readAll(0n, 10)).at(-1)!;
    double.administer(`${city}/case-3`, 'delete');
    double.administer(`${city}/case-3`, {});
    const events = (await store.findForeign('case-3', position)).map((event) => ({
      ...nameOfForeign(event),
    }));
    const data = {
      ...{ exclusion: 'e', requestedBy: 'first', by: 'second', reason: 'unknown' },
      ...{ stream: recordedName('case-3'), events },
      sealed: { size: 5, position: String(position) },
    };
    await store.append(exclusionStream, NONE, [{ ...newEvent(data), type: exclusionType }]);
    const found = async () => (await check()).findings.map(({ what, leaf }) => [what, leaf]);
    const notApproved = ['exclusion_not_approved', 5];
    expect(await found()).toEqual([notApproved]);
    const readStream = store.readStream.bind(store);
    // As a server that read a deletion, and does not know that it was taken back.
    const shown = jest
      .spyOn(store, 'readStream')
      .mockImplementation((stream, from) =>
        stream === 'case-3' ? Promise.resolve([]) : readStream(stream, from),
      );
    expect(await found()).toEqual([['stream_cut', 3], notApproved]);
    shown.mockRestore();
  });
});
