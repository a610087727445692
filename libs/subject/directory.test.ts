import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomBytes, randomInt } from 'node:crypto';
import { type CommandContext, type EventStore, type NewEvent, START } from '#libs/event-store';
import { MemoryEventStore } from '#libs/event-store/memory';
import { createEventStore, PostgresEventStore } from '#libs/event-store/postgres';
import { creditCodeCheck, residentIdCheck } from '#libs/kernel';
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.js';
import { KeyRing, VaultKeys } from '../vault/postgres/keys.js';
import { createVault } from '../vault/vault.migrations.js';
import { createSubject } from './subject.migrations.js';
import { newKey } from '../vault/seal.js';
import { PostgresVault } from '../vault/postgres/vault.js';
import { PostgresSubjectDirectory } from './directory.postgres.js';

const secret = () => randomBytes(32).toString('base64url');
const [master, pepper] = [new KeyRing(secret()), secret()];
const keys = new VaultKeys(master, new KeyRing(pepper));
let database: TestDatabase;

beforeAll(async () => {
  database = await freshDatabase();
  await createVault(database.pool);
  await createSubject(database.pool);
  await createEventStore(database.pool);
});
afterAll(() => database.drop());

/** Resident id numbers that belong to no person: no area code starts with 99. */
function inventNumbers(count: number): string[] {
  const numbers = new Set<string>();
  while (numbers.size < count) {
    const first17 = `99${String(randomInt(0, 10_000)).padStart(4, '0')}19${randomInt(50, 99)}0101${String(randomInt(0, 1000)).padStart(3, '0')}`;
    numbers.add(first17 + (residentIdCheck(first17) ?? ''));
  }
  return [...numbers];
}
const inventNumber = () => inventNumbers(1)[0]!;

const command = (): CommandContext => ({
  actor: { client: 'terminal-1' },
  idempotencyKey: randomBytes(16).toString('hex'),
  seed: randomBytes(32).toString('hex'),
  now: '2026-11-22T08:00:00.000Z',
});
const directoryOn = (store: EventStore, own = keys) =>
  new PostgresSubjectDirectory(database.pool, own, store);
const typesOf = async (store: EventStore, subject: string) =>
  (await store.readStream(`subject-${subject}`)).map(({ body }) => body.type);
const keyCount = async () =>
  (await database.pool.query<{ n: number }>('SELECT count(*)::int AS n FROM vault.subject_key'))
    .rows[0]!.n;
const rowsOf = async (subject: string) =>
  (
    await database.pool.query<{ noted: boolean }>(
      'SELECT noted FROM vault.lookup WHERE subject = $1',
      [subject],
    )
  ).rows;

/** The memory store with an append that goes wrong once: lost, or done and not reported. */
class BrokenOnce extends MemoryEventStore {
  constructor(public how: 'lost' | 'done' | 'never') {
    super('city.example');
  }
  override async append(stream: string, expected: number, events: readonly NewEvent[]) {
    const { how } = this;
    this.how = 'never';
    if (how === 'lost') throw new Error('the process is gone');
    const appended = await super.append(stream, expected, events);
    if (how === 'done') throw new Error('the process is gone');
    return appended;
  }
}

