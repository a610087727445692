import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { formatCheckpoint, formatKey, GrowingTree, openCheckpoint, SignatureType } from '#libs/log';
import { parsePolicy, trustCheckpoint } from '#libs/verify';
import { START } from '#libs/event-store';
import { utf8Bytes, fromHex } from '#libs/kernel';
import {
  appendRecords,
  city,
  type PlaceOfRecords,
  placesOfRecords,
  SealedLedger,
  testSigner,
} from '../../test/support/sealed-ledger.js';
import { PostgresEventStore } from '../event-store/postgres/index.js';
import { ReadOnlyOnAlarm } from './read-only-store.js';
import { RefusalWatch } from './refusal-watch.js';
import type { Sealer } from './sealer.js';
import { PostgresLogStorage } from './log-storage.postgres.js';

/** Long, because a loaded machine must not fail the test. */
const patience = 20_000;

let ledgers: SealedLedger[] = [];
const newLedger = async (witnesses = 0, place = placesOfRecords[0] as PlaceOfRecords) => {
  const ledger = await SealedLedger.make(witnesses, place);
  ledgers.push(ledger);
  return ledger;
};
afterEach(async () => {
  for (const ledger of ledgers) await ledger.close();
  ledgers = [];
});

async function rootOf({ store }: SealedLedger, size: number): Promise<Uint8Array> {
  const tree = new GrowingTree();
  for (let after = START; tree.size < size;) {
    const page = await store.readAll(after, Math.min(1000, size - tree.size));
    for (const { hash } of page) tree.append(fromHex(hash)!);
    after = page.at(-1)!.position;
  }
  return tree.root();
}

async function sealedTo(ledger: SealedLedger, sealer: Sealer, size: number) {
  const checkpoint = await sealer.reached(size, patience);
  if (checkpoint === null)
    throw new Error(`not sealed: ${sealer.state} ${sealer.alarm?.code ?? ''}`);
  const opened = openCheckpoint(utf8Bytes(formatCheckpoint(checkpoint)), city, ledger.signer.key);
  expect(Buffer.from(opened.root)).toEqual(Buffer.from(await rootOf(ledger, opened.size)));
  return checkpoint;
}

async function refusal(sealer: Sealer) {
  const until = Date.now() + patience;
  while (sealer.alarm === null && Date.now() < until)
    await new Promise((resolve) => setTimeout(resolve, 5));
  expect(sealer.state).toBe('refused');
  return sealer.alarm?.code;
}

