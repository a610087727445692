import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSecretFiles } from './secret-files.js';

let folder: string;
const file = (text: string): string => {
  const path = join(folder, `secret-${text.length}`);
  writeFileSync(path, text);
  return path;
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mianzheng-secret-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('a secret that comes as a file', () => {
  test('stands where the setting would, without the line’s end, and the file’s name is gone', () => {
    const env: NodeJS.ProcessEnv = {
      DATABASE_URL_FILE: file('postgres://u:p@host/db\n'),
      PORT: '1',
    };
    readSecretFiles(env);
    expect(env).toEqual({ DATABASE_URL: 'postgres://u:p@host/db', PORT: '1' });
  });

  test('is not mixed with one in the environment', () => {
    const env = { MASTER_KEY_FILE: file('a'), MASTER_KEY: 'b' };
    expect(() => {
      readSecretFiles(env);
    }).toThrow('MASTER_KEY_FILE must be left out where MASTER_KEY is given: set one of the two');
  });

  test.each([
    ['that is not there', () => join(folder, 'nowhere'), 'ENOENT'],
    ['that is empty', () => file('\n'), 'it is empty'],
  ])('%s is told by the setting’s name, and nothing of what is in it', (_, path, why) => {
    expect(() => {
      readSecretFiles({ EVENT_STORE_URL_FILE: path() });
    }).toThrow(new RegExp(`^EVENT_STORE_URL_FILE must be a file .*${why}`));
  });

  test('is for secrets alone: any other name is left as it is', () => {
    const env = { CITY_FILE: '/nowhere' };
    readSecretFiles(env);
    expect(env).toEqual({ CITY_FILE: '/nowhere' });
  });
});
