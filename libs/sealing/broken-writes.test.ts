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
import { LogShelf, type SealedStep, SealersDesk } from './ports.js';
import { SealerStopped } from './sealing.errors.js';
import { takeEpoch } from './desk.postgres.js';

const patience = 20_000;
let ledger: SealedLedger | undefined;
afterEach(() => ledger?.close());

type Break = 'lost' | 'done, but reported failed';

type Write = 'write' | 'publish' | 'refuse' | 'lift';

/**
 * A shelf whose writes break on command, once each: as a process that is killed, or a connection that is cut, leaves them. It remembers every
 * checkpoint that its sealer published, whether it was kept or not.
 */
class BreakingShelf extends LogShelf {
  readonly breaks = new Map<Write, Break>();
  readonly seen: Checkpoint[] = [];
  broken = 0;

  constructor(private readonly shelf: LogShelf) {
    super();
  }

  async takeDesk(signal: AbortSignal, lost: () => void): Promise<SealersDesk> {
    return new BreakingDesk(await this.shelf.takeDesk(signal, lost), this);
  }
  tiles(wanted: readonly Tile[]) {
    return this.shelf.tiles(wanted);
  }
  published() {
    return this.shelf.published();
  }
  refuse(...args: Parameters<LogShelf['refuse']>) {
    return this.run('refuse', () => this.shelf.refuse(...args));
  }
  refusal() {
    return this.shelf.refusal();
  }
  lift(...args: Parameters<LogShelf['lift']>) {
    return this.run('lift', () => this.shelf.lift(...args));
  }

  async run<Result>(what: Write, write: () => Promise<Result>): Promise<Result> {
    const how = this.breaks.get(what);
    this.breaks.delete(what);
    if (how === undefined) return write();
    this.broken++;
    if (how !== 'lost') await write();
    throw new TypeError('the connection broke');
  }
}

class BreakingDesk extends SealersDesk {
  constructor(
    private readonly desk: SealersDesk,
    private readonly shelf: BreakingShelf,
  ) {
    super();
  }
  read() {
    return this.desk.read();
  }
  write(step: SealedStep) {
    return this.shelf.run('write', () => this.desk.write(step));
  }
  publish(...args: Parameters<SealersDesk['publish']>) {
    this.shelf.seen.push(parseCheckpoint(args[1]));
    return this.shelf.run('publish', () => this.desk.publish(...args));
  }
  release() {
    return this.desk.release();
  }
}

