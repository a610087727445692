import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtemp, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lostLines, openLog } from './log.js';

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

  test('that takes nothing ends nothing: each line is counted as lost, at every level', () => {
    const log = openLog('trace', '/dev/full');
    for (const level of ['trace', 'info', 'warn', 'error', 'fatal'] as const) log[level]('lost');
    expect(lostLines(log)).toBe(5);
    expect(() => process.emit('SIGUSR2')).not.toThrow();
  });

  test('goes on where it was when it takes lines again, and says first how many were lost since when', async () => {
    const file = join(folder, 'city.log');
    await symlink('/dev/full', file);
    const log = openLog('info', file);
    log.info('lost');
    log.info('lost, too');
    await rm(file);
    process.emit('SIGUSR2');
    log.info('taken');
    log.info('also taken');
    const lines = (await readFile(file, 'utf8')).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { msg: 'log_lines_lost', level: 40, lost: 2, since: expect.any(String) },
      { msg: 'taken' },
      { msg: 'also taken' },
    ]);
    expect(lostLines(log)).toBe(2);
  });

  test('keeps the file that it has where the other cannot be opened', async () => {
    const inside = join(folder, 'logs');
    const log = openLog('info', join(inside, 'city.log'));
    await rename(inside, `${inside}-kept`);
    await symlink('/dev/null/nothing', inside);
    process.emit('SIGUSR2');
    log.info('still here');
    expect(await readFile(join(`${inside}-kept`, 'city.log'), 'utf8')).toContain('still here');
  });

  test('is for its owner and group', async () => {
    const file = join(folder, 'city.log');
    openLog('info', file);
    expect((await stat(file)).mode & 0o037).toBe(0);
  });
});
