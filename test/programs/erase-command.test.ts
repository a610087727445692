import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inventedResidentId } from '../support/authority.js';
import { CityProcesses } from '../support/city-processes.js';
import { TestClient } from '../support/client.js';
import { TestKey } from '../support/keys.js';
import { done, type Holder, Town } from '../support/town.js';

const program = fileURLToPath(new URL('../../scripts/mianzheng.mjs', import.meta.url));

let town: Town<CityProcesses>;
let folder: string;
let url: string | undefined;
/** Options by which each of two administrators calls. */
let first: readonly string[];
let second: readonly string[];

interface Said {
  readonly code: number | string;
  readonly out: string;
  readonly errors: string;
}

/** `npx mianzheng …` as an operator types it, in a folder of its own. */
const mianzheng = (...words: readonly string[]): Promise<Said> =>
  new Promise((resolve) => {
    execFile(
      process.execPath,
      [program, ...words],
      {
        cwd: folder,
        env: {
          ...process.env,
          ...(url !== undefined && { MIANZHENG_URL: url, DATA_DIR: town.city.dataDir }),
        },
      },
      (error, out, errors) => {
        resolve({ code: error === null ? 0 : (error.code ?? 'killed'), out, errors });
      },
    );
  });

/** `npx mianzheng keys new FILE`. @returns the public half, as it prints it */
async function newKeyFile(file: string): Promise<string> {
  const { out } = await mianzheng('keys', 'new', file);
  return out.slice(out.indexOf('{'), out.lastIndexOf('}') + 1);
}

async function erase(...words: readonly string[]): Promise<string> {
  const said = await mianzheng('erase', ...words);
  expect([said.code, said.errors]).toEqual([0, '']);
  return said.out;
}
async function refused(code: string, ...words: readonly string[]): Promise<void> {
  const said = await mianzheng('erase', ...words);
  expect([said.code, said.out]).toEqual([1, '']);
  expect(said.errors).toContain(code);
}

/** A person's number never stands on the command line: it is in a file. */
async function request({ number }: Pick<Holder, 'number'>, by = first): Promise<string> {
  await writeFile(join(folder, 'number'), `${number}\n`);
  const said = await erase(
    ...['--number-from-file', 'number', '--reason', 'consent-withdrawn', ...by],
  );
  const [, erasure = ''] = /--approve (\S+)/.exec(said) ?? [];
  expect(erasure).not.toBe('');
  expect(said).not.toContain(number);
  return erasure;
}

