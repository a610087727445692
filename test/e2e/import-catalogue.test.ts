import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  jest,
  test,
} from '@jest/globals';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cutCatalogueFile, spreadOverPlaces } from '#libs/catalogue';
import { programFor } from '../../apps/cli/program.js';
import { catalogueFolder } from '../support/catalogue.js';
import { startCity, type TestCity } from '../support/city.js';

describe('mianzheng import catalogue', () => {
  let house: TestCity;
  let folder: string;
  let said: string[];

  beforeAll(async () => {
    house = await startCity();
    folder = await mkdtemp(join(tmpdir(), 'mianzheng-import-'));
  });
  afterAll(async () => {
    await house.stop();
    await rm(folder, { recursive: true });
  });
  beforeEach(() => {
    said = [];
    // Another test of this process may have left one.
    process.exitCode = 0;
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  });
  afterEach(() => {
    jest.restoreAllMocks();
    process.exitCode = 0;
  });

  const run = async (files: string[], ...options: string[]) => {
    const key = join(house.dataDir, 'keys', 'administrator.jwk');
    const words = ['import', 'catalogue', ...files, '--url', house.baseUrl, '--key', key];
    const program = await programFor(words);
    await program.parseAsync([...words, ...options], { from: 'user' });
    return said.join('');
  };
  const shipped = (name: string) => new URL(name, catalogueFolder).pathname;
  const put = async (name: string, content: string) => {
    const path = join(folder, name);
    await writeFile(path, content, { mode: 0o600 });
    return path;
  };

  test('appends nothing for what the city has already, in whatever order the files are named', async () => {
    const head = await house.city.house.services.store.head();
    expect(await run(['rules.tsv', 'matters.tsv', 'certificate-types.tsv'].map(shipped))).toBe(
      'certificate-types.tsv: types: 0 added, 0 changed, 186 unchanged; 0 lines refused\n' +
        'matters.tsv: matters: 0 added, 0 changed, 219 unchanged; 0 lines refused\n' +
        'rules.tsv: materials with rules: 0 added, 0 changed, 665 unchanged; 0 lines refused\n',
    );
    expect(await house.city.house.services.store.head()).toBe(head);
    expect(process.exitCode ?? 0).toBe(0);
  });

  test('finds the administrator’s key by DATA_DIR', async () => {
    const before = process.env['DATA_DIR'];
    process.env['DATA_DIR'] = house.dataDir;
    try {
      const words = ['import', 'catalogue', shipped('rules.tsv'), '--url', house.baseUrl];
      await (await programFor(words)).parseAsync(words, { from: 'user' });
    } finally {
      if (before === undefined) delete process.env['DATA_DIR'];
      else process.env['DATA_DIR'] = before;
    }
    expect(said.join('')).toContain('665 unchanged; 0 lines refused');
  });

  test('tells each refused line by its number and why, takes the others, and ends non-zero', async () => {
    const rules = (await readFile(shipped('rules.tsv'), 'utf8')).split('\n');
    rules[1] = (rules[1] ?? '').replace('姓名', '爱好');
    rules[2] = (rules[2] ?? '').replace('社会保障号码', '卡号');
    const path = await put('changed.tsv', `\ufeff${rules.join('\r\n')}`);
    expect(await run([path])).toBe(
      'changed.tsv: materials with rules: 0 added, 1 changed, 663 unchanged; 1 lines refused\n' +
        '  line 2 (SX0001): field_unknown: 爱好\n',
    );
    expect(process.exitCode).toBe(1);
  });

  test('says the same in one object for programs, and nothing where nobody listens', async () => {
    const types = shipped('certificate-types.tsv');
    const path = await put('some.tsv', 'code\tname_zh\n');
    expect(JSON.parse(await run([shipped('matters.tsv'), types], '--json'))).toEqual({
      files: [
        expect.objectContaining({ file: 'certificate-types.tsv', kind: 'types', unchanged: 186 }),
        expect.objectContaining({ file: 'matters.tsv', kind: 'matters', refused: [] }),
      ],
    });
    said = [];
    expect(await run([types], '--quiet')).toBe('');
    await expect(run([path], '--json')).rejects.toMatchObject({ code: 'column_missing' });
  });

  test('sends a file that is larger than a request in several, as one', async () => {
    const matters = await readFile(shipped('matters.tsv'), 'utf8');
    const spread = spreadOverPlaces(matters, { above: 1900, townsAndVillages: 900 });
    expect(cutCatalogueFile(spread).parts.length).toBeGreaterThan(1);
    const path = await put('places.tsv', `${spread}${spread.split('\n')[1] ?? ''}\n`);
    expect(await run([path])).toBe(
      'places.tsv: matters: 2800 added, 0 changed, 0 unchanged; 1 lines refused\n' +
        '  line 2802 (SX0001.0001): code_duplicate: SX0001.0001\n',
    );
  });

  test('says what is wrong with a file that is none, with its own key, and where nobody answers', async () => {
    const path = await put('persons.csv', '姓名,号码\n测试甲,1\n');
    await expect(run([path])).rejects.toMatchObject({ code: 'column_missing' });
    await expect(run(['/nowhere.tsv'])).rejects.toMatchObject({ code: 'file_unreadable' });
    const key = await put('no.jwk', '{"kty":"OKP","crv":"Ed25519","x":"AA"}');
    await expect(run([shipped('matters.tsv')], '--key', key)).rejects.toMatchObject({
      code: 'key_file_invalid',
    });
    expect(said).toEqual([]);
  });
});
