import { afterEach, describe, expect, it } from '@jest/globals';
import { START } from '#libs/event-store';
import { fromHex } from '#libs/kernel';
import { OwnConnection, PostgresLeases } from '#libs/lease/postgres';
import { GrowingTree, type Tile } from '#libs/log';
import { breakingProxy } from '../../test/support/breaking-proxy.js';
import {
  appendRecords,
  type PlaceOfRecords,
  placesOfRecords,
  SealedLedger,
} from '../../test/support/sealed-ledger.js';
import { LogShelf, type SealedStep, SealersDesk } from './ports.js';
import type { Sealer } from './sealer.js';
import { SealerStopped } from './sealing.errors.js';
import { takeEpoch } from './desk.postgres.js';

const patience = 20_000;
let ledger: SealedLedger | undefined;
afterEach(() => ledger?.close());

type Break = 'lost' | 'done, but reported failed';

/** A shelf whose writes break on command, once each: as a process that is killed, or a connection that is cut, leaves them. */
class BreakingShelf extends LogShelf {
  readonly breaks = new Map<'write' | 'publish', Break>();
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
    return this.shelf.refuse(...args);
  }
  refusal() {
    return this.shelf.refusal();
  }
  lift(...args: Parameters<LogShelf['lift']>) {
    return this.shelf.lift(...args);
  }

  async run(what: 'write' | 'publish', write: () => Promise<void>): Promise<void> {
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
    return this.shelf.run('publish', () => this.desk.publish(...args));
  }
  release() {
    return this.desk.release();
  }
}

/** Every checkpoint that anybody saw must be of the one tree that the records give; so must what is stored. */
async function checkEverything(of: SealedLedger, seen: readonly Sealer[], place: PlaceOfRecords) {
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
  for (const { checkpoint } of seen)
    if (checkpoint !== null)
      expect(Buffer.from(checkpoint.root)).toEqual(Buffer.from(roots.get(checkpoint.size)!));
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
    await checkEverything(ledger, [sealer], place);
  });

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
    const sealer = ledger.sealer();
    sealer.start();
    await sealer.reached(1, patience);
    await sealer.stop();
    await checkEverything(ledger, [sealer], place);
  });

  it('that cannot reach the database any more is followed within its lease, and changes nothing when it can again', async () => {
    ledger = await SealedLedger.make(1, place);
    const { url } = ledger.database;
    const proxy = await breakingProxy(url);
    const lease = { lasts: 600, renewEvery: 100, askEvery: 20 };
    const far = ledger.shelf({ config: { connectionString: proxy.url }, lease });
    const near = ledger.shelf({ lease });
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
    await checkEverything(ledger, [first, second], place);
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
    const sealers: Sealer[] = [];
    let total = 0;
    for (let round = 0; round < 8; round++) {
      const [a, b] = [ledger.sealer(), ledger.sealer()];
      sealers.push(a, b);
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
    await checkEverything(ledger, sealers, place);
  });
});
