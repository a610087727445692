import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  canonicalize,
  isObject,
  type JsonObject,
  type JsonValue,
  ProductError,
  utf8Bytes,
} from '#libs/kernel';
import { nodeSha256, nodeVerify } from '#libs/sealing';
import {
  type Means,
  openStatementKeys,
  parsePolicy,
  type Policy,
  type StatementKeys,
  type VerifiedStatement,
  verifyStatement,
} from '#libs/verify';
import { called } from '../support/command.js';
import { TestKey } from '../support/keys.js';
import { expectRefused } from '../support/refusal.js';
import { done, type GrantedConsent, Town } from '../support/town.js';

interface Shown {
  readonly statement: string;
  readonly records: readonly { readonly bytes: string; readonly receipt: string }[];
}

let town: Town;
let holder: GrantedConsent;
/** Another release: its record is sealed too, and answers nothing in the case. */
let other: GrantedConsent;
let released: any; // eslint-disable-line @typescript-eslint/no-explicit-any -- a body
let shown: Shown;
let foreign: Shown;
let book: { readonly records: readonly string[]; readonly receipts: readonly string[] };
let policyText: string;
let keysText: string;
let policy: Policy;
let keys: StatementKeys;
let ledger: TestKey;
let kid: string;

const statementOf = (of: Pick<GrantedConsent, 'case' | 'phone'>, atCase = of.case) =>
  of.phone.get(`/v1/phone/cases/${atCase}/statement`);
const fetched = async (path: string) => (await fetch(town.url + path)).text();

beforeAll(async () => {
  town = await Town.start();
  holder = await town.granted();
  released = done(await town.pull(holder.token));
  other = await town.granted();
  done(await town.pull(other.token));
  shown = done(await statementOf(holder));
  foreign = done(await statementOf(other));
  book = done(await holder.phone.get('/v1/phone/book'));
  policyText = await fetched('/log/policy');
  keysText = await fetched('/log/statement-keys');
  policy = parsePolicy(policyText);
  keys = openStatementKeys(utf8Bytes(keysText), policy);
  const jwk = await town.ledgerKey();
  ledger = new TestKey(jwk);
  kid = jwk.kid;
});
afterAll(() => town.stop());

/** As a server does; browsers leave `means` out. */
const means = { hash: nodeSha256, verify: nodeVerify };
const verify = (file: Shown, by = keys, under = policy, as: Means = means): VerifiedStatement =>
  verifyStatement(
    {
      statement: file.statement,
      records: file.records.map(({ bytes, receipt }) => ({
        bytes: utf8Bytes(bytes),
        receipt: utf8Bytes(receipt),
      })),
    },
    under,
    by,
    as,
  );

/** The code of the refusal; errors of another kind go through. */
function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof ProductError) return String(error.code);
    throw error;
  }
  return 'accepted';
}

const part = (jws: string, n: number) =>
  Buffer.from(jws.split('.')[n] ?? '', 'base64url').toString();
const payload = () => JSON.parse(part(shown.statement, 1)) as JsonObject;
const header = () => ({ kid, typ: 'exemption-statement+jws' });
/** What a ledger that lies could sign. */
const resigned = (value: JsonValue): Shown => ({
  ...shown,
  statement: ledger.sign(header(), canonicalize(value)),
});

/** Every way to change one member of a value, wherever it stands: `[path, value]`. */
function* changes(value: JsonValue, path = ''): Generator<[string, JsonValue]> {
  if (Array.isArray(value))
    for (const [n, one] of value.entries())
      for (const [at, changed] of changes(one as JsonValue, `${path}/*`))
        yield [at, value.map((kept: JsonValue, k) => (k === n ? changed : kept))];
  else if (isObject(value))
    for (const [name, member] of Object.entries(value))
      for (const [at, changed] of changes(member, `${path}/${name}`))
        yield [at, { ...value, [name]: changed }];
  else
    yield [
      path,
      typeof value === 'number' ? value + 1 : flipped(JSON.stringify(value).slice(1, -1)),
    ];
}

/** One letter changed to another of the same kind. */
const flipped = (text: string, at = text.search(/.Z?$/)): string =>
  text.slice(0, at) + (text[at] === '1' ? '2' : '1') + text.slice(at + 1);

