import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ProductError } from '#libs/kernel';
import {
  aCommand,
  aType,
  inventedResidentId,
  newAuthorityKey,
  TestAuthority,
} from '../../test/support/authority.js';
import {
  type CertificateHouse,
  openCertificateHouse,
} from '../../test/support/certificate-house.js';
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.js';
import { ChangeStanding } from './commands/change-standing.js';
import { IssueBatch } from './commands/issue-batch.js';
import { HandInCertificate } from './commands/hand-in-certificate.js';
import { formatIdentifier } from './identifier.js';
import { GetCertificate } from './queries/certificate.js';
import { normalPaperNumber } from './paper-names.js';
import { certificateIdOf, signedDigest } from './sd-jwt.js';
import { type CertificateContent } from './forming.js';
import { signCertificate } from '#libs/department-client';

const types = ['ZZ020', 'ZZ002', 'ZM007'];
const authority = new TestAuthority(types);
const neighbour = new TestAuthority(types);
const rotated = newAuthorityKey('ES256');
const fields = [
  { key: '姓名', kind: 'text' as const },
  { key: '号码', kind: 'code' as const },
  { key: '状态', kind: 'text' as const },
];
const schema = {
  type: 'object',
  properties: Object.fromEntries(fields.map(({ key }) => [key, { type: 'string' }])),
  required: ['姓名'],
  additionalProperties: false,
};
const typeWith = (code: string, unique: 'paper' | 'paper-and-holder' | null) =>
  aType({
    code,
    nationalTypeCode: null,
    validity: null,
    number: unique && { field: '号码', unique },
    fields,
    schema,
  });

let database: TestDatabase;
let house: CertificateHouse;

beforeAll(async () => {
  database = await freshDatabase();
  const withBothKeys = {
    ...authority.registration,
    keys: [...authority.registration.keys, rotated.registered],
  };
  house = await openCertificateHouse(
    database,
    [withBothKeys, neighbour.registration],
    [typeWith('ZZ020', 'paper'), typeWith('ZZ002', 'paper-and-holder'), typeWith('ZM007', null)],
  );
});
afterAll(async () => {
  await house.close();
  await database.drop();
});

let count = 0;
const aNumber = () => `TEST-${String(++count).padStart(6, '0')}`;
const said = (
  number: string,
  state: string,
  change: Partial<CertificateContent> & { holder?: string } = {},
): CertificateContent => {
  const { holder = 'holder', ...rest } = change;
  return {
    authority: authority.creditCode,
    type: 'ZZ020',
    validFrom: '2026-01-01',
    validUntil: null,
    holders: [{ role: 'holder', kind: '111', number: people.get(holder) ?? newPerson(holder) }],
    fields: { 姓名: '测试甲', 号码: number, 状态: state },
    ...rest,
  };
};
const people = new Map<string, string>();
const newPerson = (name: string) => {
  const number = inventedResidentId();
  people.set(name, number);
  return number;
};
const issue = async (content: CertificateContent, by = authority) =>
  house.handIn.execute(
    new HandInCertificate(aCommand(by.client), by.caller, null, await by.sign(content), []),
  );
const newestDigest = async (certificate: string) => {
  const { versions } = await view(certificate);
  return versions.at(-1)?.digest ?? '';
};
const view = (certificate: string) =>
  house.find.execute(new GetCertificate(authority.caller, certificate));
const amend = async (
  certificate: string,
  content: CertificateContent,
  version = 2,
  reason: 'change' | 'reissue' = 'change',
) =>
  house.handIn.execute(
    new HandInCertificate(
      aCommand(authority.client),
      authority.caller,
      certificate,
      await authority.sign({
        ...content,
        version,
        supersedes: { digest: await newestDigest(certificate), reason },
      }),
      [],
    ),
  );
const refusalOf = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'done',
    (error: unknown) => {
      if (error instanceof ProductError) return { code: error.code, facts: error.facts };
      throw error;
    },
  );

