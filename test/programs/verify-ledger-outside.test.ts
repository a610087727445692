import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { NONE } from '#libs/event-store';
import { register, type TestClient } from '../support/client.js';
import { type DoorAnswer, LyingDoor } from '../support/lying-door.js';
import { freePort } from '../support/ports.js';
import { appendTo } from '../support/sealed-ledger.js';
import { done, Town } from '../support/town.js';

// Each command is a process that loads the program anew.
jest.setTimeout(240_000);

let town: Town;
let door: LyingDoor;
let folder: string;
let auditor: string;
let asAuditor: TestClient;
/** Records under the newest checkpoint. */
let size: number;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mianzheng-outside-'));
  const [port, behind] = [await freePort(), await freePort()];
  door = new LyingDoor(port, behind);
  town = await Town.start({ PORT: String(behind), PUBLIC_URL: `http://127.0.0.1:${port}` });
  done(await town.pull((await town.granted()).token));
  const client = await register(town.city.admin, { kind: 'auditor', department: '审计' });
  auditor = client.client;
  asAuditor = client;
  await writeFile(join(folder, 'auditor.jwk'), JSON.stringify(client.key.exported()), {
    mode: 0o600,
  });
  await writeFile(join(folder, 'other.jwk'), JSON.stringify(town.terminal.key.exported()), {
    mode: 0o600,
  });
  await grow(10);
  await writeFile(join(folder, 'policy'), await fetched('/log/policy'), { mode: 0o600 });
});
afterAll(async () => {
  await town.stop();
  await door.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  door.lie = (_, honest) => honest();
});

const fetched = async (path: string) => (await fetch(town.url + path)).text();
const store = () => town.city.city.house.services.store;
let versions = -1;
/** A record more in each of 60 streams, so many times, and a checkpoint over them. */
async function grow(times: number): Promise<void> {
  for (let n = 0; n < times; n++, versions++)
    await Promise.all(
      Array.from({ length: 60 }, (_, stream) => appendTo(store(), `case-${stream}`, versions)),
    );
  await sealed();
}
/** Waits for a checkpoint over everything. */
async function sealed(): Promise<void> {
  const head = Number(await store().head());
  await town.city.city.house.sealed.sealer.reached(head, 30_000);
  size = Number((await fetched('/log/checkpoint')).split('\n')[1]);
}

interface Said {
  readonly code: unknown;
  readonly out: string;
  readonly errors: string;
}
const verify = (...words: readonly string[]) => verifyAs(auditor, 'auditor.jwk', ...words);
/** As an auditor types it, far from the city: a process with nothing but a key and a policy. */
const verifyAs = (client: string, key: string, ...words: readonly string[]) =>
  new Promise<Said>((end) => {
    const outside = ['--url', town.url, '--client', client, '--key', key, '--policy', 'policy'];
    execFile(
      process.execPath,
      [resolve('scripts/mianzheng.mjs'), 'verify', 'ledger', ...outside, ...words],
      { cwd: folder, env: { PATH: process.env['PATH'], DATA_DIR: folder } },
      (error, out, errors) => {
        end({ code: error === null ? 0 : error.code, out, errors });
      },
    );
  });
interface Report {
  readonly holds: boolean;
  readonly records: number;
  readonly findings: readonly { readonly what: string; readonly leaf: number }[];
}
const found = ({ out }: Said) => JSON.parse(out) as Report;

/** Lies about the answers to one path. */
const lieAt = (path: string, change: (honest: DoorAnswer) => DoorAnswer) => {
  door.lie = async (asked, honest) => (asked === path ? change(await honest()) : honest());
};
const withBody = (answer: DoorAnswer, change: (body: Buffer) => Buffer): DoorAnswer => ({
  ...answer,
  body: change(Buffer.from(answer.body)),
});
const gone = ({ headers }: DoorAnswer): DoorAnswer => ({
  status: 404,
  headers,
  body: Buffer.alloc(0),
});
/** Where an entry of a bundle begins, its length included. */
function placeOf(bundle: Buffer, entry: number): number {
  let at = 0;
  for (let n = 0; n < entry; n++) at += 2 + bundle.readUInt16BE(at);
  return at;
}

