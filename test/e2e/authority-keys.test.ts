import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { checkLedger } from '#libs/audit/ledger-check';
import { utf8Bytes } from '#libs/kernel';
import { openAuthorityKeys, parsePolicy } from '#libs/verify';
import { TestKey } from '../support/keys.js';
import { done, Town } from '../support/town.js';

let town: Town;
let folder: string;
beforeAll(async () => {
  town = await Town.start();
  folder = await mkdtemp(join(tmpdir(), 'mianzheng-authority-keys-'));
});
afterAll(async () => {
  await town.stop();
  await rm(folder, { recursive: true });
});

const fetched = async (path: string) => (await fetch(town.url + path)).text();
/** The keys as soon as the log covers the newest record. */
async function keysNow() {
  const policy = parsePolicy(await fetched('/log/policy'));
  const head = Number(await town.city.city.house.services.store.head());
  await town.city.city.house.sealed.sealer.reached(head, 30_000);
  return openAuthorityKeys(utf8Bytes(await fetched('/log/authority-keys')), policy);
}
const mianzheng = (...words: readonly string[]) =>
  new Promise<{ code: unknown; out: string; errors: string }>((end) => {
    execFile(
      process.execPath,
      [resolve('scripts/mianzheng.mjs'), ...words],
      { cwd: folder },
      (error, out, errors) => {
        end({ code: error === null ? 0 : error.code, out, errors });
      },
    );
  });

test('a receiver checks an authority’s word with the policy and what the log signed, and nothing else', async () => {
  const { token } = await town.granted();
  const release = done(await town.pull(token));
  await keysNow();
  const save = (name: string, text: string) => writeFile(join(folder, name), text);
  await save('log-policy', await fetched('/log/policy'));
  await save('release.json', JSON.stringify(release));
  const verify = (...more: string[]) =>
    mianzheng('verify', 'receipt', 'release.json', '--policy', 'log-policy', ...more);
  const note = await fetched('/log/authority-keys');
  await save('keys', note);
  await save('nothing', 'no keys');
  await save('cut', note.replace(/\n\d+\n[^]*?\n\n/, '\n1\n\n'));
  const [untold, good, nothing, cut] = await Promise.all([
    verify(),
    verify('--authority-keys', 'keys'),
    verify('--authority-keys', 'nothing'),
    verify('--authority-keys', 'cut'),
  ]);
  expect([untold.code, untold.out]).toEqual([
    0,
    expect.stringContaining('which is not looked at here'),
  ]);
  expect([good.code, good.out]).toEqual([
    0,
    expect.stringContaining(
      `ZZ001 is signed by the authority ${town.authority.creditCode}, whose key ${town.authority.key.kid}`,
    ),
  ]);
  expect([nothing.code, nothing.errors]).toEqual([
    2,
    expect.stringContaining('file_of_other_kind'),
  ]);
  expect([cut.code, cut.errors]).toEqual([1, expect.stringContaining('signature_wrong')]);
}, 240_000);

test('a key stands there from the record that registered it to the one that ended it', async () => {
  const { http, creditCode } = town.authority;
  const { admin } = town.city;
  const own = async () =>
    (await keysNow()).keys.filter(({ authority }) => authority === creditCode);
  const [first] = await own();
  expect(first).toMatchObject({ kid: http.key.jkt, until: null });
  const next = new TestKey('P-256');
  const { client } = http;
  done(
    await admin.post(`/v1/clients/${client}/keys`, {
      ...(await next.provedFor(client)),
      approval: await http.key.approves({ by: client, client, jkt: next.jkt }),
    }),
  );
  const [old, second] = await own();
  expect(old).toMatchObject({ kid: http.key.jkt, from: first!.from, until: second!.from });
  expect(second).toMatchObject({ kid: next.jkt, alg: 'ES256', until: null });
  done(await admin.post(`/v1/clients/${client}/disable`, { reason: 'maintenance' }));
  expect((await own())[1]!.until).not.toBeNull();
  done(await admin.post(`/v1/clients/${client}/enable`, { reason: 'returned' }));
  const ended = await own();
  expect(ended.map(({ kid, until }) => [kid, until === null])).toEqual([
    [http.key.jkt, false],
    [next.jkt, false],
    [next.jkt, true],
  ]);
});

test('what the log signs is what its records say, whatever the read model’s table was made to say', async () => {
  const { pool } = town.city.city.house.services;
  const before = await keysNow();
  const of = town.authority.creditCode;
  const foreign = new TestKey();
  const { rowCount } = await pool.query(
    'UPDATE authority_key SET kid = $1, jwk = $2, until = NULL WHERE authority = $3',
    [foreign.jkt, JSON.stringify(foreign.jwk), of],
  );
  expect(rowCount).toBeGreaterThan(0);
  // A new record, and with it another checkpoint and another note.
  await town.holder();
  const after = await keysNow();
  expect(after.size).toBeGreaterThan(before.size);
  expect(after.keys).toEqual(before.keys);

  const { findings } = await checkLedger(pool, town.city.databaseUrl, {
    city: 'trial.city.example',
    policy: parsePolicy(await fetched('/log/policy')),
    threads: 0,
  });
  expect(findings).toEqual([
    expect.objectContaining({
      what: 'authority_keys_changed',
      stream: `client-${town.authority.http.client}`,
    }),
  ]);
});