describe('a paper whose number is its own', () => {
  test('has one certificate: a second is refused with its id', async () => {
    const number = aNumber();
    const { certificate } = await issue(said(number, '失业'));
    const digest = await newestDigest(certificate);
    expect(await refusalOf(issue(said(number, '就业')))).toEqual({
      code: 'certificate_exists',
      facts: { certificate, version: 1, digest, asOf: null },
    });
    // Neither is it another person's certificate.
    expect(await refusalOf(issue(said(number, '失业', { holder: 'another' })))).toMatchObject({
      code: 'certificate_exists',
      facts: { certificate },
    });
  });

  test('is unchanged where it says the same, under other salts, another key and another identifier', async () => {
    const number = aNumber();
    const first = await issue(said(number, '失业'));
    expect(await issue(said(number, '失业'))).toMatchObject({
      state: 'unchanged',
      certificate: first.certificate,
      version: 1,
    });
    const sdJwt = await signCertificate(
      said(number, '失业', { identifier: identifierWith('77') }),
      rotated.signing,
    );
    const again = await house.handIn.execute(
      new HandInCertificate(aCommand(authority.client), authority.caller, null, sdJwt, []),
    );
    expect(again).toMatchObject({ state: 'unchanged', record: first.record });
  });

  test('is the same however its number is written', async () => {
    const { certificate } = await issue(said('就字〔2026〕第 0071 号-a', '失业'));
    for (const written of [
      '就字〔2026〕第0071号-A',
      '就字[2026]第0071号－ａ',
      ' 就字（２０２６）第００７１号–A',
    ])
      expect(await issue(said(written, '失业')).catch(factsOf)).toMatchObject({ certificate });
    // A zero less is another number.
    expect(await issue(said('就字〔2026〕第071号-a', '失业'))).toMatchObject({ state: 'recorded' });
  });

  test('of another authority, or of another type, is another paper', async () => {
    const number = aNumber();
    const { certificate } = await issue(said(number, '失业'));
    const theirs = await issue(
      { ...said(number, '失业'), authority: neighbour.creditCode },
      neighbour,
    );
    expect(theirs).toMatchObject({ state: 'recorded' });
    expect(theirs.certificate).not.toBe(certificate);
    expect(await issue(said(number, '失业', { type: 'ZZ002' }))).toMatchObject({
      state: 'recorded',
    });
  });

  test('has one certificate though eight say eight things of it at once', async () => {
    const number = aNumber();
    const done = await Promise.all(
      Array.from({ length: 8 }, (_, n) => issue(said(number, `状态${n}`)).catch(factsOf)),
    );
    expect(new Set(done.map(({ certificate }) => certificate)).size).toBe(1);
    expect(done.filter((one) => 'state' in one && one.state === 'recorded')).toHaveLength(1);
  });

  test('has one certificate though each says the same under an identifier of its own, at once', async () => {
    const number = aNumber();
    const done = await Promise.all(
      Array.from({ length: 6 }, (_, n) =>
        issue(said(number, '失业', { identifier: identifierWith(`9${count}${n}`) })),
      ),
    );
    expect(done.filter(({ state }) => state === 'recorded')).toHaveLength(1);
    const [{ certificate } = { certificate: '' }] = done;
    // None of the identifiers leads astray.
    for (let n = 0; n < 6; n++)
      expect(
        await issue(said(number, '失业', { identifier: identifierWith(`9${count}${n}`) })),
      ).toMatchObject({ state: 'unchanged', certificate });
  });

  test('whose first submission stopped after its number was recorded is completed by the next submission', async () => {
    const number = aNumber();
    const sdJwt = await authority.sign(said(number, '失业'));
    const claimed = certificateIdOf(sdJwt.split('~')[0] ?? '');
    const subject = await house.subjects.resolve(aCommand(authority.client), {
      kind: '111',
      number: people.get('holder') ?? '',
    });
    await house.papers.claim([
      {
        names: [{ parts: ['number', authority.creditCode, 'ZZ020', number], holder: null }],
        certificate: claimed,
        holders: [subject],
      },
    ]);
    const other = await issue(said(number, '就业'));
    expect(other).toMatchObject({ state: 'recorded', certificate: claimed });
    expect(await refusalOf(issue(said(number, '失业')))).toMatchObject({
      code: 'certificate_exists',
    });
  });

  test('keeps its number in each version, and a number keeps its certificate', async () => {
    const [number, taken] = [aNumber(), aNumber()];
    const { certificate } = await issue(said(number, '失业'));
    const other = await issue(said(taken, '失业', { holder: 'another' }));
    expect(await refusalOf(amend(certificate, said(aNumber(), '就业')))).toMatchObject({
      code: 'number_changed',
    });
    expect(await refusalOf(amend(certificate, said(taken, '就业')))).toMatchObject({
      code: 'certificate_exists',
      facts: { certificate: other.certificate },
    });
    expect(await amend(certificate, said(number, '就业'))).toMatchObject({ version: 2 });
  });

  test('that was revoked is not issued again, but by a version that says so', async () => {
    const number = aNumber();
    const { certificate } = await issue(said(number, '失业'));
    await house.change.execute(
      new ChangeStanding(aCommand(authority.client), authority.caller, certificate, {
        kind: 'revoke',
        reason: 'wrongly_issued',
      }),
    );
    for (const state of ['失业', '就业'])
      expect(await refusalOf(issue(said(number, state)))).toMatchObject({
        code: 'certificate_revoked',
        facts: { certificate },
      });
    expect(await refusalOf(amend(certificate, said(number, '就业')))).toMatchObject({
      code: 'certificate_revoked',
    });
    await amend(certificate, said(number, '就业'), 2, 'reissue');
    expect(await view(certificate)).toMatchObject({ standing: 'valid' });
    await house.project();
    const { rows } = await house.pool.query(
      'SELECT status FROM wallet_certificate WHERE certificate = $1',
      [certificate],
    );
    expect(rows).toEqual([{ status: 'valid' }]);
  });

  test('gets a certificate of its own again after its holder was erased', async () => {
    const number = aNumber();
    const content = said(number, '失业', { holder: 'erased' });
    const first = await issue(content);
    await erase('erased');
    const second = await issue(content);
    expect(second).toMatchObject({ state: 'recorded' });
    expect(second.certificate).not.toBe(first.certificate);
    expect(await refusalOf(issue(said(number, '就业', { holder: 'erased' })))).toMatchObject({
      facts: { certificate: second.certificate },
    });
  });
});

