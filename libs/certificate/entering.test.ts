import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { hash } from 'node:crypto';
import { type EventStore, START } from '#libs/event-store';
import { ProductError } from '#libs/kernel';
import {
  aCommand,
  aType,
  inventedCreditCode,
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
import { KeepFile } from './commands/keep-file.js';
import { readDisclosure, signedDigest } from './sd-jwt.js';
import { GetCertificate } from './queries/certificate.js';
import { GetPhoneWallet } from './queries/phone-wallet.js';

const authority = new TestAuthority(['ZZ001', 'ZZ013']);
const disabled = new TestAuthority(['ZZ001']);
const marriage = aType({
  code: 'ZZ013',
  nameZh: '结婚证',
  nationalTypeCode: null,
  validity: null,
  fields: [{ key: '登记日期', kind: 'date' }],
  schema: { type: 'object', properties: { 登记日期: { type: 'string', format: 'date' } } },
});
let database: TestDatabase;
let house: CertificateHouse;

beforeAll(async () => {
  database = await freshDatabase();
  house = await openCertificateHouse(
    database,
    [authority.registration, { ...disabled.registration, enabled: false }],
    [aType(), marriage],
  );
});
afterAll(async () => {
  await house.close();
  await database.drop();
});

const issue = async (sdJwt: string, context = aCommand(authority.client), from = authority) =>
  house.handIn.execute(new HandInCertificate(context, from.caller, null, sdJwt, []));
const subjectOf = (number: string) =>
  house.subjects.resolve(aCommand(authority.client), { kind: '111', number });
const codeOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: unknown) => {
      if (error instanceof ProductError) return String(error.code);
      throw error;
    },
  );
const allBytes = async (store: EventStore) =>
  Buffer.concat((await store.readAll(START, 100_000)).map(({ bytes }) => bytes)).toString();

describe('a certificate that enters', () => {
  test('is read from its own stream, and opened field by field for its holder', async () => {
    const content = authority.content();
    const { certificate, record, flags } = await issue(await authority.sign(content));
    expect(flags).toEqual([]);
    expect(record.stream).toBe(`certificate-${certificate}`);
    const now = await house.reader.read(certificate, '2026-11-22');
    expect(now).toMatchObject({ standing: 'valid', type: 'ZZ001', streamVersion: 0 });
    expect(now?.head).toBe(record.hash);
    const subject = await subjectOf(content.holders[0]?.number ?? '');
    const opened = await house.opener.open(certificate, now!.version, subject, ['姓名']);
    expect(opened.map(({ disclosure }) => readDisclosure(disclosure))).toEqual([
      { name: '姓名', value: '测试甲' },
    ]);
  });

  test('leaves no value of its holders or fields in the ledger', async () => {
    const number = inventedResidentId();
    const content = authority.content({
      holders: [{ role: 'holder', kind: '111', number }],
      fields: { 姓名: '标记姓名', 公民身份号码: number, 住址: '标记地址' },
    });
    const sdJwt = await authority.sign(content);
    await issue(sdJwt);
    const bytes = await allBytes(house.store);
    const disclosures = sdJwt.split('~').slice(1, -1);
    expect(disclosures).toHaveLength(5);
    for (const marker of [
      number,
      '标记姓名',
      '标记地址',
      content.identifier ?? '',
      ...disclosures,
    ]) {
      expect(bytes).not.toContain(marker);
      expect(bytes).not.toContain(Buffer.from(marker).toString('base64url'));
    }
  });

  test('is one certificate, however often it is submitted', async () => {
    const sdJwt = await authority.sign();
    const context = aCommand(authority.client);
    const first = await issue(sdJwt, context);
    expect(await issue(sdJwt, context)).toEqual(first);
    const other = await issue(sdJwt);
    expect(other).toMatchObject({ certificate: first.certificate, state: 'unchanged' });
    const all = await Promise.all(Array.from({ length: 8 }, () => issue(sdJwt)));
    expect(new Set(all.map(({ record }) => record.hash))).toEqual(new Set([first.record.hash]));
    expect(await house.store.readStream(first.record.stream)).toHaveLength(1);
  });

  test('by eight at once is recorded once', async () => {
    const sdJwt = await authority.sign();
    const all = await Promise.all(Array.from({ length: 8 }, () => issue(sdJwt)));
    expect(all.filter(({ state }) => state === 'recorded')).toHaveLength(1);
    expect(await house.store.readStream(all[0]!.record.stream)).toHaveLength(1);
  });

  test('of a type without a national code is marked local or missing, and taken', async () => {
    const spouses = [
      { role: 'spouse-a', kind: '111', number: inventedResidentId() },
      { role: 'spouse-b', kind: '111', number: inventedResidentId() },
    ] as const;
    const sdJwt = await authority.sign({
      authority: authority.creditCode,
      type: 'ZZ013',
      validFrom: '2026-01-01',
      validUntil: null,
      holders: spouses,
      fields: { 登记日期: '2026-01-01' },
    });
    const { certificate, flags } = await issue(sdJwt);
    expect(flags).toEqual(['identifier_missing']);
    const now = await house.reader.read(certificate, '2026-11-22');
    expect(now?.version.flags).toEqual(['identifier_missing']);
    for (const { number } of spouses) {
      const opened = await house.opener.open(certificate, now!.version, await subjectOf(number), [
        '登记日期',
      ]);
      expect(opened).toHaveLength(1);
    }
    const stranger = await subjectOf(inventedResidentId());
    expect(await codeOf(house.opener.open(certificate, now!.version, stranger, ['登记日期']))).toBe(
      'seal_broken',
    );
  });

  test('cannot be opened once the holder’s key is destroyed; a later one waits for the erasure and belongs to a new subject', async () => {
    const content = authority.content();
    const { certificate } = await issue(await authority.sign(content));
    const subject = await subjectOf(content.holders[0]?.number ?? '');
    await house.vault.destroy(subject);
    const now = await house.reader.read(certificate, '2026-11-22');
    expect(await codeOf(house.opener.open(certificate, now!.version, subject, ['姓名']))).toBe(
      'subject_key_destroyed',
    );
    const later = await authority.sign(
      authority.content({ holders: content.holders, validFrom: '2026-02-02' }),
    );
    expect(await codeOf(issue(later))).toBe('lookup_row_vanished');
    expect(await issue(later)).toMatchObject({ state: 'recorded' });
    expect(await subjectOf(content.holders[0]?.number ?? '')).not.toBe(subject);
  });
});