describe('a number', () => {
  test('finds the same subject every time, and nobody else does', async () => {
    const store = new MemoryEventStore('city.example');
    const directory = directoryOn(store);
    const [one, other] = inventNumbers(2) as [string, string];
    const subject = await directory.resolve(command(), { kind: '111', number: one });
    expect(subject).toMatch(/^[\w-]{22}$/);
    for (const written of [one, ` ${one} `, one.toLowerCase()])
      expect(await directory.resolve(command(), { kind: '111', number: written })).toBe(subject);
    expect(await directory.resolve(command(), { kind: '111', number: other })).not.toBe(subject);
    expect(await typesOf(store, subject)).toEqual(['SubjectNoted', 'IdentifierAdded']);
  });

  test('of one kind is not that of another', async () => {
    const directory = directoryOn(new MemoryEventStore('city.example'));
    const code = `99${randomBytes(8).toString('hex').toUpperCase().slice(0, 15)}`;
    const number = code + (creditCodeCheck(code) ?? '');
    const organisation = await directory.resolve(command(), { kind: '001', number });
    expect(
      await directory.resolve(command(), { kind: '999', number, issuer: '示例机关' }),
    ).not.toBe(organisation);
  });

  test('with a wrong check is refused, and leaves nothing behind', async () => {
    const store = new MemoryEventStore('city.example');
    const before = await keyCount();
    const wrong = inventNumber().replace(/.$/, (check) => (check === '1' ? '2' : '1'));
    await expect(
      directoryOn(store).resolve(command(), { kind: '111', number: wrong }),
    ).rejects.toMatchObject({
      code: 'identifier_check_failed',
    });
    await expect(
      directoryOn(store).resolveMany(command(), [
        { kind: '111', number: inventNumber() },
        { kind: '111', number: wrong },
      ]),
    ).rejects.toMatchObject({ code: 'identifier_check_failed' });
    expect(await keyCount()).toBe(before);
    expect(await store.head()).toBe(START);
  });

  test('that nobody knew has one subject, key and story, however many ask at once', async () => {
    const stores = await Promise.all(
      [1, 2].map(() =>
        PostgresEventStore.open({ city: 'city.example', connectionString: database.url }),
      ),
    );
    try {
      const number = inventNumber();
      const before = await keyCount();
      const found = await Promise.all(
        Array.from({ length: 40 }, (_, n) => {
          const directory = directoryOn(stores[n % 2]!);
          return n % 3 === 0
            ? directory.resolveMany(command(), [{ kind: '111', number }]).then(([one]) => one!)
            : directory.resolve(command(), { kind: '111', number });
        }),
      );
      expect(new Set(found).size).toBe(1);
      expect(await typesOf(stores[0]!, found[0]!)).toEqual(['SubjectNoted', 'IdentifierAdded']);
      expect(await keyCount()).toBe(before + 1);
    } finally {
      await Promise.all(stores.map((store) => store.close()));
    }
  });

  test('leaves no key of a subject that came to nothing when it was known', async () => {
    const directory = directoryOn(new MemoryEventStore('city.example'));
    const number = inventNumber();
    await directory.resolve(command(), { kind: '111', number });
    const before = await keyCount();
    for (let n = 0; n < 4; n++) await directory.resolve(command(), { kind: '111', number });
    expect(await keyCount()).toBe(before);
  });
});

describe('a process that ends half-way', () => {
  test('after the key leaves a rest that the same command finishes', async () => {
    const store = new MemoryEventStore('city.example');
    const [context, number] = [command(), inventNumber()];
    const subject = await directoryOn(store).resolve(context, { kind: '111', number });
    // As if neither look-up row nor event had been written.
    await database.pool.query('DELETE FROM vault.lookup WHERE subject = $1', [subject]);
    const restarted = new MemoryEventStore('city.example');
    expect(await directoryOn(restarted).resolve(context, { kind: '111', number })).toBe(subject);
    expect(await typesOf(restarted, subject)).toEqual(['SubjectNoted', 'IdentifierAdded']);
  });

  test.each(['lost', 'done'] as const)(
    'at an event that was %s leaves a rest that anybody finishes, once',
    async (how) => {
      const store = new BrokenOnce(how);
      const directory = directoryOn(store);
      const number = inventNumber();
      await expect(directory.resolve(command(), { kind: '111', number })).rejects.toThrow('gone');
      const before = await keyCount();
      const subject = await directory.resolve(command(), { kind: '111', number });
      expect(await directory.resolve(command(), { kind: '111', number })).toBe(subject);
      expect(await typesOf(store, subject)).toEqual(['SubjectNoted', 'IdentifierAdded']);
      expect(await rowsOf(subject)).toEqual([{ noted: true }]);
      expect(await keyCount()).toBe(before);
    },
  );

  test.each(['lost', 'done'] as const)(
    'in an import, at an event that was %s, loses nobody when the import runs again',
    async (how) => {
      const store = new BrokenOnce(how);
      const identifiers = inventNumbers(20).map((number) => ({ kind: '111' as const, number }));
      const context = command();
      await expect(directoryOn(store).resolveMany(context, identifiers)).rejects.toThrow('gone');
      const subjects = await directoryOn(store).resolveMany(context, identifiers);
      expect(new Set(subjects).size).toBe(20);
      for (const subject of subjects)
        expect(await typesOf(store, subject)).toEqual(['SubjectNoted', 'IdentifierAdded']);
    },
  );
});

interface Wanted {
  readonly identifier: { readonly kind: '111'; readonly number: string };
  readonly hmac: Buffer;
}