describe('the holder of an answered material', () => {
  test('can show a signed statement of it, which an outsider checks without asking anybody', () => {
    const { statement, receipts } = verify(shown);
    expect(verify(shown, keys, policy, {})).toEqual(verify(shown));
    expect(statement).toMatchObject({
      v: 1,
      city: 'trial.city.example',
      case: holder.case,
      matter: 'SX0001',
      matterNameZh: '灵活就业人员参保登记',
      department: '人社',
      window: 'hall-1-03',
      subject: released.handedOver.subject,
      materials: [
        {
          material: 'ZZ001',
          nameZh: '居民身份证',
          type: 'ZZ001',
          answeredBy: {
            stream: released.record.stream,
            version: released.record.version,
            hash: released.record.hash,
          },
        },
      ],
    });
    expect(statement.ruleVersion).toBeGreaterThan(0);
    expect(receipts.map(({ record }) => record?.type)).toEqual(['ConsentRedeemed']);
  });

  test('shows nothing personal with it: no name, no number, not the ledger’s own name for the holder', async () => {
    const { pool } = town.city.city.house.services;
    const { rows } = await pool.query<{ stream: string }>(
      `SELECT stream FROM log_record WHERE stream LIKE 'subject-%'`,
    );
    expect(rows.length).toBeGreaterThan(1);
    const text = `${JSON.stringify(shown)}${part(shown.statement, 1)}`;
    for (const { stream } of rows) expect(text).not.toContain(stream.slice('subject-'.length));
    for (const secret of [holder.number, '测试甲', '示例路']) expect(text).not.toContain(secret);
  });

  test('is told nothing of a material that was brought on paper after all', async () => {
    const again = await town.granted();
    done(await town.pull(again.token));
    expect(verify(done(await statementOf(again))).statement.materials).toHaveLength(1);
    done(
      await town.terminal.post(`/v1/cases/${again.case}/materials/ZZ001/bring`, {
        reason: 'holder_prefers_paper',
      }),
    );
    await expectRefused(town, { status: 404, code: 'statement_absent' }, () => statementOf(again));
  });

  test('still can when the case is closed', async () => {
    done(await town.terminal.post(`/v1/cases/${other.case}/close`, { outcome: 'accepted' }));
    expect(verify(done(await statementOf(other))).statement.case).toBe(other.case);
  });
});

describe('there is no statement', () => {
  const absent = { status: 404, code: 'statement_absent' };

  test('for somebody else, or of a case that there is not: the answers are alike', async () => {
    for (const atCase of [other.case, 'A'.repeat(22), 'x'])
      await expectRefused(town, absent, () => statementOf(holder, atCase));
  });

  test('before the consent is redeemed', async () => {
    const granted = await town.granted();
    await expectRefused(town, absent, () => statementOf(granted));
  });
});

