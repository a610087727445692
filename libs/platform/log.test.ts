import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLog } from './log.js';

describe('the log file', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mianzheng-log-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('may be moved away while the process runs: SIGUSR2 opens it anew, and no line is lost or written twice', async () => {
    const [file, moved] = [join(folder, 'city.log'), join(folder, 'city.log.1')];
    const log = openLog('info', file);
    log.info('before');
    await rename(file, moved);
    log.info('not told yet');
    process.emit('SIGUSR2');
    log.info('after');
    const messages = async (name: string) =>
      (await readFile(name, 'utf8'))
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { readonly msg: string }).msg);
    expect(await messages(moved)).toEqual(['before', 'not told yet']);
    expect(await messages(file)).toEqual(['after']);
  });
});
