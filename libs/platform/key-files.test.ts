import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { chmod, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeyFileUnsafe, secretFile } from './key-files.js';

describe('a secret file', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mianzheng-keys-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('is made once, for its owner alone, and then kept', async () => {
    const file = join(folder, 'keys', 'a.key');
    expect(await secretFile(file, () => 'first')).toBe('first');
    expect(await secretFile(file, () => 'second')).toBe('first');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'keys'))).mode & 0o777).toBe(0o700);
  });

  test('is the same for all who want it at once', async () => {
    const file = join(folder, 'a.key');
    const found = await Promise.all(
      Array.from({ length: 16 }, (_, i) => secretFile(file, () => `made by ${i}`)),
    );
    expect(new Set(found).size).toBe(1);
    expect(await readdir(folder)).toEqual(['a.key']);
  });

  test('that others can read is refused', async () => {
    const file = join(folder, 'a.key');
    await secretFile(file, () => 'a');
    await chmod(file, 0o640);
    await expect(secretFile(file, () => 'b')).rejects.toThrow(KeyFileUnsafe);
  });
});
