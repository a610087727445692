import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { checkLedger } from '#libs/audit/ledger-check';
import { Books } from '#libs/consent';
import { utf8Bytes } from '#libs/kernel';
import { parsePolicy, verifyBook, verifyRelease } from '#libs/verify';
import { inventedResidentId } from '../support/authority.js';
import { startCity, type TestCity } from '../support/city.js';
import { fundRecord, PrintScene, type Tamper, TestSource } from '../support/proof-source.js';

/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-return -- tests look into bodies without declaring them */

let city: TestCity;
let source: TestSource;
let scene: PrintScene;

beforeAll(async () => {
  city = await startCity();
  scene = await PrintScene.on(city);
  source = await TestSource.beside(city);
});
afterAll(async () => {
  await source.close();
  await city.stop();
});

const refused = (status: number, code: string) => ({ status, body: { code } });
const kinds = (body: any) => body.accesses.map(({ kind }: { kind: string }) => kind);

describe('a print at a kiosk', () => {
  test('a proof is made on a yes, out of the department’s records, released once, and printed again by a second reading', async () => {
    const holder = await scene.holder();
    await source.start([fundRecord(holder.number)]);
    const { body: opened } = await scene.open(holder.number);
    expect(opened.requirements).toMatchObject([{ material: 'ZM001', state: 'exemptible' }]);
    const { body: asked } = await scene.ask(opened.case);
    expect(asked).toMatchObject({ state: 'waiting' });
    const { body: shown } = await holder.phone.get(`/v1/phone/consents/${asked.consent}`);
    expect(shown).toMatchObject({ action: 'print', window: 'kiosk-1' });
    expect(shown.notice.zh).toMatch(/自助终端“kiosk-1”[^]*打印成纸[^]*住房公积金/);
    expect(shown.notice.en).toMatch(/kiosk “kiosk-1”[^]*printed on paper[^]*Provident Fund/);
    expect(await scene.grant(holder, asked.consent, asked.number)).toMatchObject({ status: 200 });

    const at = `/v1/cases/${opened.case}/consents/${asked.consent}`;
    const print = await scene.pull(at, holder.number);
    expect({ status: print.status, code: print.body.code }).toEqual({ status: 200 });
    const { handedOver, record, receipt } = print.body;
    expect(handedOver).toMatchObject({ action: 'print', basis: 'consent', missing: [] });
    expect(handedOver.materials).toMatchObject([
      { type: 'ZM001', authority: source.creditCode, version: 1, absentFields: [] },
    ]);
    expect(handedOver.materials[0].fields).toMatchObject({
      证件号码: holder.number,
      账户余额: 45678.9,
      出具日期: new Date(Date.now() + 8 * 3600_000).toISOString().slice(0, 10),
    });
    expect(receipt).toHaveProperty('at');

    const again = await scene.kiosk.post(`${at}/read-again`);
    expect(again).toMatchObject({ status: 200, body: { reading: 1 } });
    expect(again.body.handedOver.materials[0].signed).toBe(handedOver.materials[0].signed);
    expect(await scene.kiosk.post(`${at}/token`)).toMatchObject(refused(403, 'consent_spent'));

    const { body: book } = await holder.phone.get('/v1/phone/accesses');
    expect(kinds(book)).toEqual(['requested', 'granted', 'released', 'read-again']);
    expect(book.accesses[2]).toMatchObject({ hash: record.hash, action: 'print' });
    await city.caughtUp();
    const { body: wallet } = await holder.phone.get('/v1/phone/wallet');
    expect(wallet.certificates).toMatchObject([{ type: 'ZM001', standing: 'valid' }]);

    const { body: whole } = await holder.phone.get('/v1/phone/book');
    const onFile = {
      stream: whole.stream,
      records: whole.records.map(utf8Bytes),
      receipts: whole.receipts.map(utf8Bytes),
      head: utf8Bytes(whole.head),
    };
    const policy = parsePolicy(await readFile(city.city.house.sealed.policyFile));
    expect(verifyBook(onFile, policy).records).toHaveLength(4);
    const onPaper = {
      handedOver,
      record: utf8Bytes(record.bytes),
      salt: record.salt,
      receipt: utf8Bytes(whole.receipts[2]),
    };
    expect(verifyRelease(onPaper, policy).record).toMatchObject({ type: 'ConsentRedeemed' });
    const read = { ...handedOver, action: 'read' };
    expect(() => verifyRelease({ ...onPaper, handedOver: read }, policy)).toThrow(
      expect.objectContaining({ code: 'release_of_other_terms' }),
    );
  });

  test('a department that is away makes nothing, and spends nothing: the same yes prints when it is back', async () => {
    const holder = await scene.holder();
    await source.start([fundRecord(holder.number)]);
    const { at } = await scene.granted(holder);
    await source.stop();
    expect(await scene.pull(at, holder.number)).toMatchObject(refused(503, 'proof_source_away'));
    await city.caughtUp();
    expect((await holder.phone.get('/v1/phone/wallet')).body.certificates).toEqual([]);
    expect(kinds((await holder.phone.get('/v1/phone/accesses')).body)).toEqual([
      'requested',
      'granted',
    ]);
    await source.start();
    expect((await scene.pull(at, holder.number)).status).toBe(200);
  });

  test('what the department has no record of is told after the yes, and stands in the book', async () => {
    const holder = await scene.holder();
    await source.start([fundRecord(inventedResidentId())]);
    const { at } = await scene.granted(holder);
    expect(await scene.pull(at, holder.number)).toMatchObject(refused(403, 'record_absent'));
    const { body: book } = await holder.phone.get('/v1/phone/accesses');
    expect(kinds(book)).toEqual(['requested', 'granted', 'nothing-released']);
  });

  test('before the yes nothing is asked of the department, and answers are alike for whoever it is', async () => {
    const known = await scene.holder();
    await source.start([fundRecord(known.number)]);
    // A source that would fail shows that it is not asked.
    await source.tell('http://127.0.0.1:9');
    const shapes = [];
    for (const number of [known.number, inventedResidentId()]) {
      const opened = await scene.open(number);
      const asked = await scene.ask(opened.body.case);
      const at = `/v1/cases/${opened.body.case}/consents/${asked.body.consent}`;
      const state = await scene.kiosk.get(at);
      const token = await scene.kiosk.post(`${at}/token`);
      shapes.push(
        [opened, asked, state, token].map(({ status, body }) => [
          status,
          Object.keys(body),
          body.code ?? body.state ?? null,
          JSON.stringify(body).length,
        ]),
      );
    }
    expect(shapes[0]).toEqual(shapes[1]);
  });
});

