import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseTilePath, SignatureType, tilePath } from '#libs/log';
import { verifyBook, verifyReceipt } from '#libs/verify';
import {
  appendRecords,
  appendTo,
  placesOfRecords,
  SealedLedger,
  testSigner,
} from '../../test/support/sealed-ledger.js';
import { ReadOnlyOnAlarm } from './read-only-store.js';
import { nodeSha256 } from './node-crypto.js';
import type { Leaves, LogStorage } from './ports.js';
import { LogReceipts } from './log-receipts.js';
import type { Sealer } from './sealer.js';
import { TileReading } from './tile-reading.js';

describe.each(placesOfRecords)('with the records %s', (place) => {
  let ledger: SealedLedger;
  let sealer: Sealer;
  let receipts: LogReceipts;
  let reading: TileReading;

  beforeAll(async () => {
    ledger = await SealedLedger.make(1, place);
    sealer = ledger.sealer();
    sealer.start();
    const storage = ledger.storage();
    const { leaves } = storage;
    receipts = new LogReceipts({
      storage,
      leaves,
      signer: ledger.signer,
      hash: nodeSha256,
      sealer,
    });
    reading = new TileReading(storage, leaves, nodeSha256);
  });
  afterAll(() => ledger.close());

  const appended = async (stream: string, expected?: number) => {
    const { records } = await appendTo(ledger.store, stream, expected);
    return { stream, version: records[0]!.version, hash: records[0]!.hash };
  };

  describe('a receipt', () => {
    it('comes with the reply, and holds under the policy for exactly that record', async () => {
      await appendRecords(ledger.store, 700);
      const name = await appended('book-A');
      const receipt = await receipts.within(name, 20_000);
      const [record] = await ledger.store.readStream('book-A');
      const shown = verifyReceipt(Buffer.from(receipt!), ledger.policy, record!.bytes);
      expect(shown).toMatchObject({ index: 700, record: { stream: 'book-A', version: 0 } });
      expect(shown.witnesses).toHaveLength(1);
    });
    it('can be fetched later, for any record, under a checkpoint that has grown', async () => {
      const names = [];
      for (const stream of await appendRecords(ledger.store, 300)) {
        const [record] = await ledger.store.readStream(stream);
        names.push({ stream, version: 0, hash: record!.hash });
      }
      await sealer.reached(await ledger.size(), 20_000);
      for (const name of names) {
        const shown = verifyReceipt(Buffer.from(await receipts.of(name)), ledger.policy);
        expect(Buffer.from(shown.leaf).toString('hex')).toBe(name.hash);
      }
    });
    it('is not given for a record whose hash the caller does not know, nor for one that is not there', async () => {
      const name = await appended('book-B');
      for (const wrong of [{ hash: 'a'.repeat(64) }, { version: 1 }, { stream: 'book-C' }])
        await expect(receipts.of({ ...name, ...wrong })).rejects.toMatchObject({
          code: 'record_unknown',
        });
    });
    it('that is not ready yet is said to be pending, and says so for a stopped sealer too', async () => {
      const other = await SealedLedger.make(0, place);
      const idle = other.sealer();
      const storage = other.storage();
      const waiting = new LogReceipts({
        storage,
        leaves: storage.leaves,
        signer: other.signer,
        hash: nodeSha256,
        sealer: idle,
      });
      const { records } = await appendTo(other.store, 'book-A');
      const name = { stream: 'book-A', version: 0, hash: records[0]!.hash };
      await expect(waiting.of(name)).rejects.toMatchObject({ code: 'seal_pending' });
      expect(await waiting.within(name, 10)).toBeNull();
      await other.close();
    });
    it('of a process that does not seal comes from the one that does, and from the next when that one is gone', async () => {
      const other = await SealedLedger.make(0, place);
      const [first, second, idle] = [other.sealer(), other.sealer(), other.sealer()];
      const storage = other.storage();
      const elsewhere = new LogReceipts({
        storage,
        leaves: storage.leaves,
        signer: other.signer,
        hash: nodeSha256,
        sealer: idle,
      });
      first.start();
      const receiptOf = async (stream: string) => {
        const { records } = await appendTo(other.store, stream);
        const name = { stream, version: 0, hash: records[0]!.hash };
        const receipt = await elsewhere.within(name, 20_000);
        return verifyReceipt(Buffer.from(receipt!), other.policy).index;
      };
      expect(await receiptOf('book-A')).toBe(0);
      second.start();
      const under = Array.from({ length: 50 }, (_, n) => receiptOf(`book-under-${n}`));
      await first.stop();
      expect((await Promise.all(under)).toSorted((a, b) => a - b)).toEqual(
        Array.from({ length: 50 }, (_, n) => n + 1),
      );
      expect(await receiptOf('book-B')).toBe(51);
      await other.close();
    });
  });

  describe('a book', () => {
    it('is handed over whole, with a head that the city signed for one checkpoint', async () => {
      for (let version = -1; version < 4; version++) await appended('book-whole', version);
      await sealer.reached(await ledger.size(), 20_000);
      const book = await receipts.whole('book-whole');
      const shown = verifyBook(book, ledger.policy);
      expect(shown.records).toHaveLength(5);
      expect(shown.head.size).toBe(sealer.checkpoint?.size);
      await expect(receipts.whole('book-nobody')).rejects.toMatchObject({ code: 'record_unknown' });
    });
  });

  describe('a book that is not whole', () => {
    it.each([
      [
        'a record in the middle is gone',
        'DELETE FROM log_record WHERE stream = $1 AND version = 1',
      ],
      [
        'a record was changed',
        `UPDATE log_record SET bytes = bytes || ' ' WHERE stream = $1 AND version = 1`,
      ],
      [
        'a record was changed with its hash',
        `UPDATE log_record SET bytes = bytes || ' ', hash = sha256('\\x00'::bytea || bytes || ' ') WHERE stream = $1 AND version = 1`,
      ],
    ])('gets no head where %s', async (what, statement) => {
      const stream = `book-${what.replaceAll(' ', '-')}`;
      for (let version = -1; version < 2; version++) await appended(stream, version);
      await sealer.reached(await ledger.size(), 20_000);
      await receipts.whole(stream);
      await ledger.database.pool.query(
        `CREATE TABLE kept_record AS SELECT * FROM log_record WHERE stream = '${stream}'`,
      );
      await ledger.database.pool.query(statement, [stream]);
      await expect(receipts.whole(stream)).rejects.toMatchObject({ code: 'store_damaged' });
      await ledger.database.pool.query(`DELETE FROM log_record WHERE stream = $1`, [stream]);
      await ledger.database.pool.query('INSERT INTO log_record SELECT * FROM kept_record');
      await ledger.database.pool.query('DROP TABLE kept_record');
      await receipts.whole(stream);
    });
  });

  describe('the tiles', () => {
    it('of every width that a published checkpoint has are served, and none beyond', async () => {
      await appendRecords(ledger.store, 10);
      await sealer.reached(await ledger.size(), 20_000);
      const size = sealer.checkpoint!.size;
      const last = Math.floor(size / 256);
      expect(
        (await reading.tile(parseTilePath(tilePath({ level: 0, index: 0, width: 256 }))))?.length,
      ).toBe(8192);
      expect((await reading.tile({ level: 0, index: last, width: size % 256 }))?.length).toBe(
        32 * (size % 256),
      );
      expect((await reading.tile({ level: 0, index: last, width: 1 }))?.length).toBe(32);
      expect((await reading.tile({ level: 1, index: 0, width: last }))?.length).toBe(32 * last);
      expect(await reading.tile({ level: 1, index: 0, width: last + 1 })).toBeNull();
      expect(await reading.tile({ level: 0, index: last + 1, width: 1 })).toBeNull();
    });
  });
});