describe('a certificate does not enter', () => {
  const refused = async (change: Parameters<TestAuthority['content']>[0], by = authority) =>
    codeOf(issue(await by.sign(by.content(change)), aCommand(by.client), by));

  test('from anybody but an enabled issuing authority', async () => {
    const sdJwt = await authority.sign();
    for (const caller of [
      { ...authority.caller, kind: 'department' as const },
      { ...authority.caller, authority: null },
      disabled.caller,
    ])
      expect(
        await codeOf(
          house.handIn.execute(new HandInCertificate(aCommand('x'), caller, null, sdJwt, [])),
        ),
      ).toBe('caller_not_issuing_authority');
  });

  test('in the name of another authority, or of a type that is not the authority’s', async () => {
    expect(await refused({ authority: inventedCreditCode() })).toBe('issuer_not_caller');
    expect(await refused({ type: 'ZZ002' })).toBe('type_not_of_authority');
  });

  test('under a key that the caller has not registered', async () => {
    const other = new TestAuthority(['ZZ001']);
    const sdJwt = await other.sign(authority.content());
    expect(await codeOf(issue(sdJwt))).toBe('key_not_of_caller');
    const { signing } = newAuthorityKey();
    const forged = new TestAuthority(['ZZ001']);
    Object.assign(forged, {
      keys: { ...authority.keys, signing: { ...signing, kid: authority.keys.signing.kid } },
    });
    expect(await codeOf(issue(await forged.sign(authority.content())))).toBe('jws_signature_wrong');
  });

  test('as an amendment of nothing', async () => {
    const supersedes = { digest: 'A'.repeat(43), reason: 'change' } as const;
    expect(await refused({ version: 2, supersedes })).toBe('version_not_next');
  });
});

