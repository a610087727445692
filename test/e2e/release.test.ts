import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHash, createPrivateKey, generateKeyPairSync, randomUUID } from 'node:crypto';
import pg from 'pg';
import { disclosureDigest, formatIdentifier } from '#libs/certificate';
import { signCertificate, type SigningKey } from '#libs/department-client';
import { verifyCompactJws } from '#libs/identity';
import { canonicalize, fromHex, utf8Bytes } from '#libs/kernel';
import { openCheckpoint, treeRoot, tilePath } from '#libs/log';
import { parsePolicy, verifyBook, verifyReceipt, verifyRelease } from '#libs/verify';
import { birthOf, inventedCreditCode, inventedResidentId, sexOf } from '../support/authority.js';
import { startCity, type TestCity } from '../support/city.js';
import { register, TestClient, TestPhone } from '../support/client.js';
import { TestKey } from '../support/keys.js';

/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-return -- tests look into bodies without declaring them */

let city: TestCity;
let terminal: TestClient;
let elsewhere: TestClient;
let police: { http: TestClient; creditCode: string; key: SigningKey; jwk: object };

beforeAll(async () => {
  city = await startCity();
  const { admin } = city;
  terminal = await register(admin, {
    kind: 'terminal',
    department: '人社',
    window: 'hall-1-03',
    town: '示例镇',
  });
  elsewhere = await register(admin, { kind: 'terminal', department: '人社', window: 'hall-1-04' });
  police = await authority();
});
afterAll(() => city.stop());

async function authority() {
  const jwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const key = new TestKey(jwk);
  const creditCode = inventedCreditCode();
  const details = {
    kind: 'issuing-authority',
    name: '示例颁发机构',
    department: '公安',
    authority: { creditCode, name: '示例颁发机构', types: ['ZZ001', 'ZZ002'] },
  };
  const { body } = await city.admin.post('/v1/clients', {
    ...details,
    keys: [await key.proved(details)],
  });
  return {
    http: new TestClient(city.baseUrl, body.client, key, body.scopes),
    creditCode,
    key: {
      kid: key.jkt,
      alg: 'EdDSA' as const,
      key: createPrivateKey({ key: jwk, format: 'jwk' }),
    },
    jwk: key.jwk,
  };
}

/** An ID card of an invented person, issued through the API. */
async function idCard(number: string): Promise<string> {
  const sdJwt = await signCertificate(
    {
      authority: police.creditCode,
      type: 'ZZ001',
      identifier:
        formatIdentifier({
          type: '11100000000013127D001',
          authority: police.creditCode,
          serial: number.slice(6, 17),
          version: 1,
        }) ?? '',
      validFrom: '2020-01-01',
      validUntil: '2040-01-01',
      holders: [{ role: 'holder', kind: '111', number }],
      fields: {
        姓名: '测试甲',
        性别: sexOf(number),
        民族: '汉',
        出生日期: birthOf(number),
        住址: '示例市示例路1号',
        公民身份号码: number,
        签发机关: '示例市公安局',
        有效期限: '2020.01.01-2040.01.01',
      },
    },
    police.key,
  );
  const { status, body } = await police.http.post('/v1/certificates', { sdJwt });
  expect({ status, body }).toMatchObject({ status: 201 });
  await city.caughtUp();
  return body.certificate as string;
}

const seconds = () => Math.floor(Date.now() / 1000);

/** A person with an enrolled phone. */
async function holder() {
  const number = inventedResidentId();
  const identifier = { kind: '111', number };
  const phone = new TestPhone(city.baseUrl);
  const { body: found } = await terminal.post('/v1/subjects/identify', {
    identifier,
    basis: 'document',
  });
  const { body: opened } = await terminal.post('/v1/enrolments', { identifier });
  const proof = phone.sign('phone-key+jws', {
    codeHash: createHash('sha256').update(opened.code).digest('base64url'),
    jkt: phone.key.jkt,
    iat: seconds(),
  });
  await fetch(`${city.baseUrl}/v1/enrolments/offer`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
    body: JSON.stringify({ code: opened.code, jwk: phone.key.jwk, proof }),
  });
  const { status } = await terminal.post(`/v1/enrolments/${opened.enrolment}/confirm`, {
    statement: terminal.key.sign(
      { typ: 'enrolment+jws', kid: terminal.key.jkt },
      {
        sub: found.subject,
        enrolment: opened.enrolment,
        jkt: phone.key.jkt,
        iat: seconds(),
      },
    ),
  });
  expect(status).toBe(200);
  return { number, phone };
}

