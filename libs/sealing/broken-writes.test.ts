import { afterEach, describe, expect, it } from '@jest/globals';
import { START } from '#libs/event-store';
import { fromHex } from '#libs/kernel';
import { OwnConnection, PostgresLeases } from '#libs/lease/postgres';
import { type Checkpoint, GrowingTree, parseCheckpoint, type Tile } from '#libs/log';
import { breakingProxy } from '../../test/support/breaking-proxy.js';
import {
  appendRecords,
  type PlaceOfRecords,
  placesOfRecords,
  SealedLedger,
} from '../../test/support/sealed-ledger.js';
import { LogStorage, type SealedStep, SealerLease } from './ports.js';
import { SealerStopped } from './sealing.errors.js';
import { takeEpoch } from './sealer-lease.postgres.js';

const patience = 20_000;
let ledger: SealedLedger | undefined;
afterEach(() => ledger?.close());

type Break = 'lost' | 'done, but reported failed';

type Write = 'write' | 'publish' | 'refuse' | 'lift';

/**
 * A storage whose writes fail on command, once each, as after a killed process or a cut connection.
 * It remembers every checkpoint that its sealer published, whether it was kept or not.
 */
class BreakingStorage extends LogStorage {
  readonly breaks = new Map<Write, Break>();
  readonly seen: Checkpoint[] = [];
  broken = 0;
  /** Nothing reaches the database any more, as after `kill -9`. */
  isKilled = false;

  constructor(private readonly storage: LogStorage) {
    super();
  }

  async acquire(signal: AbortSignal, lost: () => void): Promise<SealerLease> {
    return new BreakingDesk(await this.storage.acquire(signal, lost), this);
  }
  tiles(wanted: readonly Tile[]) {
    return this.storage.tiles(wanted);
  }
  sealed() {
    return this.storage.sealed();
  }
  published() {
    return this.storage.published();
  }
  refuse(...args: Parameters<LogStorage['refuse']>) {
    return this.run('refuse', () => this.storage.refuse(...args));
  }
  refusal() {
    return this.storage.refusal();
  }
  lift(...args: Parameters<LogStorage['lift']>) {
    return this.run('lift', () => this.storage.lift(...args));
  }

  async run<Result>(what: Write, write: () => Promise<Result>): Promise<Result> {
    if (this.isKilled) throw new TypeError('the process was killed');
    const how = this.breaks.get(what);
    this.breaks.delete(what);
    if (how === undefined) return write();
    this.broken++;
    if (how !== 'lost') await write();
    throw new TypeError('the connection broke');
  }
}

class BreakingDesk extends SealerLease {
  constructor(
    private readonly desk: SealerLease,
    private readonly storage: BreakingStorage,
  ) {
    super();
  }
  read() {
    return this.desk.read();
  }
  write(step: SealedStep) {
    if (step.note !== null) this.storage.seen.push(parseCheckpoint(step.note));
    return this.storage.run('write', () => this.desk.write(step));
  }
  publish(...args: Parameters<SealerLease['publish']>) {
    this.storage.seen.push(parseCheckpoint(args[1]));
    return this.storage.run('publish', () => this.desk.publish(...args));
  }
  release() {
    return this.desk.release();
  }
}

/**
 * Every published checkpoint must be of the one tree that the records give; so must what is stored.
 */
async function checkEverything(
  of: SealedLedger,
  storages: readonly BreakingStorage[],
  place: PlaceOfRecords,
) {
  const roots = new Map<number, Uint8Array>();
  const tree = new GrowingTree();
  for (let after = START; ;) {
    const page = await of.store.readAll(after, 1000);
    for (const { hash } of page) {
      tree.append(fromHex(hash)!);
      roots.set(tree.size, tree.root());
    }
    if (page.length === 0) break;
    after = page.at(-1)!.position;
  }
  const seen = storages.flatMap((storage) => storage.seen);
  expect(seen.length).toBeGreaterThan(0);
  for (const { size, root } of seen)
    expect({ size, root: Buffer.from(root) }).toEqual({
      size,
      root: Buffer.from(roots.get(size)!),
    });
  const stored = await of.storage().published();
  expect(roots.get(parseCheckpoint(stored!).size)).toBeDefined();
  const { rows } = await of.database.pool.query('SELECT size::int, root FROM log_sealed');
  expect(rows[0].size).toBe(tree.size);
  expect(rows[0].root).toEqual(Buffer.from(tree.root()));
  const { completed, edge } = tree.takeChanges();
  const tiles = await of.database.pool.query('SELECT level, tile::int, hashes FROM log_tile');
  expect(tiles.rows).toHaveLength(completed.length + edge.length);
  for (const { level, index, hashes } of [...completed, ...edge])
    expect(tiles.rows).toContainEqual({ level, tile: index, hashes: Buffer.from(hashes) });
  const table = await of.database.pool.query(
    `SELECT count(*)::int AS leaves, count(*) FILTER (WHERE r.hash = l.hash AND l.position = (1::bigint << 55) + r.position * 1009)::int AS right
     FROM log_leaf l LEFT JOIN log_record r ON r.position = l.index + 1 AND r.stream = l.stream AND r.version = l.version`,
  );
  const leaves = place === 'beside' ? 0 : tree.size;
  expect(table.rows).toEqual([{ leaves, right: leaves }]);
}