describe('a statement is refused', () => {
  test('with any member changed, because the ledger did not sign that', () => {
    let tried = 0;
    for (const [at, changed] of changes(payload())) {
      const [head = '', , signature = ''] = shown.statement.split('.');
      const body = Buffer.from(canonicalize(changed)).toString('base64url');
      const file = { ...shown, statement: `${head}.${body}.${signature}` };
      expect([at, codeOf(() => verify(file))]).toEqual([at, 'statement_signature_wrong']);
      tried++;
    }
    expect(tried).toBe(17);
  });

  // What the log does not bear out is refused though the ledger signed it.
  const lies: Readonly<Record<string, string>> = {
    '/v': 'statement_malformed',
    '/city': 'statement_of_other_log',
    '/case': 'release_of_other_case',
    '/matter': 'release_of_other_place',
    '/department': 'release_of_other_place',
    '/window': 'release_of_other_place',
    '/materials/*/material': 'material_not_released',
    '/materials/*/type': 'material_not_released',
    '/materials/*/answeredBy/stream': 'record_misnamed',
    '/materials/*/answeredBy/version': 'record_misnamed',
    '/materials/*/answeredBy/hash': 'record_missing',
    '/materials/*/answeredBy/time': 'record_misnamed',
  };
  const ownWord = ['/matterNameZh', '/ruleVersion', '/subject', '/issued', '/materials/*/nameZh'];

  test('that the ledger signed against its own log, member by member', () => {
    const found = Object.fromEntries(
      [...changes(payload())].map(([at, changed]) => {
        return [at, codeOf(() => verify(resigned(changed)))];
      }),
    );
    const accepted = Object.fromEntries(ownWord.map((at) => [at, 'accepted']));
    expect(found).toEqual({ ...lies, ...accepted });
  });

  test('with a member too many, too few or twice, or spelt another way', () => {
    const { issued, ...short } = payload();
    expect(issued).toBeDefined();
    const [material] = payload()['materials'] as JsonObject[];
    const wrong: [string, Shown][] = [
      ['statement_malformed', resigned(short)],
      ['statement_malformed', resigned({ ...payload(), note: 'x' })],
      ['statement_malformed', resigned({ ...payload(), materials: [] })],
      ['statement_malformed', resigned([])],
      ['material_twice', resigned({ ...payload(), materials: [material!, material!] })],
    ];
    for (const [code, file] of wrong) expect(codeOf(() => verify(file))).toBe(code);
    const sign = (head: object, text: string) => ({ ...shown, statement: ledger.sign(head, text) });
    const text = canonicalize(payload());
    for (const file of [
      sign(header(), ` ${text}`),
      sign(header(), `\ufeff${text}`),
      sign(header(), text.replace('{', '{"v":1,')),
      sign(header(), text.replace('SX0001', String.raw`\u0053X0001`)),
      sign(header(), text.replace('SX0001', String.raw`\ud800`)),
      sign({ ...header(), typ: 'consent+jwt' }, text),
      sign({ ...header(), crit: ['x'] }, text),
      sign({ ...header(), jwk: ledger.jwk }, text),
      sign({ ...header(), alg: 'none' }, text),
      { ...shown, statement: `${shown.statement}.` },
      { ...shown, statement: `${shown.statement}=` },
      { ...shown, statement: '' },
      { ...shown, statement: 'A'.repeat(300_000) },
    ])
      expect(codeOf(() => verify(file))).toBe('statement_malformed');
  });

  test('by a key that the ledger’s log did not publish, though it says the same', () => {
    const stranger = new TestKey();
    const text = canonicalize(payload());
    const as = (named: string) => ({
      ...shown,
      statement: stranger.sign({ ...header(), kid: named }, text),
    });
    expect(codeOf(() => verify(as(stranger.jkt)))).toBe('statement_key_unknown');
    expect(codeOf(() => verify(as(kid)))).toBe('statement_signature_wrong');
  });

  test('with any byte of its signature, a record or a receipt changed', () => {
    const [record] = shown.records;
    const letters = (text: string, step: number) =>
      Array.from({ length: Math.ceil(text.length / step) }, (_, n) => flipped(text, n * step));
    const files = [
      ...letters(shown.statement, 7).map((statement) => ({ ...shown, statement })),
      ...letters(record!.bytes, 7).map((bytes) => ({ ...shown, records: [{ ...record!, bytes }] })),
      ...letters(record!.receipt, 7).map((receipt) => ({
        ...shown,
        records: [{ ...record!, receipt }],
      })),
    ];
    expect(files.length).toBeGreaterThan(200);
    for (const file of files) expect(codeOf(() => verify(file))).not.toBe('accepted');
  });

  test('with records missing, too many, or another’s', () => {
    const [own] = shown.records;
    const [others] = foreign.records;
    const refusals: [string, Shown['records']][] = [
      ['record_missing', []],
      ['record_missing', [others!]],
      ['record_not_named', [own!, others!]],
      ['record_not_named', [own!, own!]],
      // Counted before anything is verified: a long file costs no more than a short one.
      ['record_not_named', Array.from({ length: 10_000 }, () => ({ ...own!, receipt: '' }))],
      ['record_other', [{ ...own!, receipt: others!.receipt }]],
    ];
    for (const [code, records] of refusals)
      expect(codeOf(() => verify({ ...shown, records }))).toBe(code);
    // A ledger that names another holder's release, or a record that is no release, and has it
    // sealed all the same.
    const named = (file: Shown, answeredBy: JsonObject) => {
      const [material] = payload()['materials'] as JsonObject[];
      const { statement } = resigned({ ...payload(), materials: [{ ...material, answeredBy }] });
      return codeOf(() => verify({ statement, records: file.records }));
    };
    const [material] = verify(foreign).statement.materials;
    expect(named(foreign, { ...material!.answeredBy })).toBe('release_of_other_case');
  });

  test('that names a record of something else, though that is sealed', () => {
    const [material] = payload()['materials'] as JsonObject[];
    const bytes = book.records[0]!;
    const { stream, version, time, type } = JSON.parse(bytes) as JsonObject;
    expect(type).toBe('ConsentRequested');
    const hash = createHash('sha256').update('\0').update(bytes).digest('hex');
    const answeredBy = { stream, version, time, hash } as JsonObject;
    const { statement } = resigned({ ...payload(), materials: [{ ...material, answeredBy }] });
    const file = { statement, records: [{ bytes, receipt: book.receipts[0]! }] };
    expect(codeOf(() => verify(file))).toBe('record_no_release');
  });

  test('under a policy of another log, and with keys that it did not sign', () => {
    const nobody: Policy = { ...policy, logs: [] };
    expect(codeOf(() => verify(shown, keys, nobody))).toBe('log_unknown');
    expect(codeOf(() => openStatementKeys(utf8Bytes(keysText), nobody))).toBe(
      'statement_keys_of_other_log',
    );
    for (let at = 0; at < keysText.length; at++)
      expect(
        codeOf(() => openStatementKeys(utf8Bytes(flipped(keysText, at)), policy, means)),
      ).not.toBe('accepted');
    const checkpoint = keysText.replace(/^mianzheng.*$/m, 'mianzheng stream head v1');
    expect(codeOf(() => openStatementKeys(utf8Bytes(checkpoint), policy))).toBe(
      'statement_keys_malformed',
    );
  });
});