const openCase = (number: string, at = terminal) =>
  at.post('/v1/cases', {
    matter: 'SX0001',
    participants: [{ role: 'applicant', identifier: { kind: '111', number } }],
  });
/** What the window shows, by consent. */
const numbers = new Map<string, string | null>();
const ask = async (atCase: string, materials = ['ZZ001'], at = terminal) => {
  const answer = await at.post(`/v1/cases/${atCase}/consents`, { role: 'applicant', materials });
  numbers.set(answer.body.consent, answer.body.number);
  return answer;
};

async function grant(phone: TestPhone, consent: string) {
  const { body: shown } = await phone.get(`/v1/phone/consents/${consent}`);
  const jws = phone.key.sign(
    { typ: 'consent-grant+jws', kid: phone.key.jkt },
    canonicalize({
      answer: 'grant',
      capacity: 'self',
      case: shown.case,
      consent,
      digits: numbers.get(consent) ?? null,
      iat: seconds(),
      noticeHash: shown.notice.hash,
    }),
  );
  return phone.post(`/v1/phone/consents/${consent}/grant`, { jws });
}

/** A case of a holder with an ID card, and a granted consent for it. */
async function granted() {
  const { number, phone } = await holder();
  const certificate = await idCard(number);
  const { body: opened } = await openCase(number);
  const { body: asked } = await ask(opened.case);
  expect((await grant(phone, asked.consent)).status).toBe(200);
  const at = `/v1/cases/${opened.case}/consents/${asked.consent}`;
  const { body: minted } = await terminal.post(`${at}/token`);
  return {
    number,
    phone,
    certificate,
    atCase: opened.case as string,
    consent: asked.consent as string,
    at,
    token: minted.token as string,
  };
}

const pull = (token: string, at = terminal) => at.post('/v1/releases', { token });
const refused = (status: number, code: string) => ({ status, body: { code } });

