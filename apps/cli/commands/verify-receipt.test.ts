import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Command } from 'commander';
import { utf8Text } from '#libs/kernel';
import { nodeSha256 } from '#libs/sealing';
import { Receipts } from '#libs/sealing/sealing.module';
import { appendRecords, appendTo, SealedLedger } from '../../../test/support/sealed-ledger.js';
import { register } from './verify-receipt.js';

let ledger: SealedLedger;
let folder: string;
let said = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mianzheng-verify-'));
  ledger = await SealedLedger.make(1);
  const sealer = ledger.sealer();
  sealer.start();
  await appendRecords(ledger.store, 20);
  for (const version of [-1, 0]) await appendTo(ledger.store, 'book-A', version);
  await sealer.reached(22, 20_000);
  const shelf = ledger.shelf();
  const receipts = new Receipts({
    shelf,
    leaves: shelf.leaves,
    signer: ledger.signer,
    hash: nodeSha256,
    sealer,
  });
  const [first, last] = await ledger.store.readStream('book-A');
  const record = { stream: 'book-A', version: 1, hash: last!.hash };
  const receipt = await receipts.of(record);
  const book = await receipts.book('book-A');
  const write = (name: string, content: string | Uint8Array) =>
    writeFile(join(folder, name), content);
  await write('policy', ledger.policyText());
  await write('receipt', receipt);
  await write('record', last!.bytes);
  await write('other-record', first!.bytes);
  await write(
    'release.json',
    JSON.stringify({ handedOver: {}, record, receipt: { receipt, at: '' } }),
  );
  await write(
    'other-release.json',
    JSON.stringify({ record: { hash: first!.hash }, receipt: { receipt, at: '' } }),
  );
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
  it('says that a receipt holds, for a record, a hash or the release that carried it', async () => {
    for (const words of [['/receipt'], ['/receipt', '--record', '/record'], ['/release.json']]) {
      const text = await run('receipt', ...words);
      expect(text).toContain('is leaf 21 of the log city.example');
      expect(text).toContain('cosigned by w0 at 20');
    }
    expect(await run('receipt', '/receipt')).toContain('Compare the hash');
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
    await expect(run('receipt', '/other-release.json')).rejects.toMatchObject({
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
