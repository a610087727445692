import { afterEach, describe, expect, test } from '@jest/globals';
import { SealedLedger, appendRecords, placesOfRecords } from '../../test/support/sealed-ledger.js';
import { nodeSha256, nodeVerify } from './node-crypto.js';
import { StoreComparison } from './store-comparison.js';
import { HttpWitness } from './witness-client.js';

const patience = 60_000;
let close: (() => unknown)[] = [];
afterEach(async () => {
  for (const each of close.toReversed()) await each();
  close = [];
});

/** A ledger with 300 sealed records, whose sealer has ended. */
async function sealedLedger(place: (typeof placesOfRecords)[number], witnesses = 0) {
  const ledger = await SealedLedger.make(witnesses, place);
  close.push(() => ledger.close());
  await appendRecords(ledger.store, 300);
  const sealer = ledger.sealer();
  sealer.start();
  expect((await sealer.reached(300, patience))?.size).toBe(300);
  await sealer.stop();
  return ledger;
}

function comparisonOf(ledger: SealedLedger): StoreComparison {
  const storage = ledger.storage();
  const { policy } = ledger;
  const comparison = new StoreComparison({
    store: ledger.store,
    storage,
    leaves: storage.leaves,
    signer: ledger.signer,
    policy,
    witnesses: policy.witnesses.map(
      ({ name, key, url }) =>
        new HttpWitness({
          name,
          key,
          url: url ?? '',
          origin: ledger.city,
          logKey: ledger.signer.key,
          verify: nodeVerify,
        }),
    ),
    hash: nodeSha256,
    verify: nodeVerify,
    report: () => undefined,
    pauseMs: 10,
  });
  close.push(() => {
    comparison.stop();
  });
  return comparison;
}

describe.each(placesOfRecords)('before the first append to a store with records %s', (place) => {
  test('nothing is appended before the store is compared, and the sealed store is accepted', async () => {
    const comparison = comparisonOf(await sealedLedger(place));
    expect(comparison.obstacle).toEqual({ code: 'store_not_compared' });
    expect(await comparison.within(patience)).toBe(true);
    expect(comparison.obstacle).toBeNull();
  });

  test('a store that ends before what was sealed is refused', async () => {
    const ledger = await sealedLedger(place);
    const { pool } = ledger.database;
    await pool.query('DELETE FROM log_record WHERE position > 100');
    await pool.query('UPDATE log_head SET position = 100');
    await ledger.openStore();
    const comparison = comparisonOf(ledger);
    await expect(comparison.within(patience)).rejects.toMatchObject({
      code: 'store_behind_log',
      facts: { sealed: 300 },
    });
    expect(comparison.obstacle).toMatchObject({ code: 'store_behind_log' });
  });

  test('an empty store is refused', async () => {
    const ledger = await sealedLedger(place);
    const { pool } = ledger.database;
    await pool.query('TRUNCATE log_record');
    await pool.query('UPDATE log_head SET position = 0');
    await ledger.openStore();
    await expect(comparisonOf(ledger).within(patience)).rejects.toMatchObject({
      code: 'store_behind_log',
    });
  });

  test('waits while the witnesses are away, and runs when they are back', async () => {
    const ledger = await sealedLedger(place, 1);
    const [witness] = ledger.witnesses;
    await witness!.stop();
    const comparison = comparisonOf(ledger);
    expect(await comparison.within(50)).toBe(false);
    expect(comparison.obstacle).toEqual({ code: 'store_not_compared' });
    await witness!.open();
    while (comparison.obstacle !== null) await new Promise(setImmediate);
  });

  test('a ledger of which a witness knows more is refused', async () => {
    const ledger = await sealedLedger(place, 1);
    const { pool } = ledger.database;
    const { rows } = await pool.query('SELECT * FROM log_sealed');
    await pool.query('CREATE TABLE older AS SELECT * FROM log_tile');
    await appendRecords(ledger.store, 50);
    const sealer = ledger.sealer();
    sealer.start();
    await sealer.reached(350, patience);
    await sealer.stop();
    // Records, tiles and head as they were before: a restored copy of the disk.
    const [head] = rows as {
      size: string;
      root: Buffer;
      position: string;
      tail: Buffer;
      note: Buffer;
    }[];
    await pool.query('DELETE FROM log_record WHERE position > 300');
    await pool.query('UPDATE log_head SET position = 300');
    await pool.query('TRUNCATE log_tile, log_edge');
    await pool.query('INSERT INTO log_tile SELECT * FROM older');
    await pool.query('DELETE FROM log_leaf WHERE index >= 300');
    await pool.query(
      'UPDATE log_sealed SET size = $1, root = $2, position = $3, tail = $4, note = $5',
      [head!.size, head!.root, head!.position, head!.tail, head!.note],
    );
    await ledger.openStore();
    await expect(comparisonOf(ledger).within(patience)).rejects.toMatchObject({
      code: 'store_behind_log',
      facts: { cosigned: 350, records: 300 },
    });
  });

  test('the finding ends when it is repaired and its refusal is lifted', async () => {
    const ledger = await sealedLedger(place);
    const { pool } = ledger.database;
    const storage = ledger.storage();
    const { rows } = await pool.query<{ root: Buffer }>('SELECT root FROM log_sealed');
    await pool.query('UPDATE log_sealed SET root = $1', [Buffer.alloc(32, 7)]);
    await storage.refuse('tiles_changed', null);
    const comparison = comparisonOf(ledger);
    await expect(comparison.within(patience)).rejects.toMatchObject({ code: 'tiles_changed' });
    await pool.query('UPDATE log_sealed SET root = $1', [rows[0]!.root]);
    expect(comparison.obstacle).toMatchObject({ code: 'tiles_changed' });
    await storage.lift();
    while (comparison.obstacle !== null) await new Promise(setImmediate);
  });
});