describe('the main job through the door', () => {
  test('a QR code, a case, a yes on the phone, exactly the rule’s fields, the authority’s word, and an entry in the book', async () => {
    const { number, phone } = await holder();
    await idCard(number);
    const { status, body: shownCode } = await phone.post('/v1/phone/codes');
    expect(status).toBe(201);
    const byCode = {
      matter: 'SX0001',
      participants: [{ role: 'applicant', code: shownCode.code }],
    };
    const { body: opened } = await terminal.post('/v1/cases', byCode);
    expect(opened.requirements).toMatchObject([
      {
        material: 'ZZ001',
        state: 'exemptible',
        answers: [{ fields: ['姓名', '公民身份号码'] }],
      },
      { material: 'ZZ019', state: 'exemptible' },
    ]);
    expect(await terminal.post('/v1/cases', byCode)).toMatchObject(
      refused(403, 'participant_code_refused'),
    );

    const { body: asked } = await ask(opened.case, ['ZZ001', 'ZZ019']);
    expect(asked.state).toBe('waiting');
    const { body: list } = await phone.get('/v1/phone/consents');
    expect(list.consents).toMatchObject([{ consent: asked.consent, state: 'waiting' }]);
    await city.caughtUp();
    const { body: board } = await terminal.get('/v1/board');
    expect(board.cases.find((each: any) => each.case === opened.case)).toMatchObject({
      materials: 2,
      consents: [{ consent: asked.consent, state: 'waiting', materials: ['ZZ001', 'ZZ019'] }],
    });
    expect((await elsewhere.get('/v1/board')).body).toEqual({
      department: '人社',
      window: 'hall-1-04',
      cases: [],
      online: [],
    });

    expect(await grant(phone, asked.consent)).toMatchObject({
      status: 200,
      body: { state: 'granted' },
    });
    const at = `/v1/cases/${opened.case}/consents/${asked.consent}`;
    expect((await terminal.get(at)).body).toMatchObject({ state: 'granted' });
    const { body: minted } = await terminal.post(`${at}/token`);
    const release = await pull(minted.token);
    expect(release.status).toBe(200);
    const { handedOver, record } = release.body;
    expect(handedOver.missing).toEqual([{ material: 'ZZ019', reason: 'holder_has_none' }]);
    const [material] = handedOver.materials;
    expect(material.fields).toEqual({ 姓名: '测试甲', 公民身份号码: number });

    // What a receiver checks alone: the authority's signature, and each disclosure's digest under
    // it.
    const signed = verifyCompactJws(material.signed, {
      typ: null,
      algorithms: ['EdDSA'],
      key: police.jwk as any,
    });
    const claims = JSON.parse(Buffer.from(signed.payload).toString());
    for (const disclosure of material.disclosures)
      expect(claims._sd).toContain(disclosureDigest(disclosure));
    expect(material.disclosures).toHaveLength(2);
    expect(
      createHash('sha256')
        .update(Buffer.from(record.salt, 'base64url'))
        .update(canonicalize(handedOver))
        .digest('base64url'),
    ).toBe(record.commitment);

    const { body: book } = await phone.get('/v1/phone/accesses');
    expect(book.accesses.map(({ kind }: { kind: string }) => kind)).toEqual([
      'requested',
      'granted',
      'released',
    ]);
    expect(book.accesses[2]).toMatchObject({ version: record.version, hash: record.hash });
    expect(book.stream).toBe(record.stream);

    const { body: view } = await terminal.get(`/v1/cases/${opened.case}`);
    expect(view.requirements).toMatchObject([
      { state: 'answered' },
      { state: 'to-be-brought', reason: 'holder_has_none' },
    ]);
    await city.caughtUp();
    const today = new Date(Date.now() + 8 * 3600_000).toISOString().slice(0, 10);
    const auditor = await register(city.admin, { kind: 'auditor', department: '审计' });
    const statistics = await auditor.get(`/v1/statistics?from=${today}&to=${today}&by=town`);
    expect(statistics).toMatchObject({ status: 200, body: { by: 'town' } });
    expect(
      statistics.body.rows.find(({ key }: any) => key === '示例镇').exemptions,
    ).toBeGreaterThan(0);
  });

  test('nothing personal is in any record, nor in any table but the sealed ones', async () => {
    const { number, token } = await granted();
    expect((await pull(token)).status).toBe(200);
    await city.caughtUp();
    const client = new pg.Client({ connectionString: city.databaseUrl });
    await client.connect();
    try {
      const { rows: tables } = await client.query<{ name: string }>(
        `SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) AS name FROM pg_tables
         WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
      );
      for (const { name } of tables) {
        const { rows } = await client.query<{ found: boolean }>(
          name.endsWith('log_record')
            ? `SELECT EXISTS (SELECT FROM ${name} WHERE position(convert_to($1, 'UTF8') in bytes) > 0) AS found`
            : `SELECT EXISTS (SELECT FROM ${name} AS t WHERE position($1 in t::text) > 0) AS found`,
          [number],
        );
        expect({ name, found: rows[0]?.found }).toEqual({ name, found: false });
      }
    } finally {
      await client.end();
    }
  });
});

describe('what must not work', () => {
  test('a second use, another window, another terminal’s token, a changed token', async () => {
    const { token, atCase, at } = await granted();
    expect(await pull(token, elsewhere)).toMatchObject(refused(403, 'token_of_another_client'));
    expect(await elsewhere.get(`/v1/cases/${atCase}`)).toMatchObject(
      refused(403, 'case_of_another_window'),
    );
    expect(await elsewhere.post(`${at}/token`)).toMatchObject(
      refused(403, 'case_of_another_window'),
    );
    const letter = token.at(-5) === 'A' ? 'B' : 'A';
    const changed = token.slice(0, -5) + letter + token.slice(-4);
    expect(await pull(changed)).toMatchObject(refused(403, 'token_signature_refused'));
    expect((await pull(token)).status).toBe(200);
    expect(await pull(token)).toMatchObject(refused(403, 'consent_spent'));
    expect((await terminal.post(`${at}/read-again`)).body).toMatchObject({ reading: 1 });
    expect(await elsewhere.post(`${at}/read-again`)).toMatchObject(
      refused(403, 'case_of_another_window'),
    );
    await terminal.post(`/v1/cases/${atCase}/close`, { outcome: 'accepted' });
    expect(await terminal.post(`${at}/read-again`)).toMatchObject(refused(409, 'case_closed'));
  });

  test('a type or field that was not asked for, a phone of someone else, a revoked certificate', async () => {
    const { token, atCase, certificate } = await granted();
    const other = await holder();
    expect(await ask(atCase, ['ZZ002'])).toMatchObject(refused(404, 'material_absent'));
    expect(
      await terminal.post(`/v1/cases/${atCase}/consents`, {
        role: 'applicant',
        materials: ['ZZ001'],
        fields: ['住址'],
      }),
    ).toMatchObject(refused(400, 'request_invalid'));
    const { body: asked } = await ask(atCase, ['ZZ019']);
    expect(await other.phone.get(`/v1/phone/consents/${asked.consent}`)).toMatchObject(
      refused(404, 'consent_absent'),
    );
    expect(await other.phone.post(`/v1/phone/consents/${asked.consent}/refuse`)).toMatchObject(
      refused(404, 'consent_absent'),
    );
    const revoked = await police.http.post(`/v1/certificates/${certificate}/revoke`, {
      reason: 'wrongly_issued',
    });
    expect(revoked.status).toBe(200);
    expect(await pull(token)).toMatchObject(refused(403, 'certificate_revoked'));
    expect(await pull(token)).toMatchObject(refused(403, 'certificate_revoked'));
  });

  test.each<[string, unknown]>([
    ['no participants', { matter: 'SX0001', participants: [] }],
    ['no matter', { participants: [{ role: 'applicant', code: 'q2m0bR7cV1xJ3kYt8wZ5dA' }] }],
    [
      'an unknown role',
      { matter: 'SX0001', participants: [{ role: 'friend', code: 'q2m0bR7cV1xJ3kYt8wZ5dA' }] },
    ],
    [
      'a member more',
      {
        matter: 'SX0001',
        purpose: 'mine',
        participants: [{ role: 'applicant', code: 'q2m0bR7cV1xJ3kYt8wZ5dA' }],
      },
    ],
    [
      'a member more inside',
      {
        matter: 'SX0001',
        participants: [{ role: 'applicant', name: '测试', code: 'q2m0bR7cV1xJ3kYt8wZ5dA' }],
      },
    ],
    [
      'a code of the wrong form',
      { matter: 'SX0001', participants: [{ role: 'applicant', code: 'short' }] },
    ],
    ['wrong types', { matter: 1, participants: 'all' }],
    [
      'an identifier that is text',
      { matter: 'SX0001', participants: [{ role: 'applicant', identifier: '111' }] },
    ],
    ['a participant that is null', { matter: 'SX0001', participants: [null] }],
  ])('a case with %s', async (_, body) => {
    expect(await terminal.post('/v1/cases', body)).toMatchObject(refused(400, 'request_invalid'));
  });

  test('a number with a wrong check, two ways to name somebody, and none', async () => {
    const number = inventedResidentId();
    const wrong = number.slice(0, 17) + (number.endsWith('1') ? '2' : '1');
    expect(await openCase(wrong)).toMatchObject(refused(400, 'identifier_check_failed'));
    const identifier = { kind: '111', number };
    for (const participant of [
      { role: 'applicant' },
      { role: 'applicant', identifier, code: 'q2m0bR7cV1xJ3kYt8wZ5dA' },
    ]) {
      const answer = await terminal.post('/v1/cases', {
        matter: 'SX0001',
        participants: [participant],
      });
      expect(answer).toMatchObject(refused(400, 'participant_ambiguous'));
      expect(JSON.stringify(answer.body)).not.toContain(number);
    }
  });

  test('paths that name nothing', async () => {
    for (const id of ['nothing', '%00', '..%2F..', 'x'.repeat(150)]) {
      // U+0000, which no name can hold, is refused before anything is looked for.
      const status = id === '%00' ? 400 : 404;
      expect((await terminal.get(`/v1/cases/${id}`)).status).toBe(status);
      expect((await ask(id)).status).toBe(status);
    }
    expect(await pull('a.b.c')).toMatchObject(refused(403, 'token_malformed'));
    expect(await pull('x'.repeat(9000))).toMatchObject(refused(400, 'request_invalid'));
    expect((await terminal.get('/v1/statistics?from=x&to=y')).status).toBe(403);
  });

  test('64 simultaneous redemptions of one consent through two processes: exactly one wins', async () => {
    const { token, phone } = await granted();
    const second = await city.startSecond();
    const secondUrl = `${await second.app.getUrl()}/v1/releases`;
    const accessToken = await terminal.token();
    const url = `${city.baseUrl}/v1/releases`;
    const body = new TextEncoder().encode(JSON.stringify({ token }));
    const results = await Promise.all(
      Array.from({ length: 64 }, async (_, n) => {
        const response = await fetch(n % 2 === 0 ? url : secondUrl, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            'idempotency-key': randomUUID(),
            authorization: `DPoP ${accessToken}`,
            dpop: terminal.key.proof({ method: 'POST', url, accessToken, body }),
          },
          body,
        });
        return { status: response.status, body: (await response.json()) as any };
      }),
    );
    expect(results.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(
      new Set(results.filter(({ status }) => status !== 200).map((each) => each.body.code)),
    ).toEqual(new Set(['consent_spent']));
    const { body: book } = await phone.get('/v1/phone/accesses');
    expect(book.accesses.filter(({ kind }: { kind: string }) => kind === 'released')).toHaveLength(
      1,
    );
  });
});

describe('before the yes', () => {
  test('a number that nobody knows, somebody without anything and somebody with everything get answers alike', async () => {
    const rich = await holder();
    await idCard(rich.number);
    const poor = await holder();
    const seen = [];
    for (const number of [rich.number, poor.number, inventedResidentId()]) {
      const opened = await openCase(number);
      const asked = await ask(opened.body.case);
      const at = `/v1/cases/${opened.body.case}/consents/${asked.body.consent}`;
      const answers = [
        opened,
        asked,
        await terminal.get(at),
        await terminal.get(`/v1/cases/${opened.body.case}`),
        await terminal.post(`${at}/token`),
      ];
      seen.push(
        answers.map(({ status, body }) => [
          status,
          JSON.stringify(body)
            .replaceAll(opened.body.case, 'CASE')
            .replaceAll(asked.body.consent, 'CONSENT')
            .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
            .replaceAll(/"number":"\d\d"/g, '"number":"NN"')
            .replaceAll(/"request":"[^"]+"/g, 'REQUEST'),
        ]),
      );
    }
    expect(seen[1]).toEqual(seen[0]);
    expect(seen[2]).toEqual(seen[0]);
  });
});

describe('proofs that a third party can verify', () => {
  const fetched = async (path: string) => {
    const response = await fetch(city.baseUrl + path);
    expect([path, response.status]).toEqual([path, 200]);
    return new Uint8Array(await response.arrayBuffer());
  };
  const policy = async () => parsePolicy(Buffer.from(await fetched('/log/policy')).toString());

  test('the reply’s receipt shows, offline, that the release is in the log; so does the one fetched later', async () => {
    const { token } = await granted();
    const { status, body } = await pull(token);
    expect(status).toBe(200);
    const { record, receipt } = body;
    const trusted = await policy();
    const later = await fetched(receipt.at);
    for (const bytes of [utf8Bytes(receipt.receipt), later])
      expect(verifyReceipt(bytes, trusted).leaf).toEqual(fromHex(record.hash));
    const otherHash = receipt.at.replace(/.$/, record.hash.endsWith('0') ? '1' : '0');
    expect((await fetch(`${city.baseUrl}${otherHash}`)).status).toBe(404);
  });
  test('the log commits to exactly the released data, for the release and for each reading', async () => {
    const { token, at } = await granted();
    const first = await pull(token);
    const again = await terminal.post(`${at}/read-again`);
    const trusted = await policy();
    const { rows } = await city.city.house.services.pool.query<{ stream: string }>(
      `SELECT stream FROM log_record WHERE stream LIKE 'subject-%'`,
    );
    expect(rows.length).toBeGreaterThan(0);
    for (const [{ status, body }, type] of [
      [first, 'ConsentRedeemed'],
      [again, 'ReleaseReadAgain'],
    ] as const) {
      expect([status, body.code]).toEqual([200, undefined]);
      const { handedOver, record, receipt } = body;
      const file = {
        handedOver,
        record: utf8Bytes(record.bytes),
        salt: record.salt,
        receipt: utf8Bytes(receipt.receipt),
      };
      const shown = verifyRelease(file, trusted);
      expect(shown.leaf).toEqual(fromHex(record.hash));
      expect(shown.record).toMatchObject({ type, stream: record.stream, version: record.version });
      const other = { ...handedOver, subject: `${handedOver.subject.slice(1)}A` };
      expect(() => verifyRelease({ ...file, handedOver: other }, trusted)).toThrow(
        expect.objectContaining({ code: 'handed_over_other' }),
      );
      // The ledger's own name for the holder does not leave with it.
      for (const { stream } of rows)
        expect(record.bytes).not.toContain(stream.slice('subject-'.length));
    }
  });
  test('the holder’s book is complete: contiguous, chained, each record sealed, up to a head that the city signed', async () => {
    const { token, phone } = await granted();
    const { body: released } = await pull(token);
    const { status, body } = await phone.get('/v1/phone/book');
    expect([status, body.code]).toEqual([200, undefined]);
    const book = {
      stream: body.stream,
      records: body.records.map(utf8Bytes),
      receipts: body.receipts.map(utf8Bytes),
      head: utf8Bytes(body.head),
    };
    const shown = verifyBook(book, await policy());
    expect(shown.records.map(({ type }) => type)).toEqual([
      'ConsentRequested',
      'ConsentGranted',
      'ConsentRedeemed',
    ]);
    expect(shown.leaves[2]).toEqual(fromHex(released.record.hash));
  });
  test('the published tiles give the root of the published checkpoint', async () => {
    const trusted = await policy();
    const [log] = trusted.logs;
    const { size, root } = openCheckpoint(
      await fetched('/log/checkpoint'),
      'trial.city.example',
      log!.key,
    );
    const tiles = new Map<string, Uint8Array>();
    for (let level = 0; size >= 256 ** level; level++) {
      const hashes = Math.floor(size / 256 ** level);
      for (let index = 0; index * 256 < hashes; index++) {
        const width = Math.min(256, hashes - index * 256);
        const path = tilePath({ level, index, width });
        tiles.set(`${level}/${index}`, await fetched(`/log/${path}`));
      }
    }
    expect(treeRoot(size, ({ level, index }) => tiles.get(`${level}/${index}`)!)).toEqual(root);
    for (const path of [
      '/log/tile/0/900',
      '/log/tile/0/000.p/0',
      '/log/tile/0/../../v1/cases',
      '/log/tile/63/000',
    ])
      expect((await fetch(city.baseUrl + path)).status).toBe(404);
    expect((await fetch(`${city.baseUrl}/log/tile/entries/000`)).status).toBe(401);
  });
});
