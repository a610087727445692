import { execFile, spawn } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { signCertificate } from '#libs/department-client';
import { checkpointText, formatNote, parseCheckpoint, parseNote, signNote } from '#libs/log';
import { inventedResidentId } from '../support/authority.js';
import { register, TestClient } from '../support/client.js';
import { TestKey } from '../support/keys.js';
import { type DoorAnswer, LyingDoor } from '../support/lying-door.js';
import { freePort } from '../support/ports.js';
import { admitSecond } from '../support/second-administrator.js';
import { done, Town } from '../support/town.js';

// Each look is a process that loads the program anew.
jest.setTimeout(240_000);

let town: Town;
let door: LyingDoor;
let folder: string;
let auditor: string;
let states = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mianzheng-watch-'));
  const [port, behind] = [await freePort(), await freePort()];
  door = new LyingDoor(port, behind);
  town = await Town.start({ PORT: String(behind), PUBLIC_URL: `http://127.0.0.1:${port}` });
  const client = await register(town.city.admin, { kind: 'auditor', department: '公安' });
  auditor = client.client;
  await save('auditor.jwk', JSON.stringify(client.key.exported()));
  await save('kids.txt', `# our keys\n${town.authority.key.kid}\n`);
  await town.idCard(inventedResidentId());
  await sealed();
  await save('policy', await fetched('/log/policy'));
});
afterAll(async () => {
  await town.stop();
  await door.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  door.lie = (_, honest) => honest();
});

const save = (name: string, text: string) => writeFile(join(folder, name), text, { mode: 0o600 });
const fetched = async (path: string) => (await fetch(town.url + path)).text();
async function sealed(): Promise<void> {
  const { services, sealed: seals } = town.city.city.house;
  await seals.sealer.reached(Number(await services.store.head()), 30_000);
}
/** Lies about the answers to one path. */
const lieAt = (path: string, change: (honest: DoorAnswer) => DoorAnswer) => {
  door.lie = async (asked, honest) => (asked === path ? change(await honest()) : honest());
};
const newState = () => `state-${++states}.json`;

interface Look {
  readonly code: unknown;
  readonly out: string;
  readonly errors: string;
}
const env = () => ({ PATH: process.env['PATH'], DATA_DIR: folder });
const words = (more: readonly string[]) => [
  resolve('scripts/mianzheng.mjs'),
  ...['watch', 'authority', '--url', town.url, '--policy', 'policy', '--keys', 'kids.txt'],
  ...more,
];
/** As the authority types it, with nothing of the city's. */
const watch = (state: string, ...more: readonly string[]) =>
  new Promise<Look>((end) => {
    execFile(
      process.execPath,
      words(['--authority', town.authority.creditCode, '--state', state, ...more]),
      { cwd: folder, env: env() },
      (error, out, errors) => {
        end({ code: error === null ? 0 : error.code, out, errors });
      },
    );
  });
const inRecords = (state: string, ...more: readonly string[]) =>
  watch(state, '--client', auditor, '--key', 'auditor.jwk', '--json', ...more);
interface Report {
  readonly size: number;
  readonly keys: number;
  readonly certificates: number | null;
  readonly sightings: readonly Record<string, unknown>[];
  readonly toldBefore: number;
  readonly evidence: string | null;
}
const told = ({ out }: Look) => JSON.parse(out) as Report;

