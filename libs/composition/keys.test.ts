import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Settings } from '#libs/platform';
import { KeyFolder, openAccountKey, openKeys } from './keys.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mianzheng-keys-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('the folder of keys is one city’s: a trial’s serves no real one', async () => {
  const keys = new KeyFolder(Settings.from({ KEYS_DIR: join(folder, 'of-trial') }), true);
  await keys.claimFor('trial.city.example');
  await keys.claimFor('trial.city.example');
  await expect(keys.claimFor('ledger.example.gov')).rejects.toMatchObject({
    code: 'keys_of_other_city',
    facts: { held: 'trial.city.example' },
  });
});

test('a second administrator comes by a public key, which nobody makes here, and never by a private one', async () => {
  const keys = () => openKeys(new KeyFolder(Settings.from({ KEYS_DIR: folder }), true));
  const put = (key: object) =>
    writeFile(join(folder, 'second-administrator.jwk'), JSON.stringify(key), { mode: 0o600 });
  expect((await keys()).secondAdministrator).toBeNull();
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  await put(privateKey.export({ format: 'jwk' }));
  await expect(keys()).rejects.toMatchObject({ code: 'key_file_invalid' });
  const jwk = publicKey.export({ format: 'jwk' });
  await put(jwk);
  expect((await keys()).secondAdministrator).toEqual(jwk);
});

test('the key of operators’ accounts is made while none is bound, and missed after that', async () => {
  const settings = Settings.from({ KEYS_DIR: join(folder, 'accounts') });
  await expect(openAccountKey(settings, false)).rejects.toMatchObject({ code: 'key_file_missing' });
  const made = await openAccountKey(settings, true);
  expect(made).toHaveLength(32);
  expect(await openAccountKey(settings, false)).toEqual(made);
});