describe.each(placesOfRecords)('a sealer whose writes break, with the records %s,', (place) => {
  it.each<['write' | 'publish', Break]>([
    ['write', 'lost'],
    ['write', 'done, but reported failed'],
    ['publish', 'lost'],
    ['publish', 'done, but reported failed'],
  ])('goes on with the same tree when a %s is %s', async (what, how) => {
    ledger = await SealedLedger.make(1, place);
    const storage = new BreakingStorage(ledger.storage());
    const sealer = ledger.sealer({ storage });
    sealer.start();
    let size = 0;
    for (const count of [1, 254, 3, 300]) {
      storage.breaks.set(what, how);
      await appendRecords(ledger.store, count);
      expect(await sealer.reached((size += count), patience)).not.toBeNull();
      // A note is written by itself where no step comes.
      while (storage.breaks.size > 0) await ledger.size();
    }
    expect(storage.broken).toBe(4);
    expect(sealer.alarm).toBeNull();
    await sealer.stop();
    await checkEverything(ledger, [storage], place);
  });

  it('that is killed before the note of what it published is stored leaves it to be signed again', async () => {
    ledger = await SealedLedger.make(1, place);
    const storage = new BreakingStorage(ledger.storage());
    const sealer = ledger.sealer({ storage });
    sealer.start();
    await appendRecords(ledger.store, 3);
    await sealer.reached(3, patience);
    await appendRecords(ledger.store, 4);
    const shown = await sealer.reached(7, patience);
    storage.isKilled = true;
    await sealer.stop();
    const next = new BreakingStorage(ledger.storage());
    const after = ledger.sealer({ storage: next });
    after.start();
    const again = await after.reached(7, patience);
    expect(again?.note.text).toBe(shown?.note.text);
    await after.stop();
    expect(after.alarm).toBeNull();
    expect(parseCheckpoint((await ledger.storage().published())!).size).toBe(7);
    await checkEverything(ledger, [storage, next], place);
  });

  it.each<Break>(['lost', 'done, but reported failed'])(
    'begins anew when the epoch that it takes is %s',
    async (how) => {
      ledger = await SealedLedger.make(1, place);
      const proxy = await breakingProxy(ledger.database.url);
      const storage = new BreakingStorage(
        ledger.storage({ config: { connectionString: proxy.url } }),
      );
      const sealer = ledger.sealer({ storage });
      const text = 'SET epoch = epoch + 1';
      let broken = how === 'lost' ? proxy.loseNext(text) : proxy.loseAnswerTo(text);
      sealer.start();
      let size = 0;
      for (const count of [1, 300]) {
        await broken;
        await appendRecords(ledger.store, count);
        expect(await sealer.reached((size += count), patience)).not.toBeNull();
        if (size > 1) break;
        broken = how === 'lost' ? proxy.loseNext(text) : proxy.loseAnswerTo(text);
        await ledger.database.pool.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'mianzheng sealer' AND datname = current_database()`,
        );
      }
      expect(sealer.alarm).toBeNull();
      await sealer.stop();
      await proxy.close();
      await checkEverything(ledger, [storage], place);
    },
  );

  it.each<Break>(['lost', 'done, but reported failed'])(
    'has written down for all why it refuses, also when that is %s at first',
    async (how) => {
      ledger = await SealedLedger.make(1, place);
      const storage = new BreakingStorage(ledger.storage());
      const sealer = ledger.sealer({ storage });
      sealer.start();
      await appendRecords(ledger.store, 10);
      expect(await sealer.reached(10, patience)).not.toBeNull();
      const { pool } = ledger.database;
      await pool.query('CREATE TABLE kept AS SELECT * FROM log_record WHERE position = 10');
      await pool.query('DELETE FROM log_record WHERE position = 10');
      storage.breaks.set('refuse', how);
      await appendRecords(ledger.store, 1);
      const end = Date.now() + patience;
      while ((await storage.refusal()) === null && Date.now() < end);
      expect(await storage.refusal()).toMatchObject({ code: 'store_changed' });
      expect(storage.broken).toBe(1);
      await sealer.stop();
      expect(sealer.state).toBe('refused');
      // Repaired, and the refusal lifted: one tree again.
      await pool.query('INSERT INTO log_record SELECT * FROM kept');
      await storage.lift();
      const next = new BreakingStorage(ledger.storage());
      const after = ledger.sealer({ storage: next });
      after.start();
      expect(await after.reached(11, patience)).not.toBeNull();
      await after.stop();
      await checkEverything(ledger, [storage, next], place);
    },
  );

  it.each<Break>(['lost', 'done, but reported failed'])(
    'lifts the mark of a restore, also when that is %s at first',
    async (how) => {
      ledger = await SealedLedger.make(1, place);
      const storage = new BreakingStorage(ledger.storage());
      await storage.refuse('restored', null);
      storage.breaks.set('lift', how);
      const sealer = ledger.sealer({ storage });
      sealer.start();
      await appendRecords(ledger.store, 10);
      const end = Date.now() + patience;
      while ((await storage.refusal()) !== null && Date.now() < end);
      expect(await storage.refusal()).toBeNull();
      expect(storage.broken).toBe(1);
      await appendRecords(ledger.store, 10);
      expect(await sealer.reached(20, patience)).not.toBeNull();
      expect(sealer.alarm).toBeNull();
      await sealer.stop();
      await checkEverything(ledger, [storage], place);
    },
  );

  it('is fenced when replaced without notice, and never makes a second tree', async () => {
    ledger = await SealedLedger.make(0, place);
    const { pool } = ledger.database;
    const storage = ledger.storage();
    const old = await storage.acquire(AbortSignal.timeout(patience), () => undefined);
    const before = await old.read();
    // The old holder's connection hangs, and the database has given its lock to another.
    await pool.query('UPDATE log_sealed SET epoch = epoch + 1');
    await appendRecords(ledger.store, 1);
    const [record] = await ledger.store.readAll(START, 1);
    const leaf = fromHex(record!.hash)!;
    const after = { size: 1, root: leaf, position: record!.position, tail: leaf };
    await expect(
      old.write({ before, after, tiles: [], records: [record!], note: null }),
    ).rejects.toBeInstanceOf(SealerStopped);
    await old.release();
    const watched = new BreakingStorage(ledger.storage());
    const sealer = ledger.sealer({ storage: watched });
    sealer.start();
    await sealer.reached(1, patience);
    await sealer.stop();
    await checkEverything(ledger, [watched], place);
  });

  it('loses its lease while the database is unreachable, and writes nothing when it is back', async () => {
    ledger = await SealedLedger.make(1, place);
    const { url } = ledger.database;
    const proxy = await breakingProxy(url);
    const lease = { lasts: 600, renewEvery: 100, askEvery: 20 };
    const far = new BreakingStorage(
      ledger.storage({ config: { connectionString: proxy.url }, lease }),
    );
    const near = new BreakingStorage(ledger.storage({ lease }));
    const first = ledger.sealer({ storage: far });
    first.start();
    await appendRecords(ledger.store, 5);
    expect(await first.reached(5, patience)).not.toBeNull();
    const second = ledger.sealer({ storage: near });
    second.start();
    proxy.hang(true);
    await appendRecords(ledger.store, 300);
    expect(await second.reached(305, patience)).not.toBeNull();
    proxy.hang(false);
    await appendRecords(ledger.store, 10);
    expect(await second.reached(315, patience)).not.toBeNull();
    // The first one waits for its turn again, and gets it.
    await second.stop();
    await appendRecords(ledger.store, 1);
    expect(await first.reached(316, patience)).not.toBeNull();
    await first.stop();
    await proxy.close();
    await checkEverything(ledger, [far, near], place);
  });

  it('is fenced after a freeze, and cannot write between the writes of its successor', async () => {
    ledger = await SealedLedger.make(0, place);
    const lease = { lasts: 300, renewEvery: 3_600_000, askEvery: 20 };
    const soon = AbortSignal.timeout(patience);
    // The first one is suspended after it got its lease and before it has fenced the log; the
    // second one takes both meanwhile.
    const asleep = await new PostgresLeases(ledger.database.pool.options, lease).take(
      'sealing',
      soon,
    );
    const second = await ledger.storage({ lease: { askEvery: 20 } }).acquire(soon, () => undefined);
    const own = await OwnConnection.open(ledger.database.pool.options);
    await expect(takeEpoch(own, asleep)).rejects.toBeInstanceOf(SealerStopped);
    await own.end();
    await second.read();
    await second.release();
    await asleep.giveBack();
  });

  it('leaves one tree with others stopped and started at random', async () => {
    ledger = await SealedLedger.make(1, place);
    const storages: BreakingStorage[] = [];
    let total = 0;
    for (let round = 0; round < 8; round++) {
      const pair = [
        new BreakingStorage(ledger.storage()),
        new BreakingStorage(ledger.storage()),
      ] as const;
      storages.push(...pair);
      const [a, b] = [ledger.sealer({ storage: pair[0] }), ledger.sealer({ storage: pair[1] })];
      a.start();
      b.start();
      const appended = appendRecords(ledger.store, 40);
      if (round % 2 === 0)
        await ledger.database.pool.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'mianzheng sealer' AND datname = current_database()`,
        );
      await appended;
      total += 40;
      expect(
        await Promise.race([a.reached(total, patience), b.reached(total, patience)]),
      ).not.toBeNull();
      await Promise.all([a.stop(), b.stop()]);
    }
    await checkEverything(ledger, storages, place);
  });
});
