import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { EventStoreDouble } from '../eventstore/double.js';

// Each command is a process that loads the program anew.
jest.setTimeout(120_000);

const program = fileURLToPath(new URL('../../scripts/mianzheng.mjs', import.meta.url));
const passwords = ['word-of-admin', 'word-of-ledger'] as const;

let folder: string;
let double: EventStoreDouble;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mianzheng-prepare-'));
  double = await EventStoreDouble.start({
    secured: { administratorPassword: passwords[0], caFile: join(folder, 'ca.pem') },
  });
  await writeFile(join(folder, 'admin_url'), `${double.urlFor(`admin:${passwords[0]}`)}\n`);
  await writeFile(join(folder, 'url'), `${double.urlFor(`ledger:${passwords[1]}`)}\n`);
});
afterAll(async () => {
  await double.stop();
  await rm(folder, { recursive: true });
});

const prepare = (words: readonly string[] = [], env: Readonly<Record<string, string>> = {}) =>
  new Promise<{ readonly code: unknown; readonly out: string; readonly errors: string }>(
    (resolve) => {
      execFile(
        process.execPath,
        [program, 'event-store', 'prepare', ...words],
        {
          cwd: folder,
          env: {
            ...process.env,
            CITY: 'trial.city.example',
            EVENT_STORE_URL_FILE: join(folder, 'url'),
            EVENT_STORE_ADMIN_URL_FILE: join(folder, 'admin_url'),
            ...env,
          },
        },
        (error, out, errors) => {
          resolve({ code: error === null ? 0 : error.code, out, errors });
        },
      );
    },
  );
const mustHoldNoPassword = (...texts: readonly string[]) => {
  for (const password of passwords) expect(texts.join('\n')).not.toContain(password);
};

describe('mianzheng event-store prepare', () => {
  test('makes user and access lists from files of secrets, and says what it changed', async () => {
    const { code, out, errors } = await prepare();
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(out).toMatch(/^user ledger: made$/m);
    expect(out).toMatch(
      /^access list of \$all: set to \{"\$r":\["\$admins","ledger"\]\}; it was the/m,
    );
    expect(out).toMatch(/^Beside ledger, the server's administrators alone may write/m);
    mustHoldNoPassword(out);
  });

  test('prints nothing beside that, though the host is an IP address', async () => {
    // DEP0123: a TLS server name must be no address.
    expect(double.url).toMatch(/^esdb:\/\/127\.0\.0\.1:/);
    expect((await prepare(['--quiet'])).errors).toBe('');
  });

  test('changes nothing the second time, and says so to programs', async () => {
    const before = double.log.length;
    const { code, out } = await prepare(['--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      login: 'ledger',
      user: 'there',
      lists: [{ changed: false }, { changed: false }],
      otherWriters: [],
    });
    expect(double.log.length).toBe(before);
  });

  test('refuses over what others set, with the way on', async () => {
    double.administer('$all', { $acl: { $r: ['$admins', 'somebody'] } });
    const { code, out, errors } = await prepare();
    expect([code, out]).toEqual([1, '']);
    expect(errors).toMatch(/set by others.*\(event_store_access_of_others\)\nNothing was changed/);
    mustHoldNoPassword(errors);
    const told = await prepare(['--others', 'remove']);
    expect([told.code, told.errors]).toEqual([0, '']);
  });

  test.each([
    [{ EVENT_STORE_ADMIN_URL_FILE: '' }, /EVENT_STORE_ADMIN_URL must be set/],
    [{ EVENT_STORE_URL_FILE: '', EVENT_STORE_URL: '' }, /EVENT_STORE_URL must be set/],
    [
      { EVENT_STORE_URL_FILE: '', EVENT_STORE_URL: 'esdb://ledger:word-of-ledger@a?tls=false&x=1' },
      /EVENT_STORE_URL: .* and x is none of them \(store_url_invalid\)/,
    ],
    [{ CITY: 'City With Spaces' }, /CITY must be .* \(setting_invalid\)/],
  ])('names the setting that is missing or wrong, and ends with 2: %o', async (env, words) => {
    const { code, errors } = await prepare([], env);
    expect(errors).toMatch(words);
    expect(code).toBe(2);
    mustHoldNoPassword(errors);
  });
});
