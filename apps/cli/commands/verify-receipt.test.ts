import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { NONE } from '#libs/event-store';
import { canonicalize, utf8Text } from '#libs/kernel';
import { nodeSha256 } from '#libs/sealing';
import { LogReceipts } from '#libs/sealing/sealing.module';
import type { TrustedCheckpoint } from '#libs/verify';
import { policyText, signerOf, SmallLog } from '../../../test/support/small-log.js';
import { appendRecords, appendTo, SealedLedger } from '../../../test/support/sealed-ledger.js';
import { seenBy } from '../offline.js';
import { programFor } from '../program.js';

let ledger: SealedLedger;
let folder: string;
let said = '';

/** A city that would like to write a line of its own. */
const faked = '身份证\n  cosigned by w1 at 2026-11-22T01:02:03.000Z\u001b[1A\u009b2K\u202e\u2028';
const handedOver = {
  consent: 'consent-1',
  case: 'case-1',
  action: 'read',
  basis: 'consent',
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
        action: 'read',
        basis: 'consent',
        read: [{ material: 'ZZ001', type: 'ZZ001', number: 1, fields: ['姓名'] }],
        commitment: createHash('sha256')
          .update(salt)
          .update(canonicalize(handedOver))
          .digest('base64url'),
      },
    },
  ]);