describe('a release that waits while another process seals', () => {
  it('reads its record once, and looks seldomer the longer it waits', async () => {
    const asked = { found: 0, placed: 0, published: 0 };
    const hash = new Uint8Array(32).fill(7);
    const waiting = new LogReceipts({
      storage: {
        published: () => {
          asked.published++;
          return Promise.resolve(null);
        },
      } as unknown as LogStorage,
      leaves: {
        find: () => {
          asked.found++;
          return Promise.resolve({ index: null, version: 0, hash });
        },
        placed: () => {
          asked.placed++;
          return Promise.resolve(null);
        },
      } as unknown as Leaves,
      signer: testSigner('city.example', SignatureType.ed25519),
      hash: nodeSha256,
      sealer: { state: 'waiting', checkpoint: null, reached: () => Promise.resolve(null) },
    });
    const name = { stream: 'book-A', version: 0, hash: Buffer.from(hash).toString('hex') };
    expect(await waiting.within(name, 1000)).toBeNull();
    expect(asked).toMatchObject({ found: 1, placed: 0 });
    expect(asked.published).toBeLessThan(15);
  });
});

describe('a ledger whose log refuses to go on', () => {
  it('takes nothing new, and can be read', async () => {
    const ledger = await SealedLedger.make();
    let alarm: { code: string } | null = null;
    const store = new ReadOnlyOnAlarm(ledger.store, () => alarm);
    await appendTo(store, 'case-before');
    alarm = { code: 'store_changed' };
    await expect(appendTo(store, 'case-after')).rejects.toMatchObject({
      code: 'ledger_read_only',
      facts: { alarm: 'store_changed' },
    });
    expect(await store.readStream('case-before')).toHaveLength(1);
    await ledger.close();
  });
});