describe('mianzheng watch authority', () => {
  it('says that nothing is foreign, what it looked at, and what it could not', async () => {
    const open = await watch(newState());
    expect([open.code, open.errors]).toEqual([0, '']);
    expect(open.out).toContain('nothing new that is foreign');
    expect(open.out).toContain('Not checked');
    const state = newState();
    const records = await inRecords(state);
    expect([records.code, records.errors]).toEqual([0, '']);
    expect(told(records)).toMatchObject({ keys: 1, certificates: 1, sightings: [] });
    const again = await inRecords(state);
    expect([again.code, told(again).certificates]).toEqual([0, 0]);
    expect(await watch(state, '--quiet')).toEqual({ code: 0, out: '', errors: '' });
  });

  it('tells once of a certificate that its own lists do not have', async () => {
    const state = newState();
    const first = await town.idCard(inventedResidentId());
    await save('ids', `${first}\n`);
    await sealed();
    const { rows } = await town.city.city.house.services.pool.query<{ hash: Buffer }>(
      `SELECT hash FROM log_record WHERE stream LIKE 'certificate-%' AND stream <> $1`,
      [`certificate-${first}`],
    );
    const results = rows.map(({ hash }, n) => `${n + 2},id,1,${hash.toString('hex')},recorded\n`);
    await save('x.results.2.csv', `\ufeffline,id,version,record,state\n${results.at(-1) ?? ''}`);
    await save(
      'x.results.csv',
      `\ufeffline,id,version,record,state\n${results.slice(0, -1).join('')}`,
    );
    const lists = ['--certificates', '*.results*.csv', 'ids'];
    expect((await inRecords(state, ...lists)).code).toBe(0);
    const none = await inRecords(newState(), '--certificates', 'y*.csv');
    expect([none.code, none.out]).toEqual([2, expect.stringContaining('own_list_absent')]);
    const second = await town.idCard(inventedResidentId());
    await sealed();
    const unlisted = await inRecords(state, ...lists);
    expect([unlisted.code, told(unlisted).sightings]).toEqual([
      1,
      [expect.objectContaining({ what: 'certificate_unlisted', certificate: second })],
    ]);
    const again = await inRecords(state, ...lists);
    expect([again.code, told(again)]).toMatchObject([0, { sightings: [], toldBefore: 1 }]);
  });

  it('keeps both checkpoints where the log shows two trees, and goes on from neither', async () => {
    const state = newState();
    expect((await watch(state)).code).toBe(0);
    const before = await readFile(join(folder, state), 'utf8');
    await town.idCard(inventedResidentId());
    await sealed();
    // The log's own key signs another tree: what an operator can do who shows each visitor a log of
    // its own.
    door.lie = async (path, honest) => {
      const answer = await honest();
      if (path !== '/log/checkpoint') return answer;
      const { origin, size, root, note } = parseCheckpoint(answer.body);
      const text = checkpointText({ origin, size, root: root.map((byte) => byte ^ 1) });
      const { signer } = town.city.city.house.sealed;
      return {
        ...answer,
        body: Buffer.from(formatNote({ ...note, text, signatures: [signNote(text, signer)] })),
      };
    };
    const said = await watch(state, '--json');
    expect([said.code, told(said).sightings]).toEqual([1, [{ what: 'tree_other' }]]);
    expect(await readFile(join(folder, state), 'utf8')).toBe(before);
    const evidence = await readFile(join(folder, told(said).evidence!), 'utf8');
    expect(parseCheckpoint(Buffer.from(evidence)).origin).toBe('trial.city.example');
    const again = await watch(state, '--json');
    expect([again.code, told(again)]).toMatchObject([1, { evidence: told(said).evidence }]);
    door.lie = (_, honest) => honest();
    expect((await watch(state)).code).toBe(0);
  });

  it('tells of a log that shows a smaller tree than before, though it signed it', async () => {
    const state = newState();
    const old = await fetched('/log/checkpoint');
    const oldKeys = await fetched('/log/authority-keys');
    await town.idCard(inventedResidentId());
    await sealed();
    expect((await watch(state)).code).toBe(0);
    door.lie = async (path, honest) => {
      const answer = await honest();
      return path === '/log/checkpoint' ? { ...answer, body: Buffer.from(old) } : answer;
    };
    const said = await watch(state, '--json');
    expect([said.code, told(said).sightings]).toEqual([1, [{ what: 'checkpoint_older' }]]);
    lieAt('/log/authority-keys', (answer) => ({ ...answer, body: Buffer.from(oldKeys) }));
    const keys = await watch(newState(), '--json');
    expect([keys.code, told(keys).sightings]).toEqual([1, [{ what: 'keys_older' }]]);
  });

  it('does not believe records that are not those of the checkpoint', async () => {
    const state = newState();
    door.lie = async (path, honest) => {
      const answer = await honest();
      if (!path.includes('/entries/000')) return answer;
      const body = Buffer.from(answer.body);
      body[70] = (body[70] ?? 0) ^ 1;
      return { ...answer, body };
    };
    const lied = await inRecords(state);
    expect([lied.code, told(lied).sightings]).toEqual([1, [{ what: 'entries_other' }]]);
    door.lie = async (path, honest) =>
      path.includes('/entries/000')
        ? { status: 404, headers: {}, body: Buffer.alloc(0) }
        : honest();
    const hidden = await inRecords(state);
    expect([hidden.code, told(hidden).sightings]).toEqual([
      1,
      [{ what: 'tile_not_shown', leaf: 0 }],
    ]);
    door.lie = (_, honest) => honest();
    expect(told(await inRecords(state))).toMatchObject({ sightings: [] });
  });

  it('refuses keys that the log did not sign, and cannot look where nobody answers', async () => {
    lieAt('/log/authority-keys', (answer) => ({
      ...answer,
      body: Buffer.from(answer.body.toString().replace(/ \d+ -$/m, ' 1 -')),
    }));
    const unsigned = await watch(newState());
    expect([unsigned.code, unsigned.errors]).toEqual([
      1,
      expect.stringContaining('signature_wrong'),
    ]);
    lieAt('/log/checkpoint', (answer) => ({ ...answer, body: Buffer.from('<html>') }));
    const noCity = await watch(newState());
    expect([noCity.code, noCity.errors]).toEqual([2, expect.stringContaining('ledger_unread')]);
    door.lie = (_, honest) => honest();
    const wrongClient = await watch(
      newState(),
      '--client',
      town.terminal.client,
      '--key',
      'auditor.jwk',
    );
    expect([wrongClient.code, wrongClient.errors]).toEqual([
      2,
      expect.stringContaining('city_refused'),
    ]);
    await save('broken.json', '{');
    const broken = await watch('broken.json');
    expect([broken.code, broken.errors]).toEqual([2, expect.stringContaining('state_malformed')]);
    const noKeys = await watch(newState(), '--keys', 'policy');
    expect([noKeys.code, noKeys.errors]).toEqual([
      2,
      expect.stringContaining('own_keys_malformed'),
    ]);
  });

  it('tells of a key that somebody else registered under its name, and of what it signs', async () => {
    const [state, openState] = [newState(), newState()];
    expect((await inRecords(state)).code).toBe(0);
    expect((await watch(openState)).code).toBe(0);
    // Two administrators together are enough for a new key of an authority.
    const { admin } = town.city;
    const second = await admitSecond(town.city.city.house.services.store, admin);
    const foreign = new TestKey(
      generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }),
    );
    const { client } = town.authority.http;
    const by = second.client;
    const approval = await second.key.approves({ by, client, jkt: foreign.jkt });
    done(
      await admin.post(`/v1/clients/${client}/keys`, {
        ...(await foreign.provedFor(client)),
        approval,
      }),
    );
    const thief = new TestClient(town.url, client, foreign, ['certificates:issue']);
    const sdJwt = await signCertificate(town.card(inventedResidentId()), {
      kid: foreign.jkt,
      alg: 'EdDSA',
      key: createPrivateKey({ key: foreign.exported(), format: 'jwk' }),
    });
    const { certificate } = done(await thief.post('/v1/certificates', { sdJwt }));
    await sealed();
    const open = await watch(openState, '--json');
    expect([open.code, told(open).sightings]).toEqual([
      1,
      [expect.objectContaining({ what: 'key_foreign', kid: foreign.jkt })],
    ]);
    // What the log publishes hides it, and the log's own key signs that: the records still show it.
    lieAt('/log/authority-keys', (answer) => {
      const { text } = parseNote(answer.body);
      const honest = text.split('\n').filter((line) => !line.includes(foreign.jkt));
      const hiding = honest.join('\n').replace(/ (\d+) \d+$/gm, ' $1 -');
      const { signer } = town.city.city.house.sealed;
      const note = { text: hiding, signatures: [signNote(hiding, signer)] };
      return { ...answer, body: Buffer.from(formatNote(note)) };
    });
    expect((await watch(newState())).code).toBe(0);
    const hidden = await inRecords(newState());
    expect(told(hidden).sightings.map(({ what }) => what)).toEqual(
      expect.arrayContaining(['key_foreign', 'certificate_foreign', 'key_not_published']),
    );
    door.lie = (_, honest) => honest();
    const records = await inRecords(state);
    expect([records.code, told(records).sightings]).toEqual([
      1,
      [
        expect.objectContaining({ what: 'key_foreign', kid: foreign.jkt }),
        expect.objectContaining({ what: 'certificate_foreign', certificate }),
      ],
    ]);
    expect((await inRecords(state)).code).toBe(0);
    const people = await watch(newState());
    expect(people.out).toContain('以本机构名义登记的公钥，不是本机构的');
    // Where it says that the key is its own after all, nothing is foreign.
    await save('more.txt', foreign.jkt);
    expect(told(await inRecords(newState(), '--keys', 'kids.txt', 'more.txt')).sightings).toEqual(
      [],
    );
  });

  it('looks again and again, and ends with what it found', async () => {
    const program = spawn(
      process.execPath,
      words(['--authority', town.authority.creditCode, '--state', newState(), '--every', '0.001']),
      { cwd: folder, env: env(), stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const ended = once(program, 'close') as Promise<[number | null]>;
    let out = '';
    for await (const chunk of program.stdout) {
      out += String(chunk);
      // The third look ended: the first told of the foreign key, the others of nothing new.
      if (out.split('trial.city.example, ').length === 4) program.kill('SIGTERM');
    }
    expect((await ended)[0]).toBe(1);
    expect(out.split('(key_foreign)')).toHaveLength(2);
  });
});