describe.each(placesOfRecords)('the sealer, with the records %s,', (place) => {
  it('puts every record under a checkpoint that the log signed, as it is appended', async () => {
    const ledger = await newLedger(0, place);
    const sealer = ledger.sealer();
    sealer.start();
    for (const [count, size] of [
      [1, 1],
      [300, 301],
      [1, 302],
    ] as const) {
      await appendRecords(ledger.store, count);
      expect((await sealedTo(ledger, sealer, size)).size).toBe(size);
    }
    expect(sealer.state).toBe('sealing');
  });
  it('catches up after a stop, and goes on with the same tree', async () => {
    const ledger = await newLedger(0, place);
    for (const count of [5, 251, 1, 2300]) {
      await appendRecords(ledger.store, count);
      const sealer = ledger.sealer();
      sealer.start();
      await sealedTo(ledger, sealer, await ledger.size());
      await sealer.stop();
    }
    const { rows } = await ledger.database.pool.query(
      'SELECT level, count(*)::int AS n, sum(octet_length(hashes))::int AS bytes FROM log_tile GROUP BY level ORDER BY level',
    );
    expect(rows).toEqual([
      { level: 0, n: 9, bytes: 9 * 8192 },
      { level: 1, n: 1, bytes: 9 * 32 },
    ]);
  });
  it('runs once: a second sealer waits, and takes over when the first ends', async () => {
    const ledger = await newLedger(0, place);
    const [first, second] = [ledger.sealer(), ledger.sealer()];
    first.start();
    await appendRecords(ledger.store, 3);
    await sealedTo(ledger, first, 3);
    second.start();
    await appendRecords(ledger.store, 3);
    await sealedTo(ledger, first, 6);
    expect(second.state).toBe('waiting');
    await first.stop();
    await appendRecords(ledger.store, 3);
    await sealedTo(ledger, second, 9);
  });
  it('whose connection is cut loses the lease, and takes it again', async () => {
    const ledger = await newLedger(0, place);
    const sealer = ledger.sealer();
    sealer.start();
    await appendRecords(ledger.store, 3);
    await sealedTo(ledger, sealer, 3);
    await ledger.database.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'mianzheng sealer' AND datname = current_database()`,
    );
    await appendRecords(ledger.store, 300);
    await sealedTo(ledger, sealer, 303);
  });
  it('publishes nothing under a quorum of two before two witnesses have cosigned', async () => {
    const ledger = await newLedger(2, place);
    await ledger.witnesses[1]!.stop();
    const sealer = ledger.sealer();
    sealer.start();
    await appendRecords(ledger.store, 10);
    expect(await sealer.reached(1, 300)).toBeNull();
    await ledger.witnesses[1]!.open();
    const checkpoint = await sealedTo(ledger, sealer, 10);
    expect(trustCheckpoint(checkpoint, ledger.policy).witnesses.map(({ name }) => name)).toEqual([
      'w0',
      'w1',
    ]);
  });
  it('signs nothing at all before one witness of its policy has answered', async () => {
    const ledger = await newLedger(1, place);
    await ledger.witnesses[0]!.stop();
    const sealer = ledger.sealer({ policy: parsePolicy(ledger.policyText(0)) });
    sealer.start();
    await appendRecords(ledger.store, 1);
    while (sealer.state !== 'asking') await ledger.size();
    expect(await sealer.reached(1, 200)).toBeNull();
    expect(sealer.state).toBe('asking');
    await ledger.witnesses[0]!.open();
    await sealedTo(ledger, sealer, 1);
  });
});

describe('a witness that lies', () => {
  it.each([
    ['that the tree is another', 422, ''],
    ['nonsense', 200, 'yes\n'],
    ['that it is broken', 500, ''],
  ])('%s stops nothing: only what the log signed itself counts', async (_, status, body) => {
    const liar = createServer((request, response) => {
      response.writeHead(request.method === 'POST' ? status : 404).end(body);
    }).listen(0, '127.0.0.1');
    await once(liar, 'listening');
    const key = testSigner('witness.example/liar', SignatureType.cosignature);
    const ledger = await newLedger();
    const url = `http://127.0.0.1:${(liar.address() as AddressInfo).port}`;
    const policy = parsePolicy(
      `log ${formatKey(ledger.signer.key)}\nwitness liar ${formatKey(key.key)} ${url}\nquorum none\n`,
    );
    const sealer = ledger.sealer({ policy });
    sealer.start();
    for (const size of [3, 6, 9]) {
      await appendRecords(ledger.store, 3);
      await sealedTo(ledger, sealer, size);
    }
    expect(sealer.alarm).toBeNull();
    await sealer.stop();
    liar.closeAllConnections();
    liar.close();
  });
});