describe('whom the department is asked about', () => {
  test('a holder whose code was scanned, by the number that a certificate attests', async () => {
    const holder = await scene.holder();
    await source.start([fundRecord(holder.number)]);
    const read = await scene.granted(holder);
    expect((await scene.pull(read.at, holder.number)).status).toBe(200);
    await city.caughtUp();
    const { body: code } = await holder.phone.post('/v1/phone/codes');
    const { body: opened } = await scene.open(holder.number, 'DY0001', scene.kiosk, {
      participants: [{ role: 'applicant', code: code.code }],
    });
    const { body: asked } = await scene.ask(opened.case);
    expect(asked.number).toBeNull();
    await scene.grant(holder, asked.consent, null);
    const at = `/v1/cases/${opened.case}/consents/${asked.consent}`;
    // A kiosk that read no document learns no number by trying one.
    expect(await scene.pull(at, holder.number)).toMatchObject(
      refused(403, 'token_for_another_release'),
    );
    const print = await scene.pull(at, null);
    expect(print).toMatchObject({ status: 200 });
    expect(print.body.handedOver.materials[0].fields.证件号码).toBe(holder.number);
  });

  test('nobody, where no certificate attests a number and no document was read', async () => {
    const holder = await scene.holder();
    await source.start([fundRecord(holder.number)]);
    const { at } = await scene.granted(holder);
    expect(await scene.pull(at, null)).toMatchObject(refused(403, 'holder_number_unknown'));
    expect(source.asked).toBe(0);
    expect((await scene.pull(at, holder.number)).status).toBe(200);
  });

  test('a type that no service is named for is not made, and spends nothing', async () => {
    const holder = await scene.holder();
    await source.start([fundRecord(holder.number)]);
    const { at } = await scene.granted(holder, 'DY0002', ['ZM002']);
    expect(await scene.pull(at, holder.number)).toMatchObject(refused(403, 'proof_source_missing'));
    expect(kinds((await holder.phone.get('/v1/phone/accesses')).body)).toEqual([
      'requested',
      'granted',
    ]);
  });

  test('a certificate of one’s own is printed as it is, and a case names which', async () => {
    const holder = await scene.holder();
    await source.start([fundRecord(holder.number)]);
    const made = await scene.granted(holder);
    expect((await scene.pull(made.at, holder.number)).status).toBe(200);
    expect((await scene.open(holder.number, 'DY0027')).body.code).toBe('materials_missing');
    const unknown = await scene.open(holder.number, 'DY0027', scene.kiosk, {
      materials: ['ZM001'],
    });
    expect(unknown).toMatchObject(refused(404, 'material_absent'));
    const materials = ['ZZ001'];
    const { at } = await scene.granted(holder, 'DY0027', materials, { materials });
    expect(await scene.pull(at, null)).toMatchObject(refused(403, 'holder_has_none'));
    expect(source.asked).toBe(1);
  });

  test('a decision is printed again, and no service is asked for it', async () => {
    const holder = await scene.holder();
    await source.start([]);
    const { at } = await scene.granted(holder, 'DY0016', ['ZM016']);
    expect(await scene.pull(at, holder.number)).toMatchObject(refused(403, 'holder_has_none'));
    expect(source.asked).toBe(0);
  });
});

