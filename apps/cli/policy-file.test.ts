import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Settings } from '#libs/platform';
import { policyFile, policyOf } from './policy-file.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mianzheng-policy-'));
});
afterEach(() => rm(folder, { recursive: true }));

const told = (env: Record<string, string> = {}) => Settings.from({ DATA_DIR: folder, ...env });

describe('the policy that commands go by', () => {
  it('is what the city publishes in its data folder, where nobody names another', async () => {
    await writeFile(join(folder, 'log-policy'), 'published');
    expect(policyFile(told())).toBe(join(folder, 'log-policy'));
    expect(await policyOf(told({ LOG_POLICY: '' }))).toEqual(Buffer.from('published'));
  });

  it('is the file that LOG_POLICY names, as for the ledgers themselves', async () => {
    await writeFile(join(folder, 'log-policy'), 'published');
    await writeFile(join(folder, 'named'), 'named');
    const settings = told({ LOG_POLICY: join(folder, 'named') });
    expect(policyFile(settings)).toBe(join(folder, 'named'));
    expect(await policyOf(settings)).toEqual(Buffer.from('named'));
  });

  it('is byte by byte what is in the file, whose names need not be UTF-8', async () => {
    const octets = Buffer.from([0x6c, 0x6f, 0x67, 0x20, 0xff, 0xfe, 0x0a]);
    await writeFile(join(folder, 'log-policy'), octets);
    expect(await policyOf(told())).toEqual(octets);
  });

  it('is none before a city has published one', async () => {
    expect(await policyOf(told())).toBeNull();
  });

  it('is not replaced by another where the named one cannot be read', async () => {
    await writeFile(join(folder, 'log-policy'), 'published');
    await expect(policyOf(told({ LOG_POLICY: join(folder, 'gone') }))).rejects.toMatchObject({
      code: 'file_unreadable',
      facts: { file: join(folder, 'gone') },
    });
  });
});