/** For what has no command: legal holds. */
const administrator = () =>
  new TestClient(town.url, 'administrator', town.city.admin.key, ['subjects:erase']);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mianzheng-erase-'));
  // The second administrator makes a key, and the operator puts the public half among the city's
  // keys.
  const publicHalf = await newKeyFile('second.jwk');
  town = await Town.around(
    await CityProcesses.start(1, undefined, { 'second-administrator.jwk': publicHalf }),
  );
  ({ url } = town);
  // Without --key it is the administrator's of DATA_DIR.
  first = [];
  second = ['--key', 'second.jwk', '--client', 'second-administrator'];
}, 180_000);
afterAll(async () => {
  await town.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('mianzheng erase', () => {
  test('two administrators erase a holder, and keep a receipt that verifies offline', async () => {
    const holder = await town.granted();
    const erasure = await request(holder);
    expect(await erase('--show', erasure, ...second)).toMatch(
      /: requested\n {2}asked for by administrator, reason consent-withdrawn\n {4}whose key came from the city itself\n {2}can be approved until 20/,
    );
    // One administrator alone cannot, however often they try.
    for (let n = 0; n < 2; n++)
      await refused('erasure_needs_second_administrator', '--approve', erasure, ...first);
    expect(await readdir(folder)).not.toContain('erased.json');

    const said = await erase('--approve', erasure, '--receipt', 'erased.json', ...second);
    expect(said).toMatch(/^erased\nrecorded in subject-/);
    const receipt = await mianzheng(
      ...['verify', 'receipt', 'erased.json'],
      ...['--policy', join(town.city.dataDir, 'log-policy')],
    );
    expect(receipt.out).toContain('of the log trial.city.example');
    const { record } = JSON.parse(await readFile(join(folder, 'erased.json'), 'utf8'));
    expect(said).toContain(`version ${String(record.version)}, hash ${String(record.hash)}`);
    expect(await erase('--show', erasure, ...first)).toMatch(
      /: erased\n.*\n.*\n {2}approved by second-administrator\n {4}whose key came from the city itself\n/,
    );

    expect((await town.pull(holder.token)).status).toBe(404);
    expect((await holder.phone.get('/v1/phone/wallet')).status).toBe(401);
    // Approved again, it is the same record; a file that is there is not written over, and nothing
    // is sent.
    expect(await erase('--approve', erasure, ...second)).toContain(record.hash);
    await refused('file_not_made', '--approve', erasure, '--receipt', 'erased.json', ...second);
    await refused(
      'erasure_refused',
      '--number-from-file',
      'number',
      '--reason',
      'unlawful',
      ...first,
    );
  });

  test('whom one administrator registered is nobody else', async () => {
    const details = { kind: 'administrator', name: '法制科', department: '法制' };
    await newKeyFile('third.jwk');
    const key = new TestKey(JSON.parse(await readFile(join(folder, 'third.jwk'), 'utf8')));
    const { client } = done(
      await town.city.admin.post('/v1/clients', { ...details, keys: [await key.proved(details)] }),
    );
    const third = ['--key', 'third.jwk', '--client', client];
    const erasure = await request(await town.holder(), third);
    await refused('erasure_administrators_not_independent', '--approve', erasure, ...first);
    expect(await erase('--show', erasure, ...second)).toContain(
      `asked for by ${String(client)}, reason consent-withdrawn\n    whose key came from the city itself, through administrator\n`,
    );
    expect(await erase('--approve', erasure, ...second)).toContain('erased');
  });

  test('a legal hold stands against it, and no proof is left of what was not done', async () => {
    const holder = await town.holder();
    const erasure = await request(holder);
    const hold = { identifier: { kind: '111', number: holder.number }, basis: 'litigation' };
    const { hold: placed } = done(await administrator().post('/v1/legal-holds', hold));
    expect(await erase('--show', erasure, ...first)).toContain(
      'a legal hold stands against it: litigation',
    );
    await refused(
      'erasure_on_legal_hold',
      '--approve',
      erasure,
      '--receipt',
      'held.json',
      ...second,
    );
    expect(await readdir(folder)).not.toContain('held.json');
    done(await administrator().post(`/v1/legal-holds/${placed}/lift`, { basis: 'ended' }));
    expect(await erase('--approve', erasure, ...second)).toContain('erased');
  });

  test('whoever asked takes it back, and it can be asked for anew', async () => {
    const holder = await town.granted();
    const erasure = await request(holder);
    await refused('erasure_of_another_administrator', '--withdraw', erasure, ...second);
    expect(await erase('--withdraw', erasure, ...first)).toBe('taken back; nothing was erased\n');
    expect(await erase('--withdraw', erasure, ...first)).toBe('taken back; nothing was erased\n');
    expect(await erase('--show', erasure, ...second)).toContain(': withdrawn\n');
    await refused('erasure_withdrawn', '--approve', erasure, ...second);
    expect((await town.pull(holder.token)).status).toBe(200);

    // The other one asks this time; the first approves. The one that was taken back stays so.
    const anew = await request(holder, second);
    expect(anew).not.toBe(erasure);
    expect(await erase('--approve', anew, ...first)).toContain('erased');
    expect(await erase('--show', erasure, ...second)).toContain(': withdrawn\n');
    await refused('subject_erased_before', '--withdraw', anew, ...second);
  });

  test('what cannot be meant is refused before anything is sent', async () => {
    await refused('whom_ambiguous', ...first);
    await refused('whom_ambiguous', '--approve', 'a', '--withdraw', 'b', ...first);
    await refused('reason_missing', 'p5m1tN0c3uWvVQ2m4mXZpg', ...first);
    await refused('receipt_without_approval', '--show', 'a', '--receipt', 'x', ...first);
    await refused('file_unreadable', '--show', 'a', '--key', 'nowhere.jwk');
    await writeFile(join(folder, 'number'), inventedResidentId());
    await refused(
      'subject_absent',
      '--number-from-file',
      'number',
      '--reason',
      'unlawful',
      ...first,
    );
    await refused('city_unreachable', '--show', 'a', '--url', 'http://127.0.0.1:1', ...first);
  });
});