describe('the names of a paper', () => {
  test('stand nowhere in clear, and go with the last of its holders', async () => {
    const number = aNumber();
    const spouses = ['one', 'two'].map((name) => ({
      role: `spouse-${name}`,
      kind: '111' as const,
      number: newPerson(name),
    }));
    const { certificate } = await issue(said(number, '失业', { holders: spouses }));
    const tables = async () => {
      const read = await Promise.all(
        ['paper_name', 'paper_holder', 'paper_confirmed'].map((table) =>
          house.pool.query(`SELECT * FROM vault.${table} WHERE certificate = $1`, [certificate]),
        ),
      );
      return read.map(({ rows }) => rows.length);
    };
    expect(await tables()).toEqual([1, 2, 0]);
    const { rows } = await house.pool.query<{ all: string }>(
      'SELECT (SELECT json_agg(n)::text FROM vault.paper_name n) AS all',
    );
    expect(rows[0]?.all).not.toContain(number);
    await erase('one');
    expect(await tables()).toEqual([1, 1, 0]);
    await erase('two');
    expect(await tables()).toEqual([0, 0, 0]);
  });

  test.each([
    ['ＡＢ-1', 'AB-1'],
    ['ab １', 'AB1'],
    ['（a）', '(A)'],
    ['〔2026〕—1', '(2026)-1'],
    ['007', '007'],
    ['АΑA-1', 'AAA-1'],
    ['⺠一号', '民一号'],
    ['民號戶1', '民号户1'],
    ['1ー2─3', '1-2-3'],
    ['〇١/1∕2', '01/1/2'],
    ['a•b·é', 'A·B·É'],
    ['‹1›', '(1)'],
  ])('compare %s as %s', (written, normal) => {
    expect(normalPaperNumber(written)).toBe(normal);
  });

  test('compare a normal number as itself', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (written) => {
        const normal = normalPaperNumber(written);
        expect(normalPaperNumber(normal)).toBe(normal);
      }),
    );
  });
});

test('a number on the papers of several holders is one paper of each', async () => {
  const number = aNumber();
  const page = (holder: string, state = '户主') => said(number, state, { type: 'ZZ002', holder });
  const head = await issue(page('head'));
  const child = await issue(page('child', '子'));
  expect(child).toMatchObject({ state: 'recorded' });
  expect(child.certificate).not.toBe(head.certificate);
  expect(await refusalOf(issue(page('child', '女')))).toMatchObject({
    code: 'certificate_exists',
    facts: { certificate: child.certificate },
  });
});

