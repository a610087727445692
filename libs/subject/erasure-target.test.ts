import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { type CommandContext, type EventStore, execute, upcasting } from '#libs/event-store';
import { MemoryEventStore } from '#libs/event-store/memory';
import {
  clientKey,
  clientStream,
  identityDecider,
  type IdentityEvent,
  identitySchemas,
} from '#libs/identity';
import { TestKey } from '../../test/support/keys.js';
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.js';
import { KeyRing, VaultKeys } from '../vault/postgres/keys.js';
import { createVault } from '../vault/vault.migrations.js';
import { createSubject } from './subject.migrations.js';
import { RequestErasure, RequestErasureHandler } from './commands/request-erasure.js';
import { PostgresSubjectDirectory } from './directory.postgres.js';
import { Erasures } from './erasures.js';
import { readSubject } from './subject.stream.js';
import { ErasureTargetResolver } from './erasure-target.js';

const secret = () => randomBytes(32).toString('base64url');
const keys = new VaultKeys(new KeyRing(secret()), new KeyRing(secret()));
let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
  await createVault(database.pool);
  await createSubject(database.pool);
});
afterAll(() => database.drop());

const context = (): CommandContext => ({
  actor: { client: 'admin-1' },
  idempotencyKey: secret(),
  seed: randomBytes(32).toString('hex'),
  now: '2026-11-22T08:00:00.000Z',
});
const key = clientKey({ ...new TestKey().jwk }, null);
const caller = {
  is: 'client',
  client: 'admin-1',
  kind: 'administrator',
  department: 'city',
  window: null,
  scopes: [],
  jkt: key.kid,
} as unknown as ConstructorParameters<typeof RequestErasure>[1];

/** The administrator who asks, registered by the city. */
const admit = (store: EventStore) =>
  execute(
    store,
    clientStream('admin-1'),
    { ...context(), actor: { client: 'city' } },
    { ...identityDecider, codec: upcasting<IdentityEvent>(identitySchemas) },
    (state) =>
      identityDecider.decide(
        {
          kind: 'register',
          client: 'admin-1',
          clientKind: 'administrator',
          name: '管理员',
          department: 'city',
          window: null,
          town: null,
          authority: null,
          scopes: null,
          signIn: 'client',
          keys: [key],
        },
        state,
      ),
  );

test('an erasure is asked for of a number whose look-up never came to its end, and of nobody by a number that is unknown', async () => {
  const number = `T${randomBytes(6).toString('hex')}`;
  // As after a crash between row and event: the row exists, and no stream mentions it.
  const subject = await new PostgresSubjectDirectory(
    database.pool,
    keys,
    new MemoryEventStore('city.example'),
  ).resolve(context(), { kind: '999', number, issuer: '示例机关' });
  await database.pool.query('UPDATE vault.lookup SET noted = false');

  const store = new MemoryEventStore('city.example');
  await admit(store);
  const directory = new PostgresSubjectDirectory(database.pool, keys, store);
  const handler = new RequestErasureHandler(
    store,
    new ErasureTargetResolver(store, directory),
    new Erasures(database.pool),
  );
  const ask = (of: string) =>
    handler.execute(
      new RequestErasure(
        context(),
        caller,
        { identifier: { kind: '999', number: of, issuer: '示例机关' } },
        'consent-withdrawn',
      ),
    );
  const { erasure } = await ask(number);

  expect(await new Erasures(database.pool).subjectOf(erasure)).toBe(subject);
  const state = await readSubject(store, subject);
  expect(state).toMatchObject({ status: 'provisional' });
  await expect(ask('T-nobody')).rejects.toMatchObject({ code: 'subject_absent' });
});
