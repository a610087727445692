import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { formatCheckpoint } from '#libs/log';
import {
  type EventStore,
  type Position,
  type PositionedRecord,
  StoreDamaged,
} from '#libs/event-store';
import { appendTo, city, SealedLedger } from '../../../test/support/sealed-ledger.js';
import { SparsePositions } from '../../../test/support/sparse-positions.js';
import { checkLedger } from './check-ledger.js';

const patience = 30_000;

const grow = async (ledger: SealedLedger, from: number, to: number) => {
  const sealer = ledger.sealer();
  sealer.start();
  for (let n = from; n < to; n++) await appendTo(ledger.store, `case-${n}`);
  const checkpoint = await sealer.reached(to, patience);
  await sealer.stop();
  return Buffer.from(formatCheckpoint(checkpoint!));
};
const findings = async (
  { database: { pool, url }, policy }: SealedLedger,
  more: { readonly checkpoints?: readonly Uint8Array[]; readonly store?: EventStore } = {},
) => (await checkLedger(pool, url, { city, policy, threads: 0, ...more })).findings;

describe('the records that no full tile covers', () => {
  let ledger: SealedLedger;
  let earlier: Buffer;
  beforeAll(async () => {
    ledger = await SealedLedger.make();
    earlier = await grow(ledger, 0, 270);
    await grow(ledger, 270, 290);
  });
  afterAll(() => ledger.close());

  /** Another outcome, with the hash that goes with it. */
  const rewrite = async (leaf: number, from = 'accepted', to = 'rejected') => {
    const { rows } = await ledger.database.pool.query<{ stream: string }>(
      `UPDATE log_record SET bytes = b, hash = sha256('\\x00'::bytea || b) FROM (
         SELECT position AS p, convert_to(replace(convert_from(bytes, 'utf8'), $2, $3), 'utf8') AS b
         FROM log_record WHERE position = $1) AS changed
       WHERE position = p RETURNING stream`,
      [leaf + 1, from, to],
    );
    return rows[0]?.stream;
  };
  const undo = (leaf: number) => rewrite(leaf, 'rejected', 'accepted');

  it('are named when rewritten together with their hash', async () => {
    for (const leaf of [256, 265, 275, 289]) {
      const stream = await rewrite(leaf);
      expect((await findings(ledger))[0]).toEqual({ leaf, stream, version: 0, what: 'leaf' });
      await undo(leaf);
    }
    expect(await findings(ledger)).toEqual([]);
  });

  it('are not blamed for what was changed in the log beside them', async () => {
    const { pool } = ledger.database;
    const flip = (table: string, where: string) =>
      pool.query(
        `UPDATE ${table} SET hashes = set_byte(hashes, 40, get_byte(hashes, 40) # 1) WHERE ${where}`,
      );
    for (const [table, where, leaf, until] of [
      ['log_tile', 'level = 0', 0, 255],
      [
        'log_edge',
        'length(hashes) > 40 AND first = (SELECT max(first) FROM log_edge WHERE length(hashes) > 40)',
        null,
        null,
      ],
    ] as const) {
      await flip(table, where);
      const found = await findings(ledger);
      await flip(table, where);
      expect(found).toHaveLength(1);
      expect(found[0]).toMatchObject({
        version: -1,
        what: 'tile',
        ...(leaf !== null && { leaf, until }),
      });
    }
  });

  it('are known to be wrong without the leaves beside them, between the checkpoints that hold and that do not', async () => {
    const { pool } = ledger.database;
    await pool.query('ALTER TABLE log_edge RENAME TO log_edge_gone');
    await rewrite(275);
    const alone = await findings(ledger);
    const held = await findings(ledger, { checkpoints: [earlier] });
    await undo(275);
    await rewrite(260);
    const before = await findings(ledger, { checkpoints: [earlier] });
    await undo(260);
    await pool.query('ALTER TABLE log_edge_gone RENAME TO log_edge');
    const tail = { stream: '', version: -1, what: 'sealed_tail' };
    expect(alone).toContainEqual({ ...tail, leaf: 256, until: 289 });
    expect(held).toContainEqual({ ...tail, leaf: 270, until: 289 });
    expect(before).toContainEqual({ ...tail, leaf: 256, until: 269 });
  });
});

/** A store that does not return one record, because its bytes were changed. */
class Damaged extends SparsePositions {
  constructor(
    store: EventStore,
    private readonly at: Position,
  ) {
    super(store);
  }
  override async readAll(after: Position, limit: number): Promise<readonly PositionedRecord[]> {
    const page = await super.readAll(after, limit);
    if (page.some(({ position }) => position === this.at))
      throw new StoreDamaged('store_damaged', 'a record is not what was written');
    return page;
  }
}

describe('a store that cannot hand out a record', () => {
  it('is read on behind it, and the record is named', async () => {
    const ledger = await SealedLedger.make(0, 'elsewhere');
    await grow(ledger, 0, 300);
    const { rows } = await ledger.database.pool.query<{ position: string; stream: string }>(
      'SELECT position, stream FROM log_leaf WHERE index = 123',
    );
    const [{ position, stream }] = rows as [(typeof rows)[number]];
    const underneath = ledger.store as unknown as { readonly store: EventStore };
    const store = new Damaged(underneath.store, BigInt(position));
    const found = await findings(ledger, { store });
    expect(found[0]).toEqual({ leaf: 123, stream, version: 0, what: 'bytes' });
    expect(found.filter(({ version }) => version >= 0).map(({ leaf }) => leaf)).toEqual([
      123, 123, 124,
    ]);
    await ledger.close();
  });
});