test('the command line says what holds, from files of keys, and refuses what does not', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mianzheng-statement-'));
  const run = (name: string, ...options: string[]) => {
    const policyFile = options.length > 0 ? options : ['--policy', join(folder, 'log-policy')];
    return called('verify', 'statement', join(folder, name), ...policyFile);
  };
  try {
    await writeFile(join(folder, 'log-policy'), policyText);
    await writeFile(join(folder, 'statement-keys'), keysText);
    await writeFile(join(folder, 'good.json'), JSON.stringify(shown));
    await writeFile(join(folder, 'bad.json'), JSON.stringify({ ...shown, records: [] }));
    await writeFile(join(folder, 'none.json'), JSON.stringify({ statement: 1 }));
    const { out, exitCode } = await run('good.json');
    expect(out).toContain('ZZ001 居民身份证: answered by a certificate ZZ001');
    expect(out).toContain(holder.case);
    expect(exitCode ?? 0).toBe(0);
    expect(JSON.parse((await run('good.json', '--policy', folder, '--json')).out)).toMatchObject({
      holds: true,
      trial: true,
      statement: { case: holder.case, materials: [{ material: 'ZZ001' }] },
      receipts: [{ index: expect.any(Number), witnesses: expect.any(Array) }],
    });
    // A folder stands for the policy in it; the keys may lie elsewhere.
    const elsewhere = join(folder, 'elsewhere');
    await mkdir(elsewhere);
    await writeFile(join(elsewhere, 'policy'), policyText);
    const apart = ['--policy', join(elsewhere, 'policy')];
    for (const options of [
      ['--policy', folder],
      [...apart, '--statement-keys', join(folder, 'statement-keys')],
    ])
      expect((await run('good.json', ...options)).out).toContain(holder.case);
    const ended = async (...words: [string, ...string[]]) => {
      const { exitCode: code, error } = await run(...words);
      return [code, error?.code];
    };
    expect(await ended('good.json', ...apart)).toEqual([2, 'file_unreadable']);
    expect(await ended('bad.json')).toEqual([1, 'record_missing']);
    expect(await ended('none.json')).toEqual([2, 'statement_file_malformed']);
    expect(await ended('nothing')).toEqual([2, 'file_unreadable']);
    // The city lays them where the command looks for them.
    const { dataDir } = town.city;
    expect(await readFile(join(dataDir, 'statement-keys'), 'utf8')).toBe(keysText);
  } finally {
    await rm(folder, { recursive: true });
  }
});