describe.each(placesOfRecords)(
  'the sealer, with the records %s, refuses, for good, and names why',
  (place) => {
    const sealedLedger = async (records: number, witnesses = 0) => {
      const ledger = await newLedger(witnesses, place);
      const sealer = ledger.sealer();
      sealer.start();
      await appendRecords(ledger.store, records);
      await sealedTo(ledger, sealer, records);
      await sealer.stop();
      return ledger;
    };
    const restarted = async (ledger: SealedLedger) => {
      await ledger.openStore();
      const sealer = ledger.sealer();
      sealer.start();
      return sealer;
    };
    const sql = (ledger: SealedLedger, ...statements: string[]) =>
      ledger.database.pool.query(statements.join(';\n'));

    it.each<[string, number, string[], string]>([
      [
        'a table that was cut off',
        300,
        ['DELETE FROM log_record WHERE position > 290', 'UPDATE log_head SET position = 290'],
        'store_behind_log',
      ],
      [
        'a last record that is gone',
        300,
        ['DELETE FROM log_record WHERE position = 300'],
        'store_changed',
      ],
      [
        'a sealed record that was changed, with its hash',
        300,
        [
          `UPDATE log_record SET bytes = bytes || ' ', hash = sha256('\\x00'::bytea || bytes || ' ') WHERE position = 295`,
        ],
        'tiles_changed',
      ],
      [
        'a sealed record of the last full tile that was changed',
        300,
        [
          `UPDATE log_record SET bytes = bytes || ' ', hash = sha256('\\x00'::bytea || bytes || ' ') WHERE position = 200`,
        ],
        'store_changed',
      ],
      [
        'a sealed record whose hash does not fit',
        300,
        [`UPDATE log_record SET bytes = bytes || ' ' WHERE position = 299`],
        'store_changed',
      ],
      ['a changed root', 300, [`UPDATE log_sealed SET root = sha256('x')`], 'tiles_changed'],
      [
        'a changed tile',
        600,
        [`UPDATE log_tile SET hashes = sha256('x') || substr(hashes, 33) WHERE level = 1`],
        'tiles_changed',
      ],
      ['a missing tile', 600, ['DELETE FROM log_tile WHERE level = 1'], 'tiles_changed'],
      [
        'a checkpoint of somebody else’s',
        300,
        [`UPDATE log_sealed SET note = 'x'`],
        'checkpoint_changed',
      ],
    ])('over %s', async (_, records, statements, code) => {
      const ledger = await sealedLedger(records);
      await sql(ledger, ...statements);
      expect(await refusal(await restarted(ledger))).toBe(code);
    });
    it('refuses a full tile that exists before its records, and seals none of them', async () => {
      const ledger = await newLedger(0, place);
      const sealer = ledger.sealer();
      sealer.start();
      await appendRecords(ledger.store, 10);
      await sealedTo(ledger, sealer, 10);
      await sql(
        ledger,
        `INSERT INTO log_tile (level, tile, hashes) VALUES (0, 0, decode(repeat('00', 8192), 'hex'))`,
      );
      await appendRecords(ledger.store, 300);
      expect(await refusal(sealer)).toBe('tiles_changed');
      const { rows } = await ledger.database.pool.query('SELECT size::int FROM log_sealed');
      expect(rows[0].size).toBeLessThan(256);
    });
    it('over a sealed record that vanishes while it works', async () => {
      const ledger = await newLedger(0, place);
      const sealer = ledger.sealer();
      sealer.start();
      await appendRecords(ledger.store, 10);
      await sealedTo(ledger, sealer, 10);
      await sql(ledger, 'DELETE FROM log_record WHERE position = 10');
      await appendRecords(ledger.store, 1);
      expect(await refusal(sealer)).toBe('store_changed');
    });
    it('over an older backup of the whole database: a witness remembers more', async () => {
      const ledger = await sealedLedger(100, 1);
      const backup = await backUp(ledger);
      await ledger.openStore();
      const sealer = ledger.sealer();
      sealer.start();
      await appendRecords(ledger.store, 50);
      await sealedTo(ledger, sealer, 150);
      await sealer.stop();
      await backup.restore();
      expect(await refusal(await restarted(ledger))).toBe('store_behind_log');
    });
    it.each([
      ['more', 80, 'witness_contradicts'],
      ['less', 20, 'store_behind_log'],
    ])('over an older backup to which %s was appended than was lost', async (_, more, code) => {
      const ledger = await sealedLedger(100, 1);
      const backup = await backUp(ledger);
      await ledger.openStore();
      const sealer = ledger.sealer();
      sealer.start();
      await appendRecords(ledger.store, 50);
      await sealedTo(ledger, sealer, 150);
      await sealer.stop();
      await backup.restore();
      await ledger.openStore();
      await appendRecords(ledger.store, more);
      expect(await refusal(await restarted(ledger))).toBe(code);
    });
  },
);