describe('the life of a certificate', () => {
  test('an amendment names what it supersedes, and the earlier version stays readable', async () => {
    const content = authority.content();
    const first = await authority.sign(content);
    const { certificate } = await issue(first);
    const amendment = (change = {}) =>
      authority.sign({
        ...content,
        version: 2,
        supersedes: { digest: signedDigest(first.split('~')[0] ?? ''), reason: 'change' },
        fields: { ...content.fields, 住址: '示例市示例路2号' },
        ...change,
      });
    const amend = (sdJwt: string, id = certificate) =>
      house.handIn.execute(
        new HandInCertificate(aCommand(authority.client), authority.caller, id, sdJwt, []),
      );
    const sdJwt = await amendment();
    expect(await amend(sdJwt)).toMatchObject({ version: 2, state: 'recorded' });
    expect(await amend(sdJwt)).toMatchObject({ version: 2, state: 'unchanged' });
    expect(await codeOf(amend(await amendment({ validUntil: null })))).toBe('version_not_next');
    const { certificate: other } = await issue(await authority.sign());
    expect(await codeOf(amend(sdJwt, other))).toBe('version_supersedes_other');
    expect(await codeOf(amend(first))).toBe('claim_wrong');
    const view = await house.find.execute(new GetCertificate(authority.caller, certificate));
    expect(view.versions.map(({ number }) => number)).toEqual([1, 2]);
    expect(view.versions[0]?.digest).toBe(signedDigest(first.split('~')[0] ?? ''));
    expect((await house.reader.versionOf(certificate, 1))?.signed).toBe(first.split('~')[0]);
    expect(await house.reader.versionOf(certificate, 3)).toBeNull();
  });

  test('what the authority decides is read at once from the stream', async () => {
    const { certificate } = await issue(await authority.sign());
    const standing = async () => (await house.reader.read(certificate, '2026-11-22'))?.standing;
    const change = (kind: 'suspend' | 'reinstate' | 'revoke' | 'cancel', reason: string) =>
      house.change.execute(
        new ChangeStanding(aCommand(authority.client), authority.caller, certificate, {
          kind,
          reason,
        } as ChangeStanding['change']),
      );
    const before = await house.reader.headsOf([certificate]);
    await change('suspend', 'under_review');
    expect(await standing()).toBe('suspended');
    expect(await house.reader.headsOf([certificate])).not.toEqual(before);
    await change('reinstate', 'review_closed');
    expect(await standing()).toBe('valid');
    expect(await change('revoke', 'wrongly_issued')).toMatchObject({
      status: 'revoked',
      state: 'recorded',
    });
    expect(await change('revoke', 'penalty')).toMatchObject({ state: 'unchanged' });
    expect(await standing()).toBe('revoked');
    expect(await codeOf(change('cancel', 'holder_request'))).toBe('certificate_revoked');
  });

  test('another authority finds nothing', async () => {
    const { certificate } = await issue(await authority.sign());
    const other = new TestAuthority(['ZZ001']).caller;
    expect(await codeOf(house.find.execute(new GetCertificate(other, certificate)))).toBe(
      'certificate_unknown',
    );
    const revoke = { kind: 'revoke', reason: 'penalty' } as const;
    for (const id of [certificate, 'AAAAAAAAAAAAAAAAAAAAAA', 'no id', '../x'])
      expect(
        await codeOf(
          house.change.execute(new ChangeStanding(aCommand('other'), other, id, revoke)),
        ),
      ).toBe('certificate_unknown');
  });
});

describe('files', () => {
  const pdf = Buffer.from('%PDF-1.7 标记文件');
  const keep = (bytes: Uint8Array = pdf) =>
    house.keepFile.execute(new KeepFile(authority.caller, 'application/pdf', bytes));

  test('are sealed, named by the certificate, and opened with the version’s key only', async () => {
    const kept = await keep();
    expect(kept.sha256).toBe(hash('sha256', pdf));
    expect(Buffer.from((await house.blobs.get(kept.blob))!).includes('标记文件')).toBe(false);
    const content = authority.content({
      files: { original: { sha256: kept.sha256, mediaType: 'application/pdf' } },
    });
    const handed = { name: 'file.original', blob: kept.blob, key: kept.key };
    const hand = async (files: (typeof handed)[]) =>
      house.handIn.execute(
        new HandInCertificate(
          aCommand(authority.client),
          authority.caller,
          null,
          await authority.sign(content),
          files,
        ),
      );
    expect(await codeOf(hand([]))).toBe('file_missing');
    expect(await codeOf(hand([handed, handed]))).toBe('file_missing');
    expect(await codeOf(hand([{ ...handed, key: 'A'.repeat(43) }]))).toBe('file_missing');
    const other = await keep(Buffer.from('%PDF-1.7 other'));
    expect(await codeOf(hand([{ ...handed, blob: other.blob, key: other.key }]))).toBe(
      'file_wrong',
    );
    const { certificate } = await hand([handed]);
    const now = await house.reader.read(certificate, '2026-11-22');
    const subject = await subjectOf(content.holders[0]?.number ?? '');
    const [file] = now!.version.files;
    const key = await house.vault.unwrap(subject, now!.version.keys[0]!.wrapped);
    const opened = await house.seals.openFile(certificate, 1, key, file!);
    expect(Buffer.from(opened!).equals(pdf)).toBe(true);
    expect(JSON.stringify(now!.version)).not.toContain(kept.key);
  });

  test('match their declared kind', async () => {
    expect(await codeOf(keep(Buffer.from('<html>')))).toBe('file_wrong');
    expect(await codeOf(keep(Buffer.alloc(0)))).toBe('file_wrong');
  });
});

