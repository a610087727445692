import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { QueryRunner } from 'typeorm';
import { randomBytes } from 'node:crypto';
import { type EventStore, type NewEvent, NONE, START } from '#libs/event-store';
import { MemoryEventStore } from '#libs/event-store/memory';
import type { JsonObject } from '#libs/kernel';
import { bookOf } from '#libs/subject';
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.js';
import { NoPlaces, OtherProcess, ReleaseScene } from '../../test/support/release-scene.js';
import { PostgresConsentPlaces } from './consent-places.postgres.js';
import { ConsentPlacesProjection } from './consent-places.projection.js';
import { consentMigrations } from './consent.migrations.js';
import { ListAccesses, ListAccessesHandler } from './queries/accesses.js';
import {
  FindHolderConsent,
  FindHolderConsentHandler,
  HolderConsents,
  HolderConsentsHandler,
} from './queries/consents.js';
import { StreamBooks } from './stream-books.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
  const up = { query: (sql: string) => database.pool.query(sql) } as unknown as QueryRunner;
  for (const Migration of consentMigrations) await new Migration().up(up);
});
afterAll(() => database.drop());

const idCard = { 姓名: '测试甲', 公民身份号码: '11010519491231002X' };
const eventOf = (type: string, data: JsonObject, time: string): NewEvent => ({
  id: randomBytes(16).toString('hex'),
  type,
  schema: 1,
  time,
  actor: { client: 'terminal-1' },
  data,
});

/** Requests after the first, none of which was answered. */
const later = 700;

/** A book that begins with a release, a grant that still waits, and years of requests. */
async function history(store: EventStore) {
  const scene = new ReleaseScene(store);
  const holder = scene.person('11010519491231002X');
  await scene.certificate(holder.subject, 'ZZ001', idCard);
  const atCase = await scene.openFor(holder.number);
  const consent = await scene.request(atCase);
  await scene.grant(holder, consent);
  await scene.pull(await scene.token(atCase, consent));
  const book = bookOf(holder.subject);
  const requested = (await store.readStream(book))[0]!.body.data;
  const { version } = (await store.readLast(book))!.body;
  const ids = Array.from({ length: later }, (_, n) => `later-${String(n).padStart(4, '0')}`);
  const answerBy = '2026-11-22T07:00:00.000Z';
  const events = ids.map((each, n) =>
    eventOf(
      'ConsentRequested',
      { ...requested, consent: each, case: `case-${n}`, answerBy },
      scene.clock.now(),
    ),
  );
  for (let n = 0; n < later; n += 100)
    await store.append(book, version + n, events.slice(n, n + 100));
  return { scene, holder, book, atCase, consent, ids };
}

/** The index as the projection makes it of the feed, up to so many records. */
async function indexed(store: EventStore, upTo = Number.POSITIVE_INFINITY) {
  await database.pool.query('TRUNCATE consent_place');
  const projection = new ConsentPlacesProjection();
  const records = await store.readAll(START, 10_000);
  const page = projection.partOf(records.slice(0, upTo));
  const client = await database.pool.connect();
  try {
    if (page.length > 0) await projection.apply(page, client);
  } finally {
    client.release();
  }
  return new PostgresConsentPlaces(database.pool);
}

describe.each(['an index of it', 'no index', 'an index that lags'])(
  'a long book, with %s',
  (index) => {
    async function opened() {
      const store = new MemoryEventStore('city.example');
      const past = await history(store);
      const elsewhere = new OtherProcess(store);
      const reads: number[] = [];
      const read = elsewhere.readStream.bind(elsewhere);
      elsewhere.readStream = async (...of) => {
        const records = await read(...of);
        reads.push(records.length);
        return records;
      };
      const places =
        index === 'no index'
          ? new NoPlaces()
          : await indexed(store, index === 'an index of it' ? undefined : 5);
      return { ...past, store, reads, books: new StreamBooks(elsewhere, places) };
    }

    test('tells what became of its first consent, and lets it be withdrawn, once', async () => {
      const { scene, holder, consent, books, reads } = await opened();
      const find = (id: string) =>
        new FindHolderConsentHandler(books, scene.clock).execute(
          new FindHolderConsent(holder.principal, id),
        );
      expect(await find(consent)).toMatchObject({ consent, state: 'redeemed' });
      if (index === 'an index of it') expect(reads.every((count) => count <= 512)).toBe(true);
      await scene.withdraw(holder, consent);
      expect(await find(consent)).toMatchObject({ state: 'withdrawn' });
      await expect(find('never-asked')).rejects.toMatchObject({ code: 'consent_absent' });
    });

    test('is told in pages, each consent and each access once, the latest first', async () => {
      const { scene, holder, consent, ids, books } = await opened();
      const consents: string[] = [];
      for (let next: string | null = null; ;) {
        const page = await new HolderConsentsHandler(books, scene.clock).execute(
          new HolderConsents(holder.principal, next),
        );
        expect(page.consents.length).toBeLessThanOrEqual(100);
        consents.push(...page.consents.map((each) => each.consent));
        next = page.next;
        if (next === null) break;
      }
      expect(consents).toEqual([...ids.toReversed(), consent]);

      const versions: number[] = [];
      for (let before: number | null = null; ;) {
        const page = await new ListAccessesHandler(books).execute(
          new ListAccesses(holder.principal, before),
        );
        expect(page.head?.version).toBe(later + 2);
        versions.unshift(...page.accesses.map(({ version }) => version));
        before = page.earlier;
        if (before === null) break;
      }
      expect(versions).toEqual(Array.from({ length: later + 3 }, (_, n) => n));
    });

    test('has the consents of a case that was opened before all of it', async () => {
      const { scene, holder, atCase, consent, books } = await opened();
      const { opened: opening } = await scene.cases.own(atCase, scene.terminal);
      const { book } = await books.read(holder.subject, { ofCase: opening });
      expect(book.consents.get(consent)).toMatchObject({ status: 'redeemed' });
    });
  },
);

test('what the index names is believed of no other book', async () => {
  const store = new MemoryEventStore('city.example');
  const { scene, book, consent } = await history(store);
  const other = scene.person('110101199003070117');
  const [first] = await store.readStream(book);
  const requested = first!.body.data;
  const events = Array.from({ length: later }, (_, n) =>
    eventOf(
      'ConsentRequested',
      { ...requested, consent: `other-${n}`, answerBy: '2026-11-22T07:00:00.000Z' },
      scene.clock.now(),
    ),
  );
  await store.append(bookOf(other.subject), NONE, events);
  const books = new StreamBooks(new OtherProcess(store), await indexed(store));
  await expect(
    new FindHolderConsentHandler(books, scene.clock).execute(
      new FindHolderConsent(other.principal, consent),
    ),
  ).rejects.toMatchObject({ code: 'consent_absent' });
});
