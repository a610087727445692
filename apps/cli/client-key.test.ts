import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newPrivateJwk } from '#libs/api-client';
import { called } from '../../test/support/command.js';

let folder: string;
let key: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mianzheng-key-'));
  key = join(folder, 'authority.jwk');
  await writeFile(key, JSON.stringify(await newPrivateJwk('ES256')));
  await chmod(key, 0o644);
});
afterAll(() => rm(folder, { recursive: true }));

const authority = '11430112000000001P';
test.each([
  ['import certificates', ['x.csv', '--client', 'ID', '--authority', authority]],
  ['certificates search', ['--client', 'ID']],
  ['verify ledger', ['--client', 'ID', '--url', 'http://127.0.0.1:1']],
  ['import catalogue', []],
  ['erase', ['--show', 'x']],
])('%s refuses a private key that others can read', async (name, words) => {
  const file = name === 'import catalogue' ? ['contracts/catalogue/matters.tsv'] : [];
  const policy = name === 'verify ledger' ? ['--policy', await policyFile()] : [];
  const said = await called(...name.split(' '), ...file, ...words, ...policy, '--key', key);
  expect(said.error).toMatchObject({
    code: 'key_file_readable_by_others',
    hint: `chmod 600 ${key}`,
  });
});

async function policyFile(): Promise<string> {
  const file = join(folder, 'log-policy');
  const verifier = 'city.example+1cb7f3d0+AQjwPra+T2RrOVcUiTXquaN+w4VTUgq0hIM02MLA4lNQ';
  await writeFile(file, `log ${verifier}\nquorum none\n`);
  return file;
}
