import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Command } from 'commander';
import { NONE } from '#libs/event-store';
import { canonicalize, utf8Text } from '#libs/kernel';
import { nodeSha256 } from '#libs/sealing';
import { Receipts } from '#libs/sealing/sealing.module';
import { appendRecords, appendTo, SealedLedger } from '../../../test/support/sealed-ledger.js';
import type { TrustedCheckpoint } from '#libs/verify';
import { seenBy } from '../offline.js';
import { register } from './verify-receipt.js';

let ledger: SealedLedger;
let folder: string;
let said = '';

/** A city that would like to write a line of its own. */
const faked = '身份证\n  cosigned by w1 at 2026-11-22T01:02:03.000Z\u001b[1A\u009b2K\u202e\u2028';
const handedOver = {
  consent: 'consent-1',
  case: 'case-1',
  materials: [
    { material: 'ZZ001', nameZh: faked, type: 'ZZ001', version: 1, fields: { 姓名: '测试甲' } },
  ],
  missing: [] as readonly string[],
};
const salt = Buffer.alloc(32, 7);

const appendRelease = () =>
  ledger.store.append('book-B', NONE, [
    {
      id: '0'.repeat(32),
      type: 'ConsentRedeemed',
      schema: 1,
      time: '2026-11-22T01:02:03.004Z',
      actor: { client: 'window-7' },
      data: {
        consent: 'consent-1',
        case: 'case-1',
        read: [{ material: 'ZZ001', type: 'ZZ001', number: 1, fields: ['姓名'] }],
        commitment: createHash('sha256')
          .update(salt)
          .update(canonicalize(handedOver))
          .digest('base64url'),
      },
    },
  ]);

/** The reply to it, as the window kept it. */
async function release(receipts: Receipts) {
  const [record] = await ledger.store.readStream('book-B');
  const named = { stream: 'book-B', version: 0, hash: record!.hash };
  return {
    handedOver,
    record: { ...named, bytes: utf8Text(record!.bytes), salt: salt.toString('base64url') },
    receipt: { receipt: await receipts.of(named), at: '' },
  };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mianzheng-verify-'));
  ledger = await SealedLedger.make(1);
  const sealer = ledger.sealer();
  sealer.start();
  await appendRecords(ledger.store, 20);
  for (const version of [-1, 0]) await appendTo(ledger.store, 'book-A', version);
  await sealer.reached(22, 20_000);
  await appendRelease();
  await sealer.reached(23, 20_000);
  const shelf = ledger.shelf();
  const receipts = new Receipts({
    shelf,
    leaves: shelf.leaves,
    signer: ledger.signer,
    hash: nodeSha256,
    sealer,
  });
  const [first, last] = await ledger.store.readStream('book-A');
  const released = await release(receipts);
  const record = { stream: 'book-A', version: 1, hash: last!.hash };
  const receipt = await receipts.of(record);
  const book = await receipts.book('book-A');
  const write = (name: string, content: string | Uint8Array) =>
    writeFile(join(folder, name), content);
  await write('policy', ledger.policyText());
  await write('log-policy', ledger.policyText());
  await write('receipt', receipt);
  await write('record', last!.bytes);
  await write('other-record', first!.bytes);
  const save = (name: string, value: unknown) => write(name, JSON.stringify(value));
  await save('reply.json', { record, receipt });
  await save('other-reply.json', { record: { hash: first!.hash }, receipt: { receipt, at: '' } });
  await save('release.json', released);
  await save('other-data.json', { ...released, handedOver: { ...handedOver, missing: [' '] } });
  const otherSalt = Buffer.alloc(32, 8).toString('base64url');
  await save('other-salt.json', { ...released, record: { ...released.record, salt: otherSalt } });
  const otherRecord = { ...released.record, bytes: utf8Text(last!.bytes) };
  await save('other-record.json', { ...released, record: otherRecord });
  const hash = last!.hash;
  await save('other-hash.json', { ...released, record: { ...released.record, hash } });
  await save('no-bytes.json', { ...released, record: { ...released.record, bytes: undefined } });
  await save('early.json', {
    ...released,
    receipt: { receipt: null, at: '/v1/receipts/b/2?\u009b' },
  });
  await write('receipt-of-release', released.receipt.receipt);
  await write('record-of-release', released.record.bytes);
  await save('no-receipt.json', { handedOver, record });
  await write('not-text', new Uint8Array([0x7b, 0xff, 0xfe]));
  const json = {
    stream: book.stream,
    records: book.records.map(utf8Text),
    receipts: book.receipts.map(utf8Text),
    head: utf8Text(book.head),
  };
  await write('book.json', JSON.stringify(json));
  await write('short-book.json', JSON.stringify({ ...json, records: json.records.slice(0, 1) }));
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
});
afterAll(async () => {
  jest.restoreAllMocks();
  await ledger.close();
  await rm(folder, { recursive: true });
});

const run = (...words: string[]) => runWith(['--policy', join(folder, 'policy')], ...words);

const runWith = async (options: readonly string[], ...words: string[]) => {
  said = '';
  const program = new Command().exitOverride();
  register(program);
  const at = (word: string) => (word.startsWith('/') ? folder + word : word);
  await program.parseAsync(['verify', ...words.map(at), ...options], { from: 'user' });
  return said;
};