describe('a print that was interrupted', () => {
  test('behind the record of the proof goes on with it: one certificate, one release', async () => {
    const holder = await scene.holder();
    await source.start([fundRecord(holder.number)]);
    const { at } = await scene.granted(holder);
    const books = city.city.app.get(Books);
    const decide = jest
      .spyOn(books, 'decide')
      .mockRejectedValueOnce(new Error('the process ended'));
    expect((await scene.pull(at, holder.number)).status).toBe(500);
    decide.mockRestore();
    await city.caughtUp();
    expect((await holder.phone.get('/v1/phone/wallet')).body.certificates).toHaveLength(1);
    // The service was killed, too, and answers the same out of its journal.
    await source.start();
    expect((await scene.pull(at, holder.number)).status).toBe(200);
    await city.caughtUp();
    expect((await holder.phone.get('/v1/phone/wallet')).body.certificates).toHaveLength(1);
    expect(kinds((await holder.phone.get('/v1/phone/accesses')).body)).toEqual([
      'requested',
      'granted',
      'released',
    ]);
  });

  test('two kiosk processes with one yes print once', async () => {
    const holder = await scene.holder();
    await source.start([fundRecord(holder.number)]);
    const { at } = await scene.granted(holder);
    const prints = await Promise.all([
      scene.pull(at, holder.number),
      scene.pull(at, holder.number),
      scene.pull(at, holder.number),
    ]);
    expect(prints.map(({ status }) => status).sort()).toEqual([200, 403, 403]);
    await city.caughtUp();
    expect((await holder.phone.get('/v1/phone/wallet')).body.certificates).toHaveLength(1);
  });
});

describe('nothing goes round the rules', () => {
  test('a kiosk opens cases of self-service matters alone, of one person, and a window none of them', async () => {
    const { number } = await scene.holder();
    expect(await scene.open(number, 'SX0001')).toMatchObject(
      refused(403, 'matter_not_self_service'),
    );
    expect(await scene.open(number, 'DY0001', scene.window)).toMatchObject(
      refused(403, 'matter_self_service'),
    );
    const two = ['applicant', 'spouse'].map((role) => ({
      role,
      identifier: { kind: '111', number: role === 'spouse' ? inventedResidentId() : number },
    }));
    const { status, body } = await scene.open(number, 'DY0001', scene.kiosk, { participants: two });
    expect([status, body.code]).toEqual([400, 'participants_too_many']);
    const named = await scene.open(number, 'SX0001', scene.window, { materials: ['ZZ001'] });
    expect([named.status, named.body.code]).toEqual([400, 'materials_of_matter']);
  });

  test('a window that wants to print, and a kiosk that wants to read, are refused before the holder is asked', async () => {
    const holder = await scene.holder();
    const { body: atWindow } = await scene.open(holder.number, 'SX0001', scene.window);
    expect(await scene.ask(atWindow.case, ['ZZ001'], scene.window, 'print')).toMatchObject(
      refused(403, 'action_not_of_case'),
    );
    const { body: atKiosk } = await scene.open(holder.number);
    expect(await scene.ask(atKiosk.case, ['ZM001'], scene.kiosk, 'read')).toMatchObject(
      refused(403, 'action_not_of_case'),
    );
    const { body: list } = await holder.phone.get('/v1/phone/consents');
    expect(list.consents).toEqual([]);
  });

  test('a window in the place of a kiosk does not use its case', async () => {
    const holder = await scene.holder();
    const inItsPlace = await scene.terminalAt('kiosk-1');
    const { body: opened } = await scene.open(holder.number);
    for (const action of ['read', 'print'])
      expect(await scene.ask(opened.case, ['ZM001'], inItsPlace, action)).toMatchObject(
        refused(403, 'action_not_of_case'),
      );
    const brought = await scene.kiosk.post(`/v1/cases/${opened.case}/materials/ZM001/bring`, {
      reason: 'holder_prefers_paper',
    });
    expect(brought).toMatchObject(refused(409, 'case_self_service'));
  });

  test('a yes to print serves no reading, and nothing is asked of the department for one', async () => {
    const holder = await scene.holder();
    await source.start([fundRecord(holder.number)]);
    const { at } = await scene.granted(holder);
    for (const action of ['read', undefined])
      expect(await scene.pull(at, null, { action })).toMatchObject(
        refused(403, 'consent_for_other_action'),
      );
    expect(source.asked).toBe(0);
    expect((await scene.pull(at, holder.number)).status).toBe(200);
    expect(source.asked).toBe(1);
  });

  test('another kiosk, another’s token, another type and another number print nothing', async () => {
    const [holder, other] = [await scene.holder(), await scene.holder()];
    await source.start([fundRecord(holder.number), fundRecord(other.number)]);
    const { at, atCase } = await scene.granted(holder);
    expect(await scene.otherKiosk.post(`${at}/token`)).toMatchObject(
      refused(403, 'case_of_another_window'),
    );
    const token = await scene.token(at);
    expect(await scene.otherKiosk.post('/v1/releases', { token, action: 'print' })).toMatchObject(
      refused(403, 'token_of_another_client'),
    );
    expect(await scene.ask(atCase, ['ZM002'])).toMatchObject(refused(404, 'material_absent'));
    expect(await scene.pull(at, other.number)).toMatchObject(refused(403, 'holder_number_unknown'));
    expect(source.asked).toBe(0);
  });

  test('a spent, an ended and a withdrawn yes make nothing', async () => {
    const holder = await scene.holder();
    await source.start([fundRecord(holder.number)]);
    const { at, consent } = await scene.granted(holder);
    const token = await scene.token(at);
    await holder.phone.post(`/v1/phone/consents/${consent}/withdraw`);
    expect(await scene.kiosk.post('/v1/releases', { token, action: 'print' })).toMatchObject(
      refused(403, 'consent_withdrawn'),
    );
    const second = await scene.granted(holder);
    const again = await scene.token(second.at);
    expect((await scene.pull(second.at, holder.number)).status).toBe(200);
    expect(source.asked).toBe(1);
    expect(
      await scene.kiosk.post('/v1/releases', {
        token: again,
        action: 'print',
        identifier: { kind: '111', number: holder.number },
      }),
    ).toMatchObject(refused(403, 'consent_spent'));
    await scene.kiosk.post(`/v1/cases/${second.atCase}/close`, { outcome: 'accepted' });
    expect(await scene.kiosk.post(`${second.at}/read-again`)).toMatchObject(
      refused(409, 'case_closed'),
    );
    expect(source.asked).toBe(1);
  });

  test('what is withdrawn while the department answers is neither made nor released', async () => {
    const holder = await scene.holder();
    await source.start([fundRecord(holder.number)]);
    const { at, consent } = await scene.granted(holder);
    source.whileAnswering = async () => {
      await holder.phone.post(`/v1/phone/consents/${consent}/withdraw`);
    };
    expect(await scene.pull(at, holder.number)).toMatchObject(refused(403, 'consent_withdrawn'));
    expect(source.asked).toBe(1);
    await city.caughtUp();
    expect((await holder.phone.get('/v1/phone/wallet')).body.certificates).toEqual([]);
  });
});