describe('a batch', () => {
  const line = (n: number, sdJwt: string) => ({ line: n, sdJwt, files: [] });
  const hand = (lines: ReturnType<typeof line>[], context = aCommand(authority.client)) =>
    house.batch.execute(new IssueBatch(context, authority.caller, lines));

  test('keeps its good lines, tells what is wrong with each bad one, and can be sent again', async () => {
    const stranger = new TestAuthority(['ZZ001']);
    const good = await Promise.all(Array.from({ length: 20 }, () => authority.sign()));
    const lines = [
      line(1, good[0] ?? ''),
      line(2, 'not an SD-JWT'),
      line(3, good[1] ?? ''),
      line(4, await stranger.sign()),
      line(5, good[0] ?? ''),
      line(6, await authority.sign(authority.content({ validFrom: '2026-02-30' }))),
      ...good.slice(2).map((sdJwt, n) => line(7 + n, sdJwt)),
    ];
    const context = aCommand(authority.client);
    const results = await hand(lines, context);
    expect(results.map((result) => result.line)).toEqual(lines.map((each) => each.line));
    expect(
      results.flatMap((result) => (result.state === 'refused' ? [[result.line, result.code]] : [])),
    ).toEqual([
      [2, 'sd_jwt_malformed'],
      [4, 'key_not_of_caller'],
      [6, 'claim_wrong'],
    ]);
    const kept = (all: typeof results) =>
      all.map((result) => (result.state === 'refused' ? result.code : result.certificate));
    const before = await house.store.head();
    const again = await hand(lines, context);
    expect(kept(again)).toEqual(kept(results));
    const other = await hand(lines);
    expect(kept(other)).toEqual(kept(results));
    expect(other.filter(({ state }) => state === 'recorded')).toEqual([]);
    expect(await house.store.head()).toBe(before);
  });

  test('of which two halves come at once is recorded once each', async () => {
    const sdJwts = await Promise.all(Array.from({ length: 40 }, () => authority.sign()));
    const lines = sdJwts.map((sdJwt, n) => line(n + 1, sdJwt));
    const all = (await Promise.all([hand(lines), hand(lines), hand(lines)])).flat();
    expect(all.filter(({ state }) => state === 'recorded')).toHaveLength(40);
    expect(all.filter(({ state }) => state === 'unchanged')).toHaveLength(80);
  });
});

