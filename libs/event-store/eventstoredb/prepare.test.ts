import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventStoreDouble } from '../../../test/eventstore/double.js';
import { NONE, START } from '../port.js';
import { newEvent } from '../store.contract.js';
import { EventStoreDbEventStore, prepareEventStore, type PrepareOptions } from './index.js';

const city = 'city.example';
const administrator = 'admin:of-the-server';

/** Against a double that authenticates callers and keeps access lists by the server's rules. */
describe('preparing an EventStoreDB for a ledger', () => {
  let double: EventStoreDouble;
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mianzheng-prepare-'));
    double = await EventStoreDouble.start({
      secured: { administratorPassword: 'of-the-server', caFile: join(folder, 'ca.pem') },
    });
  });
  afterEach(async () => {
    await double.stop();
    await rm(folder, { recursive: true });
  });

  const prepare = (options: Partial<PrepareOptions> = {}) =>
    prepareEventStore({
      city,
      url: double.urlFor('ledger:of-the-ledger'),
      administratorUrl: double.urlFor(administrator),
      ofOthers: 'refuse',
      resetPassword: false,
      ...options,
    });
  /** What happens to a user of the server that opens the store. */
  const as = async <Done>(
    login: string,
    work: (store: EventStoreDbEventStore) => Promise<Done>,
  ) => {
    const store = await EventStoreDbEventStore.open({
      city,
      url: double.urlFor(login),
      readPatienceMs: 500,
    });
    try {
      return await work(store);
    } finally {
      await store.close();
    }
  };
  const lists = () => [double.log.lastOf('$settings'), double.log.lastOf('$$$all')];
  /** Another user, created by the server's administrator. */
  const other = (login: string) =>
    prepare({ url: double.urlFor(`${login}:word`), ofOthers: 'remove', city: 'other.example' });

  test('gives the ledger a user that reads $all and writes, and needs no administrator', async () => {
    await expect(as('ledger:of-the-ledger', () => Promise.resolve())).rejects.toThrow(/not know/);
    expect(await prepare()).toMatchObject({ login: 'ledger', user: 'made', otherWriters: [] });
    await as('ledger:of-the-ledger', async (store) => {
      await store.append('book-1', NONE, [newEvent()]);
      expect(await store.readAll(START, 10)).toHaveLength(1);
      expect(await store.readStream('book-1')).toHaveLength(1);
      expect(await store.readStream('book-2')).toEqual([]);
    });
  });

  test('lets no other user of the server write under the names of the city, nor read them', async () => {
    await other('shop');
    await prepare({ ofOthers: 'remove' });
    const refused = {
      code: 'store_unreachable',
      message: expect.stringMatching(/not let this user/),
    };
    await expect(as('shop:word', () => Promise.resolve())).rejects.toMatchObject(refused);
    // A user that may read $all is not necessarily a writer.
    double.administer('$all', { $acl: { $r: ['$admins', 'ledger', 'shop'] } });
    await as('shop:word', async (store) => {
      await expect(store.append('book-1', NONE, [newEvent()])).rejects.toMatchObject(refused);
      await expect(store.readStream('book-1')).rejects.toMatchObject(refused);
    });
    expect(double.log.stream(`${city}/book-1`)).toEqual([]);
  });

  test('lets the ledger delete nothing and set no metadata', async () => {
    await prepare();
    await expect(
      prepare({
        administratorUrl: double.urlFor('ledger:of-the-ledger'),
        url: double.urlFor('x:y'),
      }),
    ).rejects.toMatchObject({ code: 'event_store_administrator_refused' });
    expect(double.log.lastOf('$settings')).toEqual({
      $userStreamAcl: {
        $r: ['$admins', 'ledger'],
        $w: ['$admins', 'ledger'],
        $d: ['$admins'],
        $mr: ['$admins', 'ledger'],
        $mw: ['$admins'],
      },
    });
  });

  test('changes nothing when it is run again, and says so', async () => {
    await prepare();
    const before = double.log.length;
    expect(await prepare()).toMatchObject({
      user: 'there',
      lists: [{ changed: false }, { changed: false }],
    });
    expect(double.log.length).toBe(before);
  });

  test('keeps all other settings and metadata of $all', async () => {
    double.log.append('$settings', -1, [settings({ $systemStreamAcl: { $r: '$ops' } })]);
    double.administer('$all', { remark: 'by hand', $acl: { $mr: ['$ops'] } });
    await prepare({ ofOthers: 'keep' });
    expect(lists()).toEqual([
      expect.objectContaining({ $systemStreamAcl: { $r: '$ops' } }),
      { remark: 'by hand', $acl: { $mr: ['$ops'], $r: ['$admins', 'ledger'] } },
    ]);
  });

  test.each([
    ['for streams', () => double.log.append('$settings', -1, [settings(shops)])],
    [
      'of $all',
      () => {
        double.administer('$all', { $acl: { $r: ['$admins', 'shop'] } });
      },
    ],
  ] as const)(
    'refuses over an access list %s that others set, and changes nothing',
    async (_, set) => {
      set();
      const before = double.log.length;
      await expect(prepare()).rejects.toMatchObject({
        code: 'event_store_access_of_others',
        hint: expect.stringMatching(/^Nothing was changed. --others keep .*--others remove/),
      });
      expect(double.log.length).toBe(before);
    },
  );

  test('refuses on a server that holds streams of others, whose users it would shut out', async () => {
    double.put('orders.example', 'order-1', newEvent());
    await expect(prepare()).rejects.toMatchObject({ code: 'event_store_shared' });
    expect(lists()).toEqual([null, null]);
    expect((await prepare({ ofOthers: 'keep' })).otherWriters).toEqual(['$all']);
    expect(lists()[0]).toBeNull();
    expect((await prepare({ ofOthers: 'remove' })).otherWriters).toEqual([]);
  });

  test('keeps the rights of others where it is told to, and names who may write', async () => {
    double.log.append('$settings', -1, [settings(shops)]);
    const kept = await prepare({ ofOthers: 'keep' });
    expect(kept.otherWriters).toEqual(['shop']);
    expect(double.log.lastOf('$settings')).toMatchObject({
      $userStreamAcl: { $r: ['$all'], $w: ['shop', '$admins', 'ledger'] },
    });
    const before = double.log.length;
    expect(await prepare({ ofOthers: 'keep' })).toMatchObject({ otherWriters: ['shop'] });
    expect(double.log.length).toBe(before);
  });

  test('refuses a password that the user does not have, and gives it only when told', async () => {
    await prepare();
    const url = double.urlFor('ledger:another');
    await expect(prepare({ url })).rejects.toMatchObject({ code: 'event_store_password_differs' });
    expect(await prepare({ url, resetPassword: true })).toMatchObject({ user: 'password reset' });
    await as('ledger:another', (store) => store.append('book-1', NONE, [newEvent()]));
  });

  test.each([
    ['no administrator', { administratorUrl: 'nobody:word' }, 'event_store_administrator_refused'],
    ['an administrator as the ledger', { url: administrator }, 'event_store_user_is_administrator'],
    ['no login of the ledger', { url: undefined }, 'event_store_login_missing'],
  ] as const)('refuses %s', async (_, logins, code) => {
    const urls = Object.entries(logins).map(([name, login]) => [name, double.urlFor(login)]);
    const told = prepare(Object.fromEntries(urls) as object);
    await expect(told).rejects.toMatchObject({ code });
    await told.catch((error: unknown) => {
      expect(JSON.stringify(error)).not.toMatch(/word|of-the-/);
    });
    expect(lists()).toEqual([null, null]);
  });

  test('refuses a user of the server’s that is disabled, or one of its administrators', async () => {
    await prepare();
    double.changeUser('ledger', { isDisabled: true });
    await expect(prepare()).rejects.toMatchObject({ code: 'event_store_user_disabled' });
    double.changeUser('ledger', { isDisabled: false, groups: ['$admins'] });
    await expect(prepare()).rejects.toMatchObject({ code: 'event_store_user_is_administrator' });
  });

  test('refuses a server without TLS, to which no password is sent', async () => {
    const open = await EventStoreDouble.start();
    const before = open.log.length;
    await expect(
      prepare({ url: open.urlFor('ledger:a'), administratorUrl: open.urlFor('admin:b') }),
    ).rejects.toMatchObject({ code: 'event_store_open' });
    expect(open.log.length).toBe(before);
    await open.stop();
  });

  test('refuses a server that allows anonymous access', async () => {
    double.letAnybodyIn();
    await expect(prepare()).rejects.toMatchObject({ code: 'event_store_open' });
    expect(lists()).toEqual([null, null]);
  });
});

const shops = { $userStreamAcl: { $r: '$all', $w: 'shop', $d: 'shop', $mw: 'shop' } };

const settings = (content: object) => ({
  id: '00000000-0000-4000-8000-000000000001',
  type: '$settings',
  contentType: 'application/json',
  data: Buffer.from(JSON.stringify(content)),
  metadata: new Uint8Array(),
});