describe('what a department answers is judged like everything that enters', () => {
  test.each<[string, string, Tamper]>([
    ['an answer of another authority’s key', 'jws_key_unknown', { signsWith: 'another' }],
    ['an answer to another request', 'jws_payload_malformed', { request: 'another' }],
    ['another SD-JWT beside the answer', 'jws_payload_malformed', { sdJwt: 'another' }],
    ['a statement of another holder', 'holders_wrong', { holder: 'another' }],
    ['a statement of another type', 'claim_wrong', { type: 'ZM007' }],
    ['a statement of two hours ago', 'claim_wrong', { asOf: 'old' }],
    ['a statement without a time', 'claim_wrong', { asOf: null }],
    ['a field that the type has not', 'field_unknown', { field: 'more' }],
    ['a field that is missing', 'field_wrong', { field: 'less' }],
    ['no JSON', 'json', { body: 'no JSON' }],
    ['more than may be', 'size', { body: 'x'.repeat(400_000) }],
  ])('%s makes nothing, and spends nothing', async (_, check, tamper) => {
    const holder = await scene.holder();
    await source.start([fundRecord(holder.number)]);
    const { at } = await scene.granted(holder);
    source.tamper = tamper;
    const { status, body } = await scene.pull(at, holder.number);
    expect([status, body.code, body.facts?.check]).toEqual([503, 'proof_answer_refused', check]);
    await city.caughtUp();
    expect((await holder.phone.get('/v1/phone/wallet')).body.certificates).toEqual([]);
    source.tamper = null;
    expect((await scene.pull(at, holder.number)).status).toBe(200);
  });
});

test('the whole ledger holds, prints included', async () => {
  const pool = new pg.Pool({ connectionString: city.databaseUrl, max: 2 });
  try {
    const policy = city.city.house.sealed.policy.policy;
    const { findings } = await checkLedger(pool, city.databaseUrl, {
      city: 'trial.city.example',
      policy,
      threads: 0,
    });
    expect(findings).toEqual([]);
  } finally {
    await pool.end();
  }
});