describe('mianzheng verify', () => {
  it('says that a receipt holds, for a record, a hash or the reply that carried it', async () => {
    for (const words of [['/receipt'], ['/receipt', '--record', '/record'], ['/reply.json']]) {
      const text = await run('receipt', ...words);
      expect(text).toContain('is leaf 21 of the log city.example');
      expect(text).toContain('cosigned by w0 at 20');
    }
    expect(await run('receipt', '/receipt')).toContain('Compare the hash');
  });
  it('says that exactly what a release handed over is in the log', async () => {
    for (const words of [
      ['/release.json'],
      ['/early.json', '--receipt', '/receipt-of-release'],
      ['/no-bytes.json', '--record', '/record-of-release'],
    ]) {
      const text = await run('receipt', ...words);
      expect(text).toContain('is leaf 22 of the log city.example');
      expect(text).toContain('(ConsentRedeemed, book-B version 0)');
      expect(text).toContain('姓名; version 1 of a certificate ZZ001');
      expect(text).not.toContain('测试甲');
    }
  });
  it.each([
    ['handed over anything else', 'other-data', 'handed_over_other'],
    ['has another salt', 'other-salt', 'handed_over_other'],
    ['has another record', 'other-record', 'record_other'],
    ['names another record', 'other-hash', 'record_other'],
    ['does not hold its record', 'no-bytes', 'release_file_malformed'],
    ['has no receipt', 'no-receipt', 'release_file_malformed'],
  ])('refuses a release that %s', async (_, file, code) => {
    await expect(run('receipt', `/${file}.json`)).rejects.toMatchObject({ code });
    expect(said).toBe('');
  });
  it('says where the receipt is that a release did not carry yet', async () => {
    await expect(run('receipt', '/early.json')).rejects.toMatchObject({
      code: 'receipt_pending',
      hint: expect.stringContaining(String.raw`/v1/receipts/b/2?\u{9b}`),
    });
  });
  it('lets no text of the city’s write a line of its own, nor move the cursor', async () => {
    const text = await run('receipt', '/release.json');
    expect(text).toContain(
      String.raw`身份证\u{a}  cosigned by w1 at 2026-11-22T01:02:03.000Z\u{1b}[1A\u{9b}2K\u{202e}\u{2028}:`,
    );
    expect(text.split('\n').filter((line) => line.startsWith('  cosigned by'))).toHaveLength(1);
    expect(text).not.toMatch(/[^\P{C}\n]/u);
  });
  it('tells what is no text by its name', async () => {
    const notText = { code: 'file_not_text' };
    await expect(run('receipt', '/not-text')).rejects.toMatchObject(notText);
    await expect(run('book', '/not-text')).rejects.toMatchObject(notText);
    await expect(
      runWith(['--policy', join(folder, 'not-text')], 'receipt', '/receipt'),
    ).rejects.toMatchObject(notText);
  });
  it('takes the folder that a city publishes its policy in', async () => {
    expect(await runWith(['--policy', folder], 'receipt', '/receipt')).toContain('is leaf 21');
  });
  it('tells a time that no date has in seconds', () => {
    const at = (time: number) =>
      seenBy({ witnesses: [{ name: 'w0', time }] } as unknown as TrustedCheckpoint);
    expect(at(8_640_000_000_000)).toEqual(['  cosigned by w0 at +275760-09-13T00:00:00.000Z']);
    expect(at(8_640_000_000_001)).toEqual(['  cosigned by w0 at 8640000000001 seconds after 1970']);
    expect(at(Number.MAX_SAFE_INTEGER)).toEqual([
      '  cosigned by w0 at 9007199254740991 seconds after 1970',
    ]);
  });
  it('goes by the policy that LOG_POLICY names, where none is told', async () => {
    process.env['LOG_POLICY'] = join(folder, 'policy');
    try {
      for (const words of [
        ['receipt', '/receipt'],
        ['book', '/book.json'],
      ])
        expect(await runWith([], ...words)).toContain('cosigned by w0 at 20');
    } finally {
      delete process.env['LOG_POLICY'];
    }
  });
  it('refuses a receipt of another record than the one that was told', async () => {
    await expect(run('receipt', '/receipt', '--record', '/other-record')).rejects.toMatchObject({
      code: 'record_other',
    });
    await expect(run('receipt', '/receipt', '--hash', 'a'.repeat(64))).rejects.toMatchObject({
      code: 'record_other',
    });
    await expect(run('receipt', '/other-reply.json')).rejects.toMatchObject({
      code: 'record_other',
    });
  });
  it('shows a book whole, and refuses one with a record left out', async () => {
    expect(await run('book', '/book.json')).toContain('is complete: 2 records');
    await expect(run('book', '/short-book.json')).rejects.toMatchObject({ code: 'head_other' });
    await expect(run('book', '/release.json')).rejects.toMatchObject({ code: 'book_malformed' });
    await expect(run('receipt', '/nothing')).rejects.toMatchObject({ code: 'file_unreadable' });
  });
});
