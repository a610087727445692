import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freshDatabase } from '../../test/support/postgres.js';
import { withLedger } from './ledger.js';

const before = { ...process.env };
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mianzheng-ledger-'));
  process.env['DATA_DIR'] = folder;
  delete process.env['DATABASE_URL'];
});
afterEach(async () => {
  process.env = { ...before };
  await rm(folder, { recursive: true, force: true });
});

const work = () => Promise.reject(new Error('there was nothing to work on'));

test('a command that is given the wrong DATA_DIR says so, and makes nothing there', async () => {
  await expect(withLedger(work)).rejects.toMatchObject({
    code: 'ledger_absent',
    hint: 'DATA_DIR or DATABASE_URL names the city that is meant.',
  });
  expect(await readdir(folder)).toEqual([]);
});

test('and so does one that is given a database of something else', async () => {
  const database = await freshDatabase();
  process.env['DATABASE_URL'] = database.url;
  await expect(withLedger(work)).rejects.toMatchObject({ code: 'ledger_absent' });
  await database.drop();
});