describe('many numbers at once', () => {
  test('of which another process noted one meanwhile, in the moment before we would, tell it once', async () => {
    class Overtaken extends MemoryEventStore {
      #overtaken = false;
      override async append(stream: string, expected: number, events: readonly NewEvent[]) {
        if (!this.#overtaken) {
          this.#overtaken = true;
          const theirs = events.map((event) => ({ ...event, id: randomBytes(16).toString('hex') }));
          await super.append(stream, expected, theirs);
        }
        return super.append(stream, expected, events);
      }
    }
    const store = new Overtaken('city.example');
    const identifiers = inventNumbers(3).map((number) => ({ kind: '111' as const, number }));
    const subjects = await directoryOn(store).resolveMany(command(), identifiers);
    for (const subject of subjects)
      expect(await typesOf(store, subject)).toEqual(['SubjectNoted', 'IdentifierAdded']);
  });

  test('are answered in order, each as it would be alone, the same one twice too', async () => {
    const store = new MemoryEventStore('city.example');
    const directory = directoryOn(store);
    const numbers = inventNumbers(300);
    const known = await directory.resolve(command(), { kind: '111', number: numbers[7]! });
    const asked = [...numbers, ...numbers.slice(0, 50)].map((number) => ({
      kind: '111' as const,
      number,
    }));
    const subjects = await directory.resolveMany(command(), asked);
    expect(subjects).toHaveLength(350);
    expect(subjects[7]).toBe(known);
    expect(subjects.slice(300)).toEqual(subjects.slice(0, 50));
    expect(new Set(subjects).size).toBe(300);
    expect(await directory.resolve(command(), { kind: '111', number: numbers[299]! })).toBe(
      subjects[299],
    );
    expect(await directory.resolveMany(command(), [])).toEqual([]);
  });

  test('that come in several imports at once, in any order, do not lock each other up', async () => {
    const store = new MemoryEventStore('city.example');
    const identifiers = inventNumbers(200).map((number) => ({ kind: '111' as const, number }));
    const before = await keyCount();
    const answers = await Promise.all(
      Array.from({ length: 6 }, async (_, n) => {
        const mine = n % 2 === 0 ? identifiers : identifiers.toReversed();
        const subjects = await directoryOn(store).resolveMany(command(), mine);
        return n % 2 === 0 ? subjects : subjects.toReversed();
      }),
    );
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(await keyCount()).toBe(before + 200);
  });

  test('of which one is the victim of a deadlock fail nobody who asked at that moment', async () => {
    const directory = directoryOn(new MemoryEventStore('city.example'));
    const [first, second] = inventNumbers(2)
      .map((number) => {
        const identifier = { kind: '111' as const, number };
        const hmac = Buffer.from(directory.countedAs(command(), identifier), 'base64url');
        return { identifier, hmac };
      })
      .sort((a, b) => Buffer.compare(a.hmac, b.hmac)) as [Wanted, Wanted];
    const other = await database.pool.connect();
    const take = ({ hmac }: Wanted) =>
      other.query(
        `INSERT INTO vault.lookup (hmac, pepper, kind, identifier, subject)
         VALUES ($1, $2, '111', 'other', 'other')`,
        [hmac, keys.peppers.current.id],
      );
    await other.query("BEGIN; SET LOCAL deadlock_timeout = '60s'");
    await take(second);
    const found = Promise.all(
      [first, second].map(({ identifier }) => directory.resolve(command(), identifier)),
    );
    const waiting = `SELECT FROM pg_stat_activity
      WHERE wait_event_type = 'Lock' AND datname = current_database()`;
    while ((await database.pool.query(waiting)).rowCount === 0)
      await new Promise((resolve) => setImmediate(resolve));
    await take(first);
    await other.query('ROLLBACK');
    other.release();
    expect(new Set(await found).size).toBe(2);
  });
});

describe('a new pepper', () => {
  test('finds those known under the old one, and writes them under its own', async () => {
    const store = new MemoryEventStore('city.example');
    const [one, two] = inventNumbers(2) as [string, string];
    const subjects = await directoryOn(store).resolveMany(command(), [
      { kind: '111', number: one },
      { kind: '111', number: two },
    ]);
    const next = secret();
    const both = new VaultKeys(master, new KeyRing(`${pepper}\n${next}`));
    const rotated = directoryOn(store, both);
    expect(await rotated.resolve(command(), { kind: '111', number: one })).toBe(subjects[0]);
    expect(await rotated.resolveMany(command(), [{ kind: '111', number: two }])).toEqual([
      subjects[1],
    ]);
    const alone = directoryOn(store, new VaultKeys(master, new KeyRing(next)));
    expect(await alone.resolve(command(), { kind: '111', number: one })).toBe(subjects[0]);
    expect(await typesOf(store, subjects[0]!)).toEqual([
      'SubjectNoted',
      'IdentifierAdded',
      'IdentifierAdded',
    ]);
  });
});