describe('a type whose papers have no number', () => {
  const proof = (state: string, change: Partial<CertificateContent> = {}) =>
    said(aNumber(), state, { type: 'ZM007', holder: 'unemployed', ...change });

  test('takes a second valid one of the same holder, and tells it', async () => {
    const first = await issue(proof('登记'));
    expect(first.flags).not.toContain('holder_has_another');
    await house.project();
    expect((await issue(proof('再次登记'))).flags).toContain('holder_has_another');
    const both = await house.batch.execute(
      new IssueBatch(aCommand(authority.client), authority.caller, [
        { line: 1, sdJwt: await authority.sign(proof('一', { holder: 'x' } as never)), files: [] },
        { line: 2, sdJwt: await authority.sign(proof('二', { holder: 'x' } as never)), files: [] },
      ]),
    );
    for (const line of both)
      expect(line).toMatchObject({ flags: expect.arrayContaining(['holder_has_another']) });
  });

  test('knows again what says the same', async () => {
    const content = proof('同一');
    const first = await issue(content);
    expect(await issue(content)).toMatchObject({
      state: 'unchanged',
      certificate: first.certificate,
    });
  });

  test('has one certificate for each sound identifier', async () => {
    const identifier = identifierWith('4711', 'ZM007');
    const first = await issue(proof('甲', { identifier }));
    expect(await refusalOf(issue(proof('乙', { identifier })))).toMatchObject({
      code: 'certificate_exists',
      facts: { certificate: first.certificate },
    });
    // One that does not check may stand on many papers.
    const broken = `${identifier.slice(0, -1)}${identifier.endsWith('0') ? '1' : '0'}`;
    for (const state of ['丙', '丁'])
      expect(await issue(proof(state, { identifier: broken }))).toMatchObject({
        state: 'recorded',
      });
  });
});

describe('a batch', () => {
  test('takes versions of one paper in their order, and says id, version and record of each', async () => {
    const number = aNumber();
    const first = await authority.sign(said(number, '失业', { asOf: '2026-11-01' }));
    const digest = signedDigest(first.split('~')[0] ?? '');
    const second = await authority.sign(
      said(number, '就业', {
        asOf: '2026-11-02',
        version: 2,
        supersedes: { digest, reason: 'change' },
      }),
    );
    const lines = [first, second, first].map((sdJwt, n) => ({ line: n + 1, sdJwt, files: [] }));
    const context = aCommand(authority.client);
    const results = await house.batch.execute(new IssueBatch(context, authority.caller, lines));
    const { certificate } = results[0] as { certificate: string };
    const records = await house.store.readStream(`certificate-${certificate}`);
    expect(results).toMatchObject([
      { state: 'recorded', certificate, version: 1, record: records[0]?.hash },
      { state: 'recorded', certificate, version: 2, record: records[1]?.hash },
      { state: 'refused', code: 'certificate_exists', facts: { asOf: '2026-11-02' } },
    ]);
    expect(
      (await house.batch.execute(new IssueBatch(context, authority.caller, lines))).slice(0, 2),
    ).toEqual(results.slice(0, 2));
  });
});

describe('of when it is', () => {
  test('is kept with the version, and a time to come is refused', async () => {
    const number = aNumber();
    const { certificate } = await issue(said(number, '失业', { asOf: '2026-11-20' }));
    expect((await view(certificate)).versions[0]?.asOf).toBe('2026-11-20');
    expect(
      await refusalOf(amend(certificate, said(number, '就业', { asOf: '2026-11-23' }))),
    ).toMatchObject({ code: 'as_of_to_come' });
    expect(
      await refusalOf(amend(certificate, said(number, '就业', { asOf: '2026-11-19' }))),
    ).toMatchObject({ code: 'version_outdated', facts: { asOf: '2026-11-20' } });
    expect(await refusalOf(amend(certificate, said(number, '就业')))).toMatchObject({
      code: 'as_of_missing',
    });
    await amend(certificate, said(number, '就业', { asOf: '2026-11-20T12:00:00' }));
  });

  test('moves on where the authority says the same again, so that what is older is known for it', async () => {
    const number = aNumber();
    const { certificate } = await issue(said(number, '失业', { asOf: '2026-11-18' }));
    expect(await issue(said(number, '失业', { asOf: '2026-11-20' }))).toMatchObject({
      state: 'unchanged',
    });
    expect(await issue(said(number, '失业', { asOf: '2026-11-17' }))).toMatchObject({
      state: 'unchanged',
    });
    expect(
      await refusalOf(amend(certificate, said(number, '就业', { asOf: '2026-11-19' }))),
    ).toMatchObject({ code: 'version_outdated', facts: { asOf: '2026-11-20' } });
  });
});

function factsOf(error: unknown): { certificate: string } {
  if (!(error instanceof ProductError)) throw error;
  return error.facts as { certificate: string };
}

function identifierWith(serial: string, type = 'ZZ020'): string {
  const local = type.startsWith('ZM') ? `9${type.slice(3)}` : type.slice(2);
  return (
    formatIdentifier({
      type: `${authority.creditCode}${local.padStart(3, '0')}`,
      authority: authority.creditCode,
      serial,
      version: 1,
    }) ?? ''
  );
}

async function erase(name: string): Promise<void> {
  const number = people.get(name) ?? '';
  const subject = await house.subjects.find({ kind: '111', number });
  await house.vault.destroy(subject ?? '');
  await house.erasures.forget(subject ?? '');
}
