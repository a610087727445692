/* eslint-disable @typescript-eslint/no-unsafe-return -- tests look into bodies without declaring them */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { hash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { takeBackup } from '#libs/backup/postgres';
import { signedDigest } from '#libs/certificate';
import { signCertificate } from '#libs/department-client';
import { EventStore, type PositionedRecord, START } from '#libs/event-store';
import { migrationLock } from '#libs/platform';
import type { RecordName } from '#libs/sealing';
import { SubjectDirectory } from '#libs/subject';
import { Blobs, SubjectKeyAbsent, Vault } from '#libs/vault';
import { checkLedger } from '#libs/audit/ledger-check';
import type { CertificateVersion } from '../../libs/certificate/certificate.events.js';
import { VersionSeals } from '../../libs/certificate/version-seals.js';
import { leftOutOfBackups } from '../../libs/composition/schema.js';
import { EventStoreDouble } from '../eventstore/double.js';
import { type Answer, register, TestClient, TestPhone } from '../support/client.js';
import { TestKey } from '../support/keys.js';
import { admitSecond } from '../support/second-administrator.js';
import { done, type GrantedConsent, Town } from '../support/town.js';

let town: Town;
let second: TestClient;
let pool: pg.Pool;
/** Where the records are, if not in the database. */
let double: EventStoreDouble | undefined;

/** A unique text: a place where it is found holds the holder's data. */
const marker = (of: string) => `${of}${randomBytes(9).toString('hex')}`;

interface Marked extends GrantedConsent {
  readonly markers: readonly string[];
  readonly blob: string;
}

/**
 * A holder whose name, address and file are marked, whose ID card was released, and who granted one
 * consent more.
 */
async function markedHolder(): Promise<Marked> {
  const [name, address, page] = [marker('name'), marker('address'), marker('page')];
  const holder = await town.holder();
  const pdf = new TextEncoder().encode(`%PDF-1.7 ${page}`);
  const { blob, key, sha256 } = done(
    await town.authority.http.post('/v1/files', pdf, { contentType: 'application/pdf' }),
  );
  const card = town.card(holder.number);
  const sdJwt = await signCertificate(
    {
      ...card,
      fields: { ...card.fields, 姓名: name, 住址: address },
      files: { original: { sha256, mediaType: 'application/pdf' } },
    },
    town.authority.key,
  );
  const { certificate } = done(
    await town.authority.http.post('/v1/certificates', {
      sdJwt,
      files: [{ name: 'file.original', blob, key }],
    }),
  );
  await town.city.caughtUp();
  const asked = await town.asked(holder);
  done(await town.grant(holder, asked.consent));
  const token = await town.token(asked.at);
  return { ...asked, certificate, token, blob, markers: [name, address, page, holder.number] };
}

async function erase({ number }: { readonly number: string }) {
  const { erasure } = done(
    await town.city.admin.post('/v1/erasures', {
      identifier: { kind: '111', number },
      reason: 'consent-withdrawn',
    }),
  );
  const { subject } = done(await second.get(`/v1/erasures/${erasure}`));
  const { record } = done(await second.post(`/v1/erasures/${erasure}/approve`));
  return { erasure: erasure as string, subject: subject as string, record };
}

/**
 * Every spelling in which bytes may lie: as they are, in hexadecimal, in base64 from each of the
 * three places where they may begin.
 */
function spellings(text: string): string[] {
  const bytes = Buffer.from(text);
  const base64 = [0, 1, 2].map((before) =>
    Buffer.concat([Buffer.alloc(before), bytes, Buffer.alloc(3)])
      .toString('base64url')
      .slice(before === 0 ? 0 : 4, Math.floor(((before + bytes.length) * 8) / 6)),
  );
  return [text, bytes.toString('hex'), ...base64];
}
const isIn = (texts: readonly string[], sought: string): boolean => {
  const all = spellings(sought);
  return texts.some((text) => all.some((spelling) => text.includes(spelling)));
};

/** Every row of every table of every schema, as text; bytes in hexadecimal. By table. */
async function everyTable(): Promise<Map<string, string[]>> {
  const { rows: tables } = await pool.query<{ name: string }>(
    `SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) AS name FROM pg_tables
     WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
  );
  const found = new Map<string, string[]>();
  for (const { name } of tables) {
    const { rows } = await pool.query<{ text: string }>(`SELECT t::text AS text FROM ${name} AS t`);
    found.set(
      name,
      rows.map(({ text }) => text),
    );
  }
  return found;
}

const storeOfCity = () => town.city.city.app.get(EventStore, { strict: false });

/** Every record's bytes, as an export of the ledger holds them. */
async function copyOfRecords(): Promise<string[]> {
  const records: PositionedRecord[] = [];
  for (let last = START; ; last = records.at(-1)?.position ?? START) {
    const page = await storeOfCity().readAll(last, 1000);
    if (page.length === 0) return records.map(({ bytes }) => Buffer.from(bytes).toString('utf8'));
    records.push(...page);
  }
}

/**
 * What records say when everything in them is opened that the vault still opens: disclosures, and
 * the files that they name.
 */
async function decrypted(records: readonly string[]): Promise<string[]> {
  const { app } = town.city.city;
  const vault = app.get(Vault, { strict: false });
  const seals = app.get(VersionSeals, { strict: false });
  const texts: string[] = [];
  for (const record of records) {
    texts.push(record);
    const { type, stream, data } = JSON.parse(record);
    if (type !== 'CertificateIssued' && type !== 'CertificateAmended') continue;
    const version = data.version as CertificateVersion;
    const certificate = (stream as string).slice('certificate-'.length);
    for (const { subject, wrapped } of version.keys) {
      const key = await vault.unwrap(subject, wrapped).catch((error: unknown) => {
        if (error instanceof SubjectKeyAbsent) return null;
        throw error;
      });
      if (key === null) continue;
      for (const sealed of version.disclosures) {
        const disclosure = seals.openDisclosure(certificate, version.number, key, sealed);
        texts.push(Buffer.from(disclosure, 'base64url').toString('utf8'));
      }
      for (const file of version.files) {
        const bytes = await seals.openFile(certificate, version.number, key, file);
        if (bytes !== null) texts.push(Buffer.from(bytes).toString('utf8'));
      }
    }
  }
  return texts;
}

/** Everything that the city keeps in files: its log at the finest level, and its keys. */
const everyFile = (): Promise<string[]> => filesUnder(town.city.dataDir);

async function filesUnder(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  return Promise.all(
    names
      .filter((entry) => entry.isFile())
      .map((entry) => readFile(join(entry.parentPath, entry.name), 'latin1')),
  );
}

/** Every file of a backup, taken now while the city runs. */
async function backup(): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'mianzheng-erased-'));
  try {
    const target = join(folder, 'backup');
    await takeBackup(town.city.databaseUrl, {
      target,
      product: '0.0.0',
      city: 'trial.city.example',
      leftOut: leftOutOfBackups(double !== undefined),
      records: double === undefined ? 'here' : 'elsewhere',
      policy: null,
      migrationLock,
    });
    return await filesUnder(target);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The subject's key as the vault keeps it: wrapped under the master key. */
async function wrappedKey(subject: string): Promise<string> {
  const { rows } = await pool.query<{ wrapped: Buffer }>(
    'SELECT wrapped FROM vault.subject_key WHERE subject = $1',
    [subject],
  );
  return rows[0]?.wrapped.toString('latin1') ?? '';
}

/** The ledger's own id of whom a number belongs to, which no department is told. */
const subjectOf = async (number: string): Promise<string> =>
  (await town.city.city.app
    .get(SubjectDirectory, { strict: false })
    .find({ kind: '111', number })) ?? '';

const refused = (status: number, code: string) => ({ status, body: { code } });

/** The receipt of a record, which is there when it is under a checkpoint. */
async function sealed({ stream, version, hash: leaf }: RecordName): Promise<string | null> {
  return town.city.city.house.sealed.receipts.within({ stream, version, hash: leaf }, 20_000);
}

describe.each(['PostgreSQL', 'EventStoreDB'])('with the records in %s', (place) => {
  beforeAll(async () => {
    double = place === 'EventStoreDB' ? await EventStoreDouble.start() : undefined;
    town = await Town.start(double && { EVENT_STORE_URL: double.url });
    second = await admitSecond(storeOfCity(), town.city.admin);
    pool = new pg.Pool({ connectionString: town.city.databaseUrl, max: 2 });
  });
  afterAll(async () => {
    await pool.end();
    await town.stop();
    await double?.stop();
  });

  describe('after the erasure of a holder', () => {
    test('what was known of them is found in no table, blob, file, log line or opened record, nor brought back by a copy of the records', async () => {
      const holder = await markedHolder();
      done(await town.pull(holder.token));
      done(await holder.phone.get('/v1/phone/wallet'));
      await town.city.caughtUp();
      const copy = await copyOfRecords();
      const [key, older] = [await wrappedKey(await subjectOf(holder.number)), await backup()];
      for (const wrapping of ['base64', 'base64url', 'hex', 'utf8'] as const)
        for (const before of ['', 'x', 'xx'])
          expect(isIn([Buffer.from(`${before}sought it`).toString(wrapping)], 'sought')).toBe(true);
      // The search finds what is there: else it would prove nothing.
      const before = await decrypted(copy);
      for (const sought of holder.markers)
        expect([sought, isIn(before, sought)]).toEqual([sought, true]);
      const otherHolder = await markedHolder();
      // A backup of before the erasure holds the key: it is what the master key's rotation is for.
      expect([key.length > 32, older.some((text) => text.includes(key))]).toEqual([true, true]);

      const { subject } = await erase(holder);
      await town.city.caughtUp();

      const [tables, files, backedUp] = [await everyTable(), await everyFile(), await backup()];
      expect(backedUp.some((text) => text.includes(key))).toBe(false);
      expect(files.some((text) => text.includes('/v1/erasures'))).toBe(true);
      const views = [
        ...tables,
        ['files and log lines', files] as const,
        ['a backup', backedUp] as const,
        ['every record, opened', await decrypted(await copyOfRecords())] as const,
        ['an older copy of the records, opened', await decrypted(copy)] as const,
      ];
      for (const sought of holder.markers)
        for (const [name, texts] of views)
          expect([name, sought, isIn(texts, sought)]).toEqual([name, sought, false]);
      // Nothing leads to the subject any more but the ledger's own records, read models and the
      // tombstone of its key.
      for (const table of [
        'vault.lookup',
        'vault.phone_key',
        'vault.enrolment_code',
        'vault.blob_holder',
      ])
        expect([table, isIn(tables.get(table) ?? [], subject)]).toEqual([table, false]);
      expect(await town.city.city.app.get(Blobs, { strict: false }).get(holder.blob)).toBeNull();

      // No other subject lost anything.
      const kept = await decrypted(await copyOfRecords());
      for (const sought of otherHolder.markers) expect(isIn(kept, sought)).toBe(true);
    });

    test('every record’s hash and chain still holds, and the erasure has a receipt', async () => {
      const holder = await markedHolder();
      const before = await copyOfRecords();
      const { record } = await erase(holder);
      const after = await copyOfRecords();
      expect(after.slice(0, before.length)).toEqual(before);
      expect(await sealed(record)).not.toBeNull();
      const { findings } = await checkLedger(pool, town.city.databaseUrl, {
        city: 'trial.city.example',
        policy: town.city.city.house.sealed.policy.policy,
        threads: 0,
        ...(double !== undefined && { store: storeOfCity() }),
      });
      expect(findings).toEqual([]);
      const [stored] = await storeOfCity().readStream(record.stream, record.version);
      expect(stored?.hash).toBe(record.hash);
      expect(stored?.body).toMatchObject({ type: 'SubjectErased' });
      expect(hash('sha256', Buffer.concat([Buffer.from([0]), stored!.bytes]))).toBe(record.hash);
    });

    test('a release, a second reading and the wallet are refused with a reason, and the number is a stranger’s', async () => {
      const holder = await markedHolder();
      done(await town.pull(holder.token));
      const other = await town.asked(holder);
      done(await town.grant(holder, other.consent));
      const token = await town.token(other.at);
      const identify = () =>
        town.terminal.post('/v1/subjects/identify', {
          identifier: { kind: '111', number: holder.number },
          basis: 'document',
        });
      const { subject: known } = done(await identify());

      await erase(holder);

      expect(await town.pull(token)).toMatchObject(refused(404, 'subject_key_destroyed'));
      expect(await town.terminal.post(`${holder.at}/read-again`)).toMatchObject(
        refused(404, 'subject_key_destroyed'),
      );
      expect(await holder.phone.get('/v1/phone/wallet')).toMatchObject(
        refused(401, 'phone_unknown'),
      );
      expect(await holder.phone.get('/v1/phone/accesses')).toMatchObject(
        refused(401, 'phone_unknown'),
      );
      const { subject: stranger } = done(await identify());
      expect(stranger).not.toBe(known);
      // The same person comes back: a new subject, without certificates or history.
      const newPhone = new TestPhone(town.url);
      await town.enrol(holder.number, newPhone);
      expect(done(await newPhone.get('/v1/phone/wallet')).certificates).toEqual([]);
      expect(done(await newPhone.get('/v1/phone/accesses')).accesses).toEqual([]);
    });
  });

  test('another process, which has opened their data before, gives nothing of them either', async () => {
    const through = await (await town.city.startSecond()).app.getUrl();
    const holder = await markedHolder();
    const pull = (token: string) => town.terminal.post('/v1/releases', { token }, { through });
    const readAgain = () => town.terminal.post(`${holder.at}/read-again`, {}, { through });
    done(await pull(holder.token));
    done(await readAgain());
    done(await holder.phone.get('/v1/phone/wallet', { through }));
    const other = await town.asked(holder);
    done(await town.grant(holder, other.consent));
    const token = await town.token(other.at);

    await erase(holder);

    expect(await pull(token)).toMatchObject(refused(404, 'subject_key_destroyed'));
    expect(await readAgain()).toMatchObject(refused(404, 'subject_key_destroyed'));
    expect(await holder.phone.get('/v1/phone/wallet', { through })).toMatchObject(
      refused(401, 'phone_unknown'),
    );
  });

  test('a window that asked an erased holder withdraws its request, and learns nothing of the erasure', async () => {
    const asked = async () => town.asked(await town.holder());
    const [there, erased] = [await asked(), await asked()];
    await erase(erased);
    for (const act of ['get', 'withdraw', 'withdraw', 'get']) {
      const [known, gone] = await Promise.all(
        [there, erased].map(({ at }) =>
          act === 'get' ? town.terminal.get(at) : town.terminal.post(`${at}/withdraw`),
        ),
      );
      const plain = ({ status, body }: Answer) => [
        status,
        { ...body, consent: '', answerBy: '', number: typeof body.number },
      ];
      expect(plain(gone!)).toEqual(plain(known!));
      expect(gone!.status).toBe(200);
    }
    expect(done(await town.terminal.get(erased.at))).toMatchObject({
      state: 'ended',
      endReason: 'request_withdrawn',
    });
  });

  describe('of a certificate with two holders', () => {
    test('the other keeps everything, also what it says of the erased one, until the last is erased', async () => {
      const [gone, stays] = [await town.holder(), await town.holder()];
      const marks = { ofBoth: marker('both'), address: marker('address'), page: marker('page') };
      const pdf = new TextEncoder().encode(`%PDF-1.7 ${marks.page}`);
      const { blob, key, sha256 } = done(
        await town.authority.http.post('/v1/files', pdf, { contentType: 'application/pdf' }),
      );
      const card = town.card(stays.number);
      const content = {
        ...card,
        holders: [gone, stays].map(({ number }, n) => ({
          role: `spouse-${'ab'.charAt(n)}`,
          kind: '111' as const,
          number,
        })),
        fields: { ...card.fields, 姓名: marks.ofBoth, 住址: marks.address },
      };
      const files = { original: { sha256, mediaType: 'application/pdf' } };
      const sdJwt = await signCertificate({ ...content, files }, town.authority.key);
      const { certificate } = done(
        await town.authority.http.post('/v1/certificates', {
          sdJwt,
          files: [{ name: 'file.original', blob, key }],
        }),
      );
      // The advice that one would think of: a version that is the other's alone, and says nothing
      // of the first.
      const amended = await signCertificate(
        {
          ...content,
          holders: content.holders.slice(1),
          version: 2,
          supersedes: { digest: signedDigest(sdJwt.split('~')[0] ?? ''), reason: 'change' },
          fields: { ...card.fields, 姓名: marks.ofBoth },
        },
        town.authority.key,
      );
      done(
        await town.authority.http.post(`/v1/certificates/${certificate}/amend`, { sdJwt: amended }),
      );
      await town.city.caughtUp();

      await erase(gone);

      expect(await gone.phone.get('/v1/phone/wallet')).toMatchObject(refused(401, 'phone_unknown'));
      const asked = await town.asked(stays);
      done(await town.grant(stays, asked.consent));
      const { handedOver } = done(await town.pull(await town.token(asked.at)));
      expect(handedOver.materials[0].fields.姓名).toBe(marks.ofBoth);
      const { certificates } = done(await stays.phone.get('/v1/phone/wallet'));
      expect(JSON.stringify(certificates)).toContain(marks.ofBoth);
      expect(JSON.stringify(certificates)).not.toContain(gone.number);
      // What privacy.md says that remains: everything of the first version, for who has the other's
      // key.
      const remains = await decrypted(await copyOfRecords());
      for (const sought of [gone.number, stays.number, ...Object.values(marks)])
        expect([sought, isIn(remains, sought)]).toEqual([sought, true]);

      await erase(stays);
      const after = await decrypted(await copyOfRecords());
      for (const sought of [gone.number, stays.number, ...Object.values(marks)])
        expect([sought, isIn(after, sought)]).toEqual([sought, false]);
      expect(await town.city.city.app.get(Blobs, { strict: false }).get(blob)).toBeNull();
    });
  });

  describe('after the erasure of who showed a code', () => {
    test('the QR code that an erased person showed before opens nothing, and adds nothing to the book', async () => {
      const holder = await town.holder();
      const [shown, spare] = [
        done(await holder.phone.post('/v1/phone/codes')).code as string,
        done(await holder.phone.post('/v1/phone/codes')).code as string,
      ];
      const openBy = (code: string) =>
        town.terminal.post('/v1/cases', {
          matter: 'SX0001',
          participants: [{ role: 'applicant', code }],
        });
      const { case: atCase } = done(await openBy(shown));
      const { subject } = await erase(holder);
      const book = `book-${subject}`;
      const before = await storeOfCity().readStream(book);
      const { status, body } = await openBy(spare);
      const unknown = await openBy('A'.repeat(22));
      expect([status, body.code]).toEqual([unknown.status, unknown.body.code]);
      expect(status).toBeGreaterThanOrEqual(400);
      await town.ask(atCase);
      await openBy(shown);
      expect(await storeOfCity().readStream(book)).toHaveLength(before.length);
    });
  });

  describe('an erasure is refused', () => {
    const ask = (number: string) =>
      town.city.admin.post('/v1/erasures', {
        identifier: { kind: '111', number },
        reason: 'purpose-ended',
      });

    test('by one administrator alone, and to whoever is none', async () => {
      const { number } = await town.holder();
      const { erasure } = done(await ask(number));
      const approve = `/v1/erasures/${erasure}/approve`;
      expect(await town.city.admin.post(approve)).toMatchObject(
        refused(403, 'erasure_needs_second_administrator'),
      );
      expect(await town.terminal.post(approve)).toMatchObject(refused(403, 'scope_missing'));
      expect(done(await second.get(`/v1/erasures/${erasure}`))).toMatchObject({
        state: 'requested',
        requestedBy: 'administrator',
        record: null,
      });
      // A repeated request, by any administrator, returns the same one.
      expect(done(await ask(number))).toMatchObject({ erasure });
      const { record } = done(await second.post(approve));
      expect(done(await second.post(approve)).record).toEqual(record);
      expect(done(await second.get(`/v1/erasures/${erasure}`))).toMatchObject({
        state: 'erased',
        record,
      });
      expect(await ask(number)).toMatchObject(refused(404, 'subject_absent'));
    });

    test('by one administrator who registered a second client', async () => {
      const { number } = await town.holder();
      const { erasure } = done(await ask(number));
      const approve = `/v1/erasures/${erasure}/approve`;
      const notIndependent = refused(403, 'erasure_administrators_not_independent');
      const puppet = await register(town.city.admin, { kind: 'administrator', department: '法制' });
      expect(await puppet.post(approve)).toMatchObject(notIndependent);
      // The registrar of a client's first key can give it the second one.
      const key = new TestKey();
      done(
        await puppet.post(`/v1/clients/${puppet.client}/keys`, await key.provedFor(puppet.client)),
      );
      const again = new TestClient(town.url, puppet.client, key, puppet.scopes);
      expect(await again.post(approve)).toMatchObject(notIndependent);
      const another = await register(again, { kind: 'administrator', department: '法制' });
      expect(await another.post(approve)).toMatchObject(notIndependent);
      done(await town.city.admin.post(`/v1/erasures/${erasure}/withdraw`));
      const byPuppet = done(
        await another.post('/v1/erasures', {
          identifier: { kind: '111', number },
          reason: 'purpose-ended',
        }),
      ).erasure;
      expect(await town.city.admin.post(`/v1/erasures/${byPuppet}/approve`)).toMatchObject(
        notIndependent,
      );
      expect(done(await second.get(`/v1/erasures/${byPuppet}`))).toMatchObject({
        requestedBy: another.client,
        requesterKeyFrom: [puppet.client, 'administrator'],
        approvedBy: null,
        approverKeyFrom: [],
      });
      done(await second.post(`/v1/erasures/${byPuppet}/approve`));
      expect(done(await second.get(`/v1/erasures/${byPuppet}`))).toMatchObject({
        approvedBy: 'second-administrator',
        approverKeyFrom: [],
      });
    });

    test('while a legal hold stands, asked for before or after', async () => {
      const { number } = await town.holder();
      const place = () =>
        town.city.admin.post('/v1/legal-holds', {
          identifier: { kind: '111', number },
          basis: 'litigation',
        });
      const lift = async (hold: string) =>
        done(await second.post(`/v1/legal-holds/${hold}/lift`, { basis: 'ended' }));
      const { hold } = done(await place());
      expect(await ask(number)).toMatchObject(refused(403, 'erasure_on_legal_hold'));
      await lift(hold);
      const { erasure } = done(await ask(number));
      const { hold: later } = done(await place());
      const listed = async (list: string): Promise<unknown[]> =>
        done(await second.get(`/v1/${list}`))[list === 'erasures' ? list : 'holds'];
      expect(await listed('erasures')).toContainEqual(
        expect.objectContaining({ erasure, state: 'requested', holds: ['litigation'] }),
      );
      const { subject } = done(await second.get(`/v1/erasures/${erasure}`));
      expect(await listed('legal-holds')).toContainEqual({
        hold: later,
        subject,
        basis: 'litigation',
      });
      expect(await second.post(`/v1/erasures/${erasure}/approve`)).toMatchObject(
        refused(403, 'erasure_on_legal_hold'),
      );
      await lift(later);
      expect(JSON.stringify(await listed('legal-holds'))).not.toContain(subject);
      done(await second.post(`/v1/erasures/${erasure}/approve`));
      expect(JSON.stringify(await listed('erasures'))).not.toContain(erasure);
      expect(await town.terminal.get('/v1/legal-holds')).toMatchObject(
        refused(403, 'scope_missing'),
      );
      expect(await second.post(`/v1/legal-holds/${later}/lift`, { basis: 'ended' })).toMatchObject(
        refused(404, 'legal_hold_absent'),
      );
    });

    test('of nobody, of a wrong number, of two at once', async () => {
      const post = (body: object) =>
        town.city.admin.post('/v1/erasures', { reason: 'unlawful', ...body });
      const subject = randomBytes(16).toString('base64url');
      expect(await post({ subject })).toMatchObject(refused(404, 'subject_absent'));
      expect(await post({ subject: null })).toMatchObject(refused(400, 'request_invalid'));
      expect(await post({})).toMatchObject(refused(400, 'whom_ambiguous'));
      expect(
        await post({ subject, identifier: { kind: '111', number: '11010519491231002X' } }),
      ).toMatchObject(refused(400, 'whom_ambiguous'));
      expect(
        await post({ identifier: { kind: '111', number: '110105194912310021' } }),
      ).toMatchObject(refused(400, 'identifier_check_failed'));
    });
  });
});