describe('mianzheng verify ledger --url', () => {
  it('says that a ledger holds, and what cannot be seen from outside', async () => {
    const said = await verify();
    expect([said.code, said.errors]).toEqual([0, '']);
    expect(said.out).toContain(`${size} records in `);
    expect(said.out).toContain('all of it holds');
    expect(said.out).toContain('(read_models)');
    const told = await verify('--json');
    expect(JSON.parse(told.out)).toMatchObject({
      city: 'trial.city.example',
      trial: true,
      holds: true,
      records: size,
      covered: size,
      findings: [],
      notChecked: ['records_behind_checkpoint', 'stored_hashes', 'stored_head', 'read_models'],
    });
    expect(found(told)).toHaveProperty('signatures', 2);
    const quiet = await verify('--quiet');
    expect(quiet).toEqual({ code: 0, out: '', errors: '' });
  });

  it('checks up to the checkpoint that it fetched first, while the ledger grows', async () => {
    const before = size;
    const bundles: string[] = [];
    door.lie = async (path, honest) => {
      if (path.includes('/entries/')) {
        if (bundles.length === 0) {
          bundles.push(path);
          await grow(2);
        } else bundles.push(path);
      }
      return honest();
    };
    const said = await verify('--json');
    expect([said.code, said.errors]).toEqual([0, '']);
    expect(found(said)).toMatchObject({ records: before, findings: [] });
    expect(size).toBe(before + 120);
  });

  it('takes the full tile where a part of it was given up for it', async () => {
    const [before, part] = [size, new RegExp(`/log/tile/.*\\.p/${size % 256}$`)];
    let grown = false;
    const full = new Set<string>();
    door.lie = async (path, honest) => {
      if (path !== '/log/checkpoint' && !grown) {
        grown = true;
        await grow(5);
      }
      if (part.test(path)) return gone(await honest());
      if (path.startsWith('/log/tile/')) full.add(path);
      return honest();
    };
    const said = await verify('--json');
    expect([said.code, said.errors]).toEqual([0, '']);
    expect(found(said)).toMatchObject({ records: before, findings: [] });
    const last = String(Math.floor(before / 256)).padStart(3, '0');
    expect([...full]).toEqual(
      expect.arrayContaining([`/log/tile/entries/${last}`, `/log/tile/0/${last}`]),
    );
  });

  it('names a record that was rewritten in the database, hash and all, and ends with 1', async () => {
    const { rows } = await town.city.city.house.services.pool.query<{
      leaf: number;
      bytes: Buffer;
    }>(
      `SELECT (position - 1)::int AS leaf, bytes FROM log_record WHERE stream = 'case-7' AND version = 3`,
    );
    const [was] = rows;
    const rewrite = (bytes: Buffer) =>
      town.city.city.house.services.pool.query(
        `UPDATE log_record SET bytes = $1, hash = sha256('\\x00'::bytea || $1) WHERE position = $2`,
        [bytes, was!.leaf + 1],
      );
    await rewrite(Buffer.from(was!.bytes.toString().replace('accepted', 'rejected')));
    const [people, programs] = [await verify(), await verify('--json')];
    await rewrite(was!.bytes);
    expect([people.code, programs.code]).toEqual([1, 1]);
    expect(people.out).toContain(`case-7 3, record ${was!.leaf}: it was sealed as`);
    expect(found(programs).findings).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ what: 'leaf', leaf: was!.leaf, stream: 'case-7' }),
        expect.objectContaining({ what: 'checkpoint' }),
      ]),
    );
  });

  const wholeBundle = '/log/tile/entries/001';
  it.each([
    {
      lie: 'an entry of other bytes',
      change: (bundle: Buffer) => {
        const at = placeOf(bundle, 40) + 60;
        bundle[at] = (bundle[at] ?? 0) ^ 1;
        return bundle;
      },
      what: 'leaf',
      leaf: 256 + 40,
    },
    {
      lie: 'bytes that are no record',
      change: (bundle: Buffer) => {
        bundle[placeOf(bundle, 7) + 2] = 0;
        return bundle;
      },
      what: 'bytes',
      leaf: 256 + 7,
    },
    {
      lie: 'an entry left out',
      change: (bundle: Buffer) =>
        Buffer.concat([
          bundle.subarray(0, placeOf(bundle, 9)),
          bundle.subarray(placeOf(bundle, 10)),
        ]),
      what: 'bundle',
      leaf: 256,
    },
    {
      lie: 'two entries in each other’s place',
      change: (bundle: Buffer) => {
        const [a, b, c] = [3, 4, 5].map((entry) => placeOf(bundle, entry)) as [
          number,
          number,
          number,
        ];
        return Buffer.concat([
          bundle.subarray(0, a),
          bundle.subarray(b, c),
          bundle.subarray(a, b),
          bundle.subarray(c),
        ]);
      },
      what: 'leaf',
      leaf: 256 + 3,
    },
    {
      lie: 'bytes behind the last entry',
      change: (bundle: Buffer) => Buffer.concat([bundle, Buffer.from([0])]),
      what: 'bundle',
      leaf: 256,
    },
    {
      lie: 'a bundle cut off within an entry',
      change: (bundle: Buffer) => bundle.subarray(0, -5),
      what: 'bundle',
      leaf: 256,
    },
  ])('detects a forged bundle: $lie', async ({ change, what, leaf }) => {
    lieAt(wholeBundle, (honest) => withBody(honest, change));
    const said = await verify('--json');
    expect([said.code, said.errors]).toEqual([1, '']);
    expect(found(said).findings).toContainEqual(expect.objectContaining({ what, leaf }));
  });

  it('says which records are missing where a bundle is', async () => {
    lieAt(wholeBundle, gone);
    const said = await verify('--json');
    expect([said.code, said.errors]).toEqual([1, '']);
    expect(found(said).findings).toContainEqual(
      expect.objectContaining({ what: 'missing', leaf: 256, until: 511 }),
    );
  });

  it.each(['/log/tile/0/000', '/log/tile/1/000.p/N', '/log/tile/0/LAST.p/N'])(
    'finds a tile that is missing, and one that lies: %s',
    async (name) => {
      const full = Math.floor(size / 256);
      const path = name
        .replace('1/000.p/N', `1/000.p/${full}`)
        .replace('LAST.p/N', `${String(full).padStart(3, '0')}.p/${size % 256}`);
      for (const change of [
        gone,
        (honest: DoorAnswer) =>
          withBody(honest, (tile) => {
            tile[33] = (tile[33] ?? 0) ^ 1;
            return tile;
          }),
      ]) {
        lieAt(path, change);
        const said = await verify('--json');
        expect([said.code, said.errors]).toEqual([1, '']);
        const whats = found(said).findings.map(({ what }) => what);
        expect([...new Set(whats)]).toEqual(['tile']);
      }
    },
  );

  it('comes back when a busy city says, and goes on', async () => {
    const refused = new Set<string>();
    door.lie = async (path, honest) => {
      if (!/entries|tile\/0/.test(path) || refused.has(path) || refused.size > 3) return honest();
      refused.add(path);
      return { status: 429, headers: { 'retry-after': '1' }, body: Buffer.alloc(0) };
    };
    const said = await verify('--json');
    expect([said.code, said.errors, refused.size]).toEqual([0, '', 4]);
    expect(found(said)).toMatchObject({ records: size, findings: [] });
  });

  it('tries a broken connection again', async () => {
    let broken = 0;
    door.lie = (path, honest) =>
      path === wholeBundle && broken++ === 0 ? Promise.reject(new Error('cut')) : honest();
    expect(await verify('--quiet')).toEqual({ code: 0, out: '', errors: '' });
    expect(broken).toBe(2);
  });

  it('ends with 2 where nothing could be found out', async () => {
    const wrongKey = await verifyAs(auditor, 'other.jwk');
    const noScope = await verifyAs(town.terminal.client, 'other.jwk');
    const noKey = await verifyAs(auditor, 'policy');
    await writeFile(join(folder, 'nobody'), 'quorum none\n');
    lieAt('/log/checkpoint', (honest) => withBody(honest, () => Buffer.from('<html>')));
    const noCheckpoint = await verify();
    expect([wrongKey, noScope, noKey, noCheckpoint].map(({ code, out }) => [code, out])).toEqual(
      Array.from({ length: 4 }, () => [2, '']),
    );
    expect(wrongKey.errors).toContain('invalid_client');
    expect(noScope.errors).toContain('city_refused');
    expect(noKey.errors).toContain('key_file_invalid');
    expect(noCheckpoint.errors).toContain('ledger_unread');
  });

  it('fetches nothing more where the policy does not trust the checkpoint', async () => {
    const asked: string[] = [];
    door.lie = (path, honest) => {
      asked.push(path);
      return honest();
    };
    const said = await verify('--json', '--policy', 'nobody');
    expect([said.code, said.errors]).toEqual([1, '']);
    expect(found(said)).toMatchObject({
      records: 0,
      findings: [{ what: 'checkpoint_not_trusted' }],
    });
    expect(asked).toEqual(['/log/checkpoint']);
  });

  it('holds the ledger to a checkpoint that was kept elsewhere', async () => {
    await writeFile(join(folder, 'kept'), await fetched('/log/checkpoint'));
    expect((await verify('--checkpoint', 'kept', '--quiet')).code).toBe(0);
  });

  // The last: what is appended here stays.
  it('shows a record whose actor names an operator, and finds that nobody invited the operator', async () => {
    const operator = 'k7Jr1vY0cQm5ZtXw3bNd2A';
    await appendTo(store(), 'case-of-an-operator', NONE, {
      client: town.terminal.client,
      operator,
    });
    await sealed();
    expect(found(await verify('--json'))).toMatchObject({
      holds: false,
      findings: [{ what: 'operator_unknown', stream: 'case-of-an-operator' }],
    });
    const { records } = done(await asAuditor.get('/v1/ledger/streams/case-of-an-operator/records'));
    expect(JSON.parse(records[0].bytes)).toMatchObject({ actor: { operator } });
  });
});