/** Every checkpoint that anybody saw must be of the one tree that the records give; so must what is stored. */
async function checkEverything(
  of: SealedLedger,
  shelves: readonly BreakingShelf[],
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
  const seen = shelves.flatMap((shelf) => shelf.seen);
  expect(seen.length).toBeGreaterThan(0);
  for (const { size, root } of seen)
    expect({ size, root: Buffer.from(root) }).toEqual({
      size,
      root: Buffer.from(roots.get(size)!),
    });
  const stored = await of.shelf().published();
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
    const shelf = new BreakingShelf(ledger.shelf());
    const sealer = ledger.sealer({ shelf });
    sealer.start();
    let size = 0;
    for (const count of [1, 254, 3, 300]) {
      shelf.breaks.set(what, how);
      await appendRecords(ledger.store, count);
      expect(await sealer.reached((size += count), patience)).not.toBeNull();
    }
    expect(shelf.broken).toBe(4);
    expect(sealer.alarm).toBeNull();
    await sealer.stop();
    await checkEverything(ledger, [shelf], place);
  });

  it.each<Break>(['lost', 'done, but reported failed'])(
    'begins anew when the epoch that it takes is %s',
    async (how) => {
      ledger = await SealedLedger.make(1, place);
      const proxy = await breakingProxy(ledger.database.url);
      const shelf = new BreakingShelf(ledger.shelf({ config: { connectionString: proxy.url } }));
      const sealer = ledger.sealer({ shelf });
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
      await checkEverything(ledger, [shelf], place);
    },
  );

  it.each<Break>(['lost', 'done, but reported failed'])(
    'has written down for all why it refuses, also when that is %s at first',
    async (how) => {
      ledger = await SealedLedger.make(1, place);
      const shelf = new BreakingShelf(ledger.shelf());
      const sealer = ledger.sealer({ shelf });
      sealer.start();
      await appendRecords(ledger.store, 10);
      expect(await sealer.reached(10, patience)).not.toBeNull();
      const { pool } = ledger.database;
      await pool.query('CREATE TABLE kept AS SELECT * FROM log_record WHERE position = 10');
      await pool.query('DELETE FROM log_record WHERE position = 10');
      shelf.breaks.set('refuse', how);
      await appendRecords(ledger.store, 1);
      const end = Date.now() + patience;
      while ((await shelf.refusal()) === null && Date.now() < end);
      expect(await shelf.refusal()).toMatchObject({ code: 'store_changed' });
      expect(shelf.broken).toBe(1);
      await sealer.stop();
      expect(sealer.state).toBe('refused');
      // Mended, and lifted: one tree again.
      await pool.query('INSERT INTO log_record SELECT * FROM kept');
      await shelf.lift();
      const next = new BreakingShelf(ledger.shelf());
      const after = ledger.sealer({ shelf: next });
      after.start();
      expect(await after.reached(11, patience)).not.toBeNull();
      await after.stop();
      await checkEverything(ledger, [shelf, next], place);
    },
  );

  it.each<Break>(['lost', 'done, but reported failed'])(
    'lifts the mark of a restore, also when that is %s at first',
    async (how) => {
      ledger = await SealedLedger.make(1, place);
      const shelf = new BreakingShelf(ledger.shelf());
      await shelf.refuse('restored');
      shelf.breaks.set('lift', how);
      const sealer = ledger.sealer({ shelf });
      sealer.start();
      await appendRecords(ledger.store, 10);
      const end = Date.now() + patience;
      while ((await shelf.refusal()) !== null && Date.now() < end);
      expect(await shelf.refusal()).toBeNull();
      expect(shelf.broken).toBe(1);
      await appendRecords(ledger.store, 10);
      expect(await sealer.reached(20, patience)).not.toBeNull();
      expect(sealer.alarm).toBeNull();
      await sealer.stop();
      await checkEverything(ledger, [shelf], place);
    },
  );

  it('that was replaced without notice changes nothing any more, and never makes a second tree', async () => {
    ledger = await SealedLedger.make(0, place);
    const { pool } = ledger.database;
    const shelf = ledger.shelf();
    const old = await shelf.takeDesk(AbortSignal.timeout(patience), () => undefined);
    const before = await old.read();
    // The old holder's connection hangs, and the database has given its lock to another.
    await pool.query('UPDATE log_sealed SET epoch = epoch + 1');
    await appendRecords(ledger.store, 1);
    const [record] = await ledger.store.readAll(START, 1);
    const leaf = fromHex(record!.hash)!;
    const after = { size: 1, root: leaf, position: record!.position, tail: leaf };
    await expect(
      old.write({ before, after, tiles: [], records: [record!] }),
    ).rejects.toBeInstanceOf(SealerStopped);
    await old.release();
    const watched = new BreakingShelf(ledger.shelf());
    const sealer = ledger.sealer({ shelf: watched });
    sealer.start();
    await sealer.reached(1, patience);
    await sealer.stop();
    await checkEverything(ledger, [watched], place);
  });

  it('that cannot reach the database any more is followed within its lease, and changes nothing when it can again', async () => {
    ledger = await SealedLedger.make(1, place);
    const { url } = ledger.database;
    const proxy = await breakingProxy(url);
    const lease = { lasts: 600, renewEvery: 100, askEvery: 20 };
    const far = new BreakingShelf(ledger.shelf({ config: { connectionString: proxy.url }, lease }));
    const near = new BreakingShelf(ledger.shelf({ lease }));
    const first = ledger.sealer({ shelf: far });
    first.start();
    await appendRecords(ledger.store, 5);
    expect(await first.reached(5, patience)).not.toBeNull();
    const second = ledger.sealer({ shelf: near });
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

  it('that was frozen does not come back between another one and its writes', async () => {
    ledger = await SealedLedger.make(0, place);
    const lease = { lasts: 300, renewEvery: 3_600_000, askEvery: 20 };
    const soon = AbortSignal.timeout(patience);
    // The first one falls asleep when it has its lease and before it has told the log; the second one has both meanwhile.
    const asleep = await new PostgresLeases(ledger.database.pool.options, lease).take(
      'sealing',
      soon,
    );
    const second = await ledger.shelf({ lease: { askEvery: 20 } }).takeDesk(soon, () => undefined);
    const own = await OwnConnection.open(ledger.database.pool.options);
    await expect(takeEpoch(own, asleep)).rejects.toBeInstanceOf(SealerStopped);
    await own.end();
    await second.read();
    await second.release();
    await asleep.giveBack();
  });

  it('and others beside it, stopped and started at random, leave one tree', async () => {
    ledger = await SealedLedger.make(1, place);
    const shelves: BreakingShelf[] = [];
    let total = 0;
    for (let round = 0; round < 8; round++) {
      const pair = [new BreakingShelf(ledger.shelf()), new BreakingShelf(ledger.shelf())] as const;
      shelves.push(...pair);
      const [a, b] = [ledger.sealer({ shelf: pair[0] }), ledger.sealer({ shelf: pair[1] })];
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
    await checkEverything(ledger, shelves, place);
  });
});