describe('a command that is sent again after the erasure of whom it had made', () => {
  /** What an erasure does to the vault. */
  async function erase(subject: string) {
    await new PostgresVault(database.pool, keys).destroy(subject);
    await database.pool.query('DELETE FROM vault.lookup WHERE subject = $1', [subject]);
  }
  const tombstone = async (subject: string) =>
    (
      await database.pool.query<{ gone: boolean }>(
        'SELECT wrapped IS NULL AS gone FROM vault.subject_key WHERE subject = $1',
        [subject],
      )
    ).rows;

  test.each(['alone', 'in an import'] as const)(
    'finds a stranger, %s, as often as it is sent, and nobody finds the erased one',
    async (how) => {
      const store = new MemoryEventStore('city.example');
      const directory = directoryOn(store);
      const [context, number, neighbour] = [command(), ...inventNumbers(2)] as const;
      const ask = async (on = context) =>
        how === 'alone'
          ? directory.resolve(on, { kind: '111', number: number! })
          : (
              await directory.resolveMany(
                on,
                [neighbour!, number!].map((one) => ({ kind: '111' as const, number: one })),
              )
            )[1]!;
      const erased: string[] = [];
      for (let n = 0; n < 3; n++) {
        expect(await directory.foresee(context, { kind: '111', number: number! })).not.toBe(
          erased.at(-1),
        );
        const foreseen = await directory.foresee(context, { kind: '111', number: number! });
        const subject = await ask();
        expect(subject).toBe(foreseen);
        expect(erased).not.toContain(subject);
        expect(await ask()).toBe(subject);
        expect(await ask(command())).toBe(subject);
        expect(await typesOf(store, subject)).toEqual(['SubjectNoted', 'IdentifierAdded']);
        await erase(subject);
        erased.push(subject);
      }
      expect(await directory.find({ kind: '111', number: number! })).toBeNull();
      for (const subject of erased) {
        expect(await rowsOf(subject)).toEqual([]);
        expect(await tombstone(subject)).toEqual([{ gone: true }]);
      }
    },
  );

  test('leaves the empty row of the erased one, when the number has come back by another command', async () => {
    const store = new MemoryEventStore('city.example');
    const directory = directoryOn(store);
    const [context, number] = [command(), inventNumber()];
    const subject = await directory.resolve(context, { kind: '111', number });
    await erase(subject);
    const stranger = await directory.resolve(command(), { kind: '111', number });
    expect(await directory.resolve(context, { kind: '111', number })).toBe(stranger);
    expect(await directory.resolveMany(context, [{ kind: '111', number }])).toEqual([stranger]);
    expect(await tombstone(subject)).toEqual([{ gone: true }]);
    await expect(
      new PostgresVault(database.pool, keys).wrap(subject, newKey()),
    ).rejects.toMatchObject({ code: 'subject_key_destroyed' });
  });

  test('and a row that still leads to the erased one is met by nobody, and goes', async () => {
    const directory = directoryOn(new MemoryEventStore('city.example'));
    const number = inventNumber();
    const subject = await directory.resolve(command(), { kind: '111', number });
    await directory.resolve(command(), { kind: '111', number });
    await new PostgresVault(database.pool, keys).destroy(subject);
    const before = await keyCount();
    expect(await directory.find({ kind: '111', number })).toBeNull();
    await expect(directory.resolve(command(), { kind: '111', number })).rejects.toMatchObject({
      code: 'lookup_row_vanished',
    });
    expect([await rowsOf(subject), await keyCount()]).toEqual([[], before]);
    expect(await directory.resolve(command(), { kind: '111', number })).not.toBe(subject);
  });

  test('at the same moment as the erasure writes no row that stays', async () => {
    const directory = directoryOn(new MemoryEventStore('city.example'));
    const number = inventNumber();
    const subject = await directory.resolve(command(), { kind: '111', number });
    // A new pepper adds a second row for a subject that exists.
    const both = new VaultKeys(master, new KeyRing(`${pepper}\n${secret()}`));
    const eraser = await database.pool.connect();
    await eraser.query('BEGIN');
    await eraser.query(
      'UPDATE vault.subject_key SET wrapped = NULL, destroyed = now() WHERE subject = $1',
      [subject],
    );
    const found = directoryOn(new MemoryEventStore('city.example'), both)
      .resolve(command(), { kind: '111', number })
      .catch((error: unknown) => (error as { code: string }).code);
    for (;;) {
      const { rowCount } = await database.pool.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      if (rowCount === 1) break;
    }
    await eraser.query('COMMIT');
    eraser.release();
    await database.pool.query('DELETE FROM vault.lookup WHERE subject = $1', [subject]);
    expect(await found).not.toBe(subject);
    expect(await rowsOf(subject)).toEqual([]);
  });
});

test("a subject's key is there as soon as the subject is", async () => {
  const directory = directoryOn(new MemoryEventStore('city.example'));
  const subject = await directory.resolve(command(), { kind: '111', number: inventNumber() });
  const before = await keyCount();
  const vault = new PostgresVault(database.pool, keys);
  const key = newKey();
  expect(Buffer.from(await vault.unwrap(subject, await vault.wrap(subject, key)))).toEqual(key);
  expect(await keyCount()).toBe(before);
});