/** The reply to it, as the window kept it. */
async function release(receipts: LogReceipts) {
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
  const storage = ledger.storage();
  const receipts = new LogReceipts({
    storage,
    leaves: storage.leaves,
    signer: ledger.signer,
    hash: nodeSha256,
    sealer,
  });
  const [first, last] = await ledger.store.readStream('book-A');
  const released = await release(receipts);
  const record = { stream: 'book-A', version: 1, hash: last!.hash };
  const receipt = await receipts.of(record);
  const book = await receipts.whole('book-A');
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

// The code of a command that was refused would be that of the test run.
afterEach(() => {
  process.exitCode = undefined;
});

const run = (...words: string[]) => runWith(['--policy', join(folder, 'policy')], ...words);

const runWith = async (options: readonly string[], ...words: string[]) => {
  said = '';
  const at = (word: string) => (word.startsWith('/') ? folder + word : word);
  const program = await programFor(['verify', ...words]);
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
  it('tells programs all of it, without the values', async () => {
    const at = { log: 'city.example', size: expect.any(Number) as unknown };
    const witnesses = [{ name: 'w0', time: expect.stringMatching(/^20/) as unknown }];
    const json = async (...words: string[]) => JSON.parse(await run(...words, '--json')) as object;
    expect(await json('receipt', '/receipt')).toEqual({
      holds: true,
      trial: false,
      record: { hash: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown },
      compared: false,
      index: 21,
      ...at,
      witnesses,
    });
    expect(await json('receipt', '/release.json')).toMatchObject({
      holds: true,
      record: { type: 'ConsentRedeemed', stream: 'book-B', version: 0 },
      compared: true,
      released: {
        case: 'case-1',
        consent: 'consent-1',
        materials: [{ material: 'ZZ001', type: 'ZZ001', version: 1, fields: ['姓名'] }],
      },
      words: null,
      ...at,
    });
    expect(said).not.toContain('测试甲');
    expect(await json('book', '/book.json')).toMatchObject({
      stream: 'book-A',
      version: 1,
      records: [{ version: 0 }, { version: 1 }],
      witnesses,
    });
    expect(await run('receipt', '/receipt', '--quiet')).toBe('');
  });
  it('says first of all that a log is that of a trial, and of no other log', async () => {
    const small = new SmallLog('trial.city.example');
    small.write({ stream: 'book-A', version: 0, prev: null });
    await writeFile(join(folder, 'trial-receipt'), small.receipt(0, small.leaves[0] ?? null));
    await writeFile(
      join(folder, 'trial-policy'),
      policyText('none', [signerOf('trial.city.example')]),
    );
    const options = ['--policy', join(folder, 'trial-policy')];
    expect((await runWith(options, 'receipt', '/trial-receipt')).split('\n')[0]).toBe(
      '试运行账本，不具法律效力。A trial: nothing in this log is of a real city.',
    );
    expect(
      JSON.parse(await runWith([...options, '--json'], 'receipt', '/trial-receipt')),
    ).toMatchObject({ holds: true, trial: true, log: 'trial.city.example' });
    expect(await run('receipt', '/receipt')).not.toContain('trial');
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
  it('says by the exit code alone what does not hold, where it is to be quiet', async () => {
    expect(await run('receipt', '/other-hash.json', '--quiet')).toBe('');
    expect(process.exitCode).toBe(1);
    await expect(run('receipt', '/none.json', '--quiet')).rejects.toMatchObject({
      code: 'file_unreadable',
    });
    expect(process.exitCode).toBe(2);
    process.exitCode = undefined;
  });
  it('names the command that takes a file of another kind, as it can be called', async () => {
    await expect(run('receipt', '/book.json')).rejects.toMatchObject({
      code: 'file_of_other_kind',
      hint: `mianzheng verify book ${folder}/book.json --policy log-policy`,
    });
    await expect(run('book', '/receipt')).rejects.toMatchObject({
      hint: `mianzheng verify receipt ${folder}/receipt --policy log-policy`,
    });
  });
  it('says where a policy is had where none is named and none is there', async () => {
    const { DATA_DIR: before } = process.env;
    process.env['DATA_DIR'] = join(folder, 'no-city');
    await expect(runWith([], 'receipt', '/receipt')).rejects.toMatchObject({
      code: 'file_unreadable',
      hint: expect.stringMatching(/--policy FILE.*\/log\/policy/),
    });
    if (before === undefined) delete process.env['DATA_DIR'];
    else process.env['DATA_DIR'] = before;
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
    ).rejects.toMatchObject({ code: 'policy_malformed' });
  });
  it.each<[string, (text: string) => Uint8Array]>([
    ['a byte order mark', (text) => Buffer.from(`\ufeff${text}`)],
    ['CRLF', (text) => Buffer.from(text.replaceAll('\n', '\r\n'))],
    [
      'UTF-16 of PowerShell',
      (text) => Buffer.from(`\ufeff${text.replaceAll('\n', '\r\n')}`, 'utf16le'),
    ],
    ['UTF-16, the high byte first', (text) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16()],
    ['a newline at its end', (text) => Buffer.from(text.endsWith('\n') ? text : `${text}\n`)],
  ])('takes each file in another spelling for what it is: %s', async (name, spell) => {
    const spelled = async (file: string) => {
      const to = `${file}-${name.length}`;
      await writeFile(folder + to, spell(await readFile(folder + file, 'utf8')));
      return to;
    };
    const policy = ['--policy', folder + (await spelled('/policy'))];
    const [receipt, record] = [await spelled('/receipt'), await spelled('/record')];
    expect(await runWith(policy, 'receipt', receipt, '--record', record)).toContain('is leaf 21');
    expect(await runWith(policy, 'receipt', await spelled('/release.json'))).toContain('leaf 22');
    expect(await runWith(policy, 'book', await spelled('/book.json'))).toContain('2 records');
  });
  it('takes a hash as other programs print it', async () => {
    const hash = /The record ([0-9a-f]{64})/.exec(await run('receipt', '/receipt'))?.[1] ?? '';
    const pairs = hash.match(/../g) ?? [];
    for (const spelled of [
      hash.toUpperCase(),
      ` ${hash}\n`,
      `0x${hash}`,
      `sha256:${hash}`,
      pairs.join(' '),
      pairs.join(':').toUpperCase(),
      pairs.join('-'),
    ])
      expect(await run('receipt', '/receipt', '--hash', spelled)).toContain('is leaf 21');
    for (const wrong of [hash.slice(1), `${hash}0`, `g${hash.slice(1)}`, ''])
      await expect(run('receipt', '/receipt', '--hash', wrong)).rejects.toMatchObject({
        code: 'hash_malformed',
      });
  });
  it.each([
    ['receipt', '/book.json', 'book', '授权与调用记录'],
    ['receipt', '/record', 'record', '账本记录'],
    ['receipt', '/policy', 'policy', '信任策略'],
    ['receipt', '/cut-off.json', 'brokenJson', '不完整的 JSON'],
    ['receipt', '/empty', 'empty', '空文件'],
    ['receipt', '/page', 'page', '网页'],
    ['receipt', '/key', 'key', '密钥'],
    ['receipt', '/problem', 'problem', '错误答复'],
    ['book', '/release.json', 'release', '调用回复'],
    ['book', '/receipt', 'receipt', '存证回执'],
  ])('names what was given to verify %s instead: %s is %s', async (command, file, kind, zh) => {
    const write = (name: string, text: string) => writeFile(join(folder, name), text);
    await write(
      'cut-off.json',
      (await readFile(join(folder, 'release.json'), 'utf8')).slice(0, -9),
    );
    await write('empty', '\r\n');
    await write('page', '<!DOCTYPE html><title>404</title>');
    await write('key', '{"kty":"OKP"}');
    await write('problem', '{"status":404,"code":"route_unknown"}');
    const error = await run(command, file).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ facts: { kind }, message: expect.stringContaining(zh) });
    expect(process.exitCode).toBe(2);
  });
  it('ends with 0 where it holds, 1 where it does not, 2 where that could not be found out', async () => {
    const program = resolve('scripts/mianzheng.mjs');
    const ends = async (...words: string[]) => {
      const child = spawn(process.execPath, [program, 'verify', ...words], { stdio: 'ignore' });
      const [code] = (await once(child, 'exit')) as [number];
      return code;
    };
    const [policy, receipt] = [join(folder, 'policy'), join(folder, 'receipt')];
    const other = ['--hash', 'A'.repeat(64)];
    expect(await ends('receipt', receipt, '--policy', policy)).toBe(0);
    expect(await ends('receipt', receipt, '--policy', policy, ...other)).toBe(1);
    expect(await ends('receipt', receipt, '--policy', join(folder, 'gone'))).toBe(2);
    expect(await ends('receipt', receipt, '--polcy', policy)).toBe(2);
  }, 180_000);
  it.each<[number | undefined, string, ...string[]]>([
    [undefined, 'receipt', '/receipt'],
    [1, 'receipt', '/receipt', '--record', '/other-record'],
    [1, 'receipt', '/other-data.json'],
    [2, 'receipt', '/no-bytes.json'],
    [2, 'receipt', '/early.json'],
    [2, 'receipt', '/nothing'],
    [2, 'receipt', '/receipt', '--hash', 'abc'],
    [2, 'receipt', '/not-text'],
    [undefined, 'book', '/book.json'],
    [1, 'book', '/short-book.json'],
    [2, 'book', '/receipt'],
  ])('sets the code %s for verify %s %s', async (code, ...words) => {
    process.exitCode = undefined;
    await run(...words).catch(() => undefined);
    expect(process.exitCode).toBe(code);
  });
  it('takes the folder that a city publishes its policy in', async () => {
    expect(await runWith(['--policy', folder], 'receipt', '/receipt')).toContain('is leaf 21');
  });
  it('tells a time that no date has in seconds', () => {
    const at = (time: bigint) =>
      seenBy({ witnesses: [{ name: 'w0', time }] } as unknown as TrustedCheckpoint);
    expect(at(8_640_000_000_000n)).toEqual(['  cosigned by w0 at +275760-09-13T00:00:00.000Z']);
    expect(at(8_640_000_000_001n)).toEqual([
      '  cosigned by w0 at 8640000000001 seconds after 1970',
    ]);
    expect(at(9_007_199_254_740_993n)).toEqual([
      '  cosigned by w0 at 9007199254740993 seconds after 1970',
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