describe('the wallet', () => {
  test('lists what a subject holds now, newest first, and is the same after any rebuild', async () => {
    const number = inventedResidentId();
    const holders = [{ role: 'holder', kind: '111', number }] as const;
    const subject = await subjectOf(number);
    const old = await authority.sign(authority.content({ holders }));
    const first = await issue(old, aCommand(authority.client, '2026-11-20T00:00:00.000Z'));
    const second = await issue(
      await authority.sign(authority.content({ holders, validFrom: '2026-02-01' })),
      aCommand(authority.client, '2026-11-21T00:00:00.000Z'),
    );
    await house.change.execute(
      new ChangeStanding(aCommand(authority.client), authority.caller, first.certificate, {
        kind: 'revoke',
        reason: 'penalty',
      }),
    );
    await house.project();
    const ids = async (who: string) =>
      (await house.wallet.certificatesOf(who, ['ZZ001'], '2026-11-22')).map(
        ({ certificate }) => certificate,
      );
    expect(await ids(subject)).toEqual([second.certificate, first.certificate]);
    expect(await house.wallet.certificatesOf(subject, ['ZZ013'], '2026-11-22')).toEqual([]);

    const rows = async () =>
      JSON.stringify([
        (await house.pool.query('SELECT * FROM wallet_certificate ORDER BY certificate')).rows,
        (await house.pool.query('SELECT * FROM wallet_holding ORDER BY 1, 2, 3')).rows,
      ]);
    const kept = await rows();
    await house.project(3);
    expect(await rows()).toBe(kept);
  });

  test('has valid ones first, however many lapsed ones are newer', async () => {
    const number = inventedResidentId();
    const holders = [{ role: 'holder', kind: '111', number }] as const;
    const subject = await subjectOf(number);
    const valid = await issue(await authority.sign(authority.content({ holders })));
    const lapsed = { holders, validUntil: '2026-06-30' } as const;
    const results = await house.batch.execute(
      new IssueBatch(
        aCommand(authority.client, '2026-11-22T09:00:00.000Z'),
        authority.caller,
        await Promise.all(
          Array.from({ length: 60 }, async (_, n) => ({
            line: n + 1,
            sdJwt: await authority.sign(
              authority.content({
                ...lapsed,
                fields: { 姓名: '测试甲', 公民身份号码: number, 住址: `示例路${n}号` },
              }),
            ),
            files: [],
          })),
        ),
      ),
    );
    expect(results.filter(({ state }) => state === 'refused')).toEqual([]);
    await house.project();
    const held = await house.wallet.certificatesOf(subject, ['ZZ001'], '2026-11-22');
    expect(held[0]).toEqual({ certificate: valid.certificate, type: 'ZZ001', valid: true });
    expect(held.filter((paper) => paper.valid)).toHaveLength(1);
    const page = await house.phoneWallet.execute(
      new GetPhoneWallet({ capacity: 'self', subject }, 1),
    );
    expect(page.total).toBe(61);
    expect(page.certificates.map(({ standing }) => standing).slice(0, 2)).toEqual([
      'valid',
      'expired',
    ]);
  });

  test('follows a new version to its new holders', async () => {
    const [seller, buyer] = [inventedResidentId(), inventedResidentId()];
    const content = authority.content({
      holders: [{ role: 'holder', kind: '111', number: seller }],
    });
    const sdJwt = await authority.sign(content);
    const { certificate } = await issue(sdJwt);
    await house.handIn.execute(
      new HandInCertificate(
        aCommand(authority.client),
        authority.caller,
        certificate,
        await authority.sign({
          ...content,
          holders: [{ role: 'holder', kind: '111', number: buyer }],
          fields: { ...content.fields, 公民身份号码: buyer },
          version: 2,
          supersedes: { digest: signedDigest(sdJwt.split('~')[0] ?? ''), reason: 'change' },
        }),
        [],
      ),
    );
    await house.project(1);
    const held = async (number: string) =>
      (await house.wallet.certificatesOf(await subjectOf(number), ['ZZ001'], '2026-11-22')).length;
    expect([await held(seller), await held(buyer)]).toEqual([0, 1]);
  });

  test('shows a holder the own certificates opened, and other holders’ numbers to nobody', async () => {
    const number = inventedResidentId();
    const spouse = inventedResidentId();
    const subject = await subjectOf(number);
    await issue(
      await authority.sign({
        authority: authority.creditCode,
        type: 'ZZ013',
        validFrom: '2026-01-01',
        validUntil: '2026-06-30',
        holders: [
          { role: 'spouse-a', kind: '111', number },
          { role: 'spouse-b', kind: '111', number: spouse },
        ],
        fields: { 登记日期: '2026-01-01' },
      }),
    );
    await house.project();
    const page = await house.phoneWallet.execute(
      new GetPhoneWallet({ capacity: 'self', subject }, 1),
    );
    expect(page).toMatchObject({
      total: 1,
      certificates: [
        {
          type: 'ZZ013',
          nameZh: '结婚证',
          roles: ['spouse-a'],
          standing: 'expired',
          fields: { 登记日期: '2026-01-01' },
        },
      ],
    });
    expect(JSON.stringify(page)).not.toContain(spouse);
    expect(
      (await house.phoneWallet.execute(new GetPhoneWallet({ capacity: 'self', subject }, 2)))
        .certificates,
    ).toEqual([]);
  });
});
