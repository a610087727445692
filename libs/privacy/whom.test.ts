import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.js';
import type { CommandContext } from '#libs/event-store';
import { MemoryEventStore } from '#libs/event-store/memory';
import { RequestErasure, RequestErasureHandler } from './commands/request-erasure.js';
import { PostgresSubjectDirectory } from './directory.postgres.js';
import { Erasures } from './erasures.js';
import { KeyRing, PrivacyKeys } from './keys.js';
import { createVault } from './privacy.migrations.js';
import { readSubject } from './subject.stream.js';
import { WhomToErase } from './whom.js';

const secret = () => randomBytes(32).toString('base64url');
const keys = new PrivacyKeys(new KeyRing(secret()), new KeyRing(secret()));
let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
  await createVault(database.pool);
});
afterAll(() => database.drop());

const context = (): CommandContext => ({
  actor: { client: 'admin-1' },
  idempotencyKey: secret(),
  seed: randomBytes(32).toString('hex'),
  now: '2026-11-22T08:00:00.000Z',
});
const caller = {
  is: 'client',
  client: 'admin-1',
  kind: 'administrator',
  department: 'city',
  window: null,
  scopes: [],
  jkt: 'key',
} as unknown as ConstructorParameters<typeof RequestErasure>[1];

test('an erasure is asked for of a number whose look-up never came to its end, and of nobody by a number that is unknown', async () => {
  const number = `T${randomBytes(6).toString('hex')}`;
  // A process that ended between the row and the event: the row is in the database, and no stream knows of it.
  const subject = await new PostgresSubjectDirectory(
    database.pool,
    keys,
    new MemoryEventStore('city.example'),
  ).resolve(context(), '999', number);
  await database.pool.query('UPDATE vault.lookup SET noted = false');

  const store = new MemoryEventStore('city.example');
  const directory = new PostgresSubjectDirectory(database.pool, keys, store);
  const handler = new RequestErasureHandler(
    store,
    new WhomToErase(store, directory),
    new Erasures(database.pool),
  );
  const ask = (of: string) =>
    handler.execute(
      new RequestErasure(
        context(),
        caller,
        { identifier: { kind: '999', number: of } },
        'consent-withdrawn',
      ),
    );
  const { erasure } = await ask(number);

  expect(await new Erasures(database.pool).subjectOf(erasure)).toBe(subject);
  const state = await readSubject(store, subject);
  expect(state).toMatchObject({ status: 'provisional' });
  await expect(ask('T-nobody')).rejects.toMatchObject({ code: 'subject_absent' });
});
