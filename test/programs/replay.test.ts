import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Town } from '../support/town.js';

const program = fileURLToPath(new URL('../../scripts/mianzheng.mjs', import.meta.url));

describe('read models of a city that runs', () => {
  let town: Town;
  beforeAll(async () => {
    town = await Town.start();
    const { token } = await town.granted();
    await town.terminal.post('/v1/releases', { token });
    await town.granted(); // a case that stays on the board
    await town.city.caughtUp();
  });
  afterAll(() => town.stop());

  /** The command line, in a process of its own beside the city. */
  async function mianzheng(...args: string[]) {
    const child = spawn(process.execPath, [program, ...args], {
      env: { ...process.env, DATA_DIR: town.city.dataDir, DATABASE_URL: town.city.databaseUrl },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number];
    return { code, said };
  }

  const board = async () => (await town.terminal.get('/v1/board')).body as unknown;

  test('are what the records say, come back byte-equal, and the ledger’s chains hold', async () => {
    const before = await board();
    const checked = await mianzheng('replay', '--check');
    expect(checked).toMatchObject({ code: 0 });
    expect(checked.said).toMatch(/^board: .*board_case [1-9]\d* rows, all equal/m);
    expect(checked.said).toMatch(/^wallet: .*wallet_certificate [1-9]\d* rows, all equal/m);
    expect(checked.said).toMatch(/^statistics: .*statistic [1-9]\d* rows, all equal/m);

    expect(await mianzheng('replay')).toMatchObject({ code: 0 });
    expect(await board()).toEqual(before);
    expect(await mianzheng('replay', '--check')).toMatchObject({ code: 0 });
    expect((await mianzheng('verify', 'chains')).said).toContain('every chain holds');
  });

  test('that were changed by hand are detected', async () => {
    const { pool } = town.city.city.house.services;
    await pool.query("UPDATE board_case SET matter_name = 'changed'");
    const checked = await mianzheng('replay', 'board', '--check');
    expect(checked.code).toBe(1);
    expect(checked.said).toMatch(/board_case \d+ rows, \d+ differ/);
    expect(await mianzheng('replay', 'board')).toMatchObject({ code: 0 });
    expect(await mianzheng('replay', 'board', '--check')).toMatchObject({ code: 0 });
  });

  test('that do not exist are not replayed', async () => {
    expect(await mianzheng('replay', 'nothing')).toMatchObject({ code: 1 });
  });
});