describe('a refusal, on every process of the database', () => {
  const refused = async () => {
    const ledger = await newLedger();
    const sealer = ledger.sealer();
    sealer.start();
    await appendRecords(ledger.store, 10);
    await sealedTo(ledger, sealer, 10);
    await ledger.database.pool.query('DELETE FROM log_record WHERE position = 10');
    await appendRecords(ledger.store, 1);
    expect(await refusal(sealer)).toBe('store_changed');
    await sealer.stop();
    return { ledger, storage: new PostgresLogStorage(ledger.database.pool) };
  };
  const elsewhere = async ({ database: { pool } }: SealedLedger, watch: RefusalWatch) =>
    new ReadOnlyOnAlarm(await PostgresEventStore.open({ city, pool }), () => watch.refusal);

  it('makes the stores of the others read-only within a second, and says how to go on', async () => {
    const { ledger, storage } = await refused();
    const watch = new RefusalWatch(storage);
    const store = await elsewhere(ledger, watch);
    await appendRecords(store, 1);
    await watch.look();
    await expect(appendRecords(store, 1)).rejects.toMatchObject({
      code: 'ledger_read_only',
      facts: { alarm: 'store_changed' },
      hint: expect.stringContaining('mianzheng log resume'),
    });
    await store.close();
  });
  it('is noticed by every process without a request', async () => {
    const ledger = await newLedger();
    const storage = new PostgresLogStorage(ledger.database.pool);
    const watch = new RefusalWatch(storage);
    await watch.start();
    expect(watch.refusal).toBeNull();
    await storage.refuse('tiles_changed', null);
    const until = Date.now() + patience;
    while (watch.refusal === null && Date.now() < until)
      await new Promise((resolve) => setTimeout(resolve, 5));
    expect(watch.refusal).toMatchObject({ code: 'tiles_changed' });
    watch.stop();
  });
  it('stops the next sealer, even if that one would find nothing wrong', async () => {
    const ledger = await newLedger();
    await new PostgresLogStorage(ledger.database.pool).refuse('witness_contradicts', null);
    const next = ledger.sealer();
    next.start();
    await appendRecords(ledger.store, 1);
    expect(await refusal(next)).toBe('witness_contradicts');
    expect(next.checkpoint).toBeNull();
  });
  it('that is lifted lets the sealer that refused begin anew; it refuses again what is still wrong', async () => {
    const ledger = await newLedger();
    const sealer = ledger.sealer();
    sealer.start();
    await appendRecords(ledger.store, 10);
    await sealedTo(ledger, sealer, 10);
    const { pool } = ledger.database;
    await pool.query('CREATE TABLE kept AS SELECT * FROM log_record WHERE position = 10');
    await pool.query('DELETE FROM log_record WHERE position = 10');
    await appendRecords(ledger.store, 1);
    expect(await refusal(sealer)).toBe('store_changed');
    const first = sealer.alarm;
    const storage = ledger.storage();
    while ((await storage.lift()) === null) await pool.query('SELECT 1');
    while (sealer.alarm === null || sealer.alarm === first) await pool.query('SELECT 1');
    expect(sealer.alarm.code).toBe('store_changed');
    await pool.query('INSERT INTO log_record SELECT * FROM kept');
    while ((await storage.lift()) === null) await pool.query('SELECT 1');
    await sealedTo(ledger, sealer, 11);
    expect(sealer.alarm).toBeNull();
    // So does a sealer that refuses because another one did.
    const next = ledger.sealer();
    await sealer.stop();
    await storage.refuse('tiles_changed', null);
    next.start();
    expect(await refusal(next)).toBe('tiles_changed');
    await storage.lift();
    await appendRecords(ledger.store, 1);
    await sealedTo(ledger, next, 12);
  });
  it('that was found while a restored ledger was compared is not lifted with the mark of the restore', async () => {
    const { storage } = await refused();
    await storage.lift();
    await storage.refuse('restored', null);
    await storage.refuse('tiles_changed', null);
    expect(await storage.lift('restored')).toBeNull();
    expect(await storage.refusal()).toMatchObject({ code: 'tiles_changed' });
    await storage.lift();
    await storage.refuse('restored', null);
    expect(await storage.lift('restored')).toMatchObject({ code: 'restored' });
    expect(await storage.refusal()).toBeNull();
  });
  it('stays until it is lifted; a later refusal does not replace it', async () => {
    const { ledger, storage } = await refused();
    await storage.refuse('tiles_changed', null);
    expect(await storage.lift()).toMatchObject({ code: 'store_changed' });
    expect(await storage.lift()).toBeNull();
    const watch = new RefusalWatch(storage);
    const store = await elsewhere(ledger, watch);
    await watch.look();
    await appendRecords(store, 1);
    await store.close();
  });
});

/** Copies the current ledger and its log; `restore` puts the copy back, like a restored backup. */
async function backUp({ database: { pool } }: SealedLedger) {
  const tables = ['log_record', 'log_head', 'log_tile', 'log_sealed', 'log_leaf'];
  for (const table of tables) await pool.query(`CREATE TABLE backup_${table} AS TABLE ${table}`);
  return {
    restore: async () => {
      for (const table of tables)
        await pool.query(
          `DELETE FROM ${table}; INSERT INTO ${table} SELECT * FROM backup_${table}`,
        );
    },
  };
}
