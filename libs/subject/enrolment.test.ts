import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomBytes, randomInt } from 'node:crypto';
import { type CommandContext, START } from '#libs/event-store';
import { MemoryEventStore } from '#libs/event-store/memory';
import {
  type ClientCaller,
  ClientDirectory,
  DailyHolders,
  type PhoneCaller,
  principalOf,
  type RegisteredClient,
} from '#libs/identity';
import { Clock, plusSeconds, residentIdCheck } from '#libs/kernel';
import { keyDigits } from '#libs/verify';
import { TestKey } from '../../test/support/keys.js';
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.js';
import { KeyRing, VaultKeys } from '../vault/postgres/keys.js';
import { HmacSecrets } from '../vault/postgres/ledger-secrets.js';
import { HmacPairwise } from '../vault/postgres/pairwise.js';
import { createVault } from '../vault/vault.migrations.js';
import { createSubject } from './subject.migrations.js';
import { ConfirmEnrolment, ConfirmEnrolmentHandler } from './commands/confirm-enrolment.js';
import { IdentifySubject, IdentifySubjectHandler } from './commands/identify-subject.js';
import { OpenTypedCode, OpenTypedCodeHandler } from './commands/open-typed-code.js';
import { OfferPhoneKey, OfferPhoneKeyHandler } from './commands/offer-phone-key.js';
import { OpenEnrolment, OpenEnrolmentHandler } from './commands/open-enrolment.js';
import { RevokePhoneKey, RevokePhoneKeyHandler } from './commands/revoke-phone-key.js';
import { PostgresSubjectDirectory } from './directory.postgres.js';
import { EnrolmentCodes } from './enrolment-codes.js';
import { enrolmentCodeHash } from './enrolment.statements.js';
import { PostgresPhoneKeys } from './phone-keys.postgres.js';
import { GrantsOfKeys } from './ports.js';
import { FindEnrolment, FindEnrolmentHandler } from './queries/enrolment.js';
import { TypedCodes } from './typed-codes.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
  await createVault(database.pool);
  await createSubject(database.pool);
});
afterAll(() => database.drop());

const start = '2026-11-22T08:00:00.000Z';
const seconds = (instant: string) => Math.floor(Date.parse(instant) / 1000);

/** A resident id number that belongs to no person: no area code starts with 99. */
function inventNumber(): string {
  const first17 = `99${String(randomInt(0, 10_000)).padStart(4, '0')}19${randomInt(50, 99)}0101${String(randomInt(0, 1000)).padStart(3, '0')}`;
  return first17 + (residentIdCheck(first17) ?? '');
}

class Terminals extends ClientDirectory {
  readonly known = new Map<string, RegisteredClient>();
  find(client: string) {
    return Promise.resolve(this.known.get(client) ?? null);
  }
  forget() {
    // nothing is remembered
  }
}
class Counted extends DailyHolders {
  readonly counted: string[] = [];
  count(caller: ClientCaller, holders: readonly string[]) {
    this.counted.push(...holders.map((holder) => `${caller.client} ${holder}`));
    return Promise.resolve();
  }
  check = () => Promise.resolve();
  question = () => Promise.resolve();
}

class EndedGrants extends GrantsOfKeys {
  readonly ended: string[] = [];
  end(_: CommandContext, subject: string, jkts: readonly string[]) {
    this.ended.push([subject, ...jkts].join(' '));
    return Promise.resolve();
  }
}

/** Handlers as in the product on the shared database, with the test's clock and clients. */
function house() {
  const { pool } = database;
  const store = new MemoryEventStore('city.example');
  const secret = () => new KeyRing(randomBytes(32).toString('base64url'));
  const keys = new VaultKeys(secret(), secret());
  const directory = new PostgresSubjectDirectory(pool, keys, store);
  const [pairwise, codes, phoneKeys] = [
    new HmacPairwise(keys),
    new EnrolmentCodes(pool),
    new PostgresPhoneKeys(pool, store),
  ];
  const [terminals, holders] = [new Terminals(), new Counted()];
  let now = start;
  const clock = new (class extends Clock {
    now() {
      return now;
    }
  })();
  const command = (): CommandContext => ({
    actor: { client: 'anyone' },
    idempotencyKey: randomBytes(16).toString('hex'),
    seed: randomBytes(32).toString('hex'),
    now,
  });
  const as = (caller: ClientCaller): CommandContext => ({
    ...command(),
    actor: { client: caller.client },
  });
  const identifying = new IdentifySubjectHandler(store, directory, holders, pairwise);
  const typedCodes = new TypedCodes(pool, new HmacSecrets(keys));
  const opening = new OpenEnrolmentHandler(store, directory, holders, codes, typedCodes);
  const typing = new OpenTypedCodeHandler(typedCodes);
  const offering = new OfferPhoneKeyHandler(store, codes, phoneKeys);
  const confirming = new ConfirmEnrolmentHandler(store, codes, terminals, pairwise);
  const grants = new EndedGrants();
  const revoking = new RevokePhoneKeyHandler(store, grants);
  const finding = new FindEnrolmentHandler(store, codes, pairwise, clock, typedCodes);
  const proofOf = (phone: TestKey, code: string, claims: object = {}, header: object = {}) =>
    phone.sign(
      { typ: 'phone-key+jws', ...header },
      { codeHash: enrolmentCodeHash(code), jkt: phone.jkt, iat: seconds(now), ...claims },
    );
  return {
    store,
    pool,
    directory,
    pairwise,
    phoneKeys,
    holders,
    grants,
    command,
    as,
    later: (by: number) => (now = plusSeconds(now, by)),
    now: () => now,
    terminal(department = 'hr') {
      const key = new TestKey();
      const client = `terminal-${randomBytes(6).toString('hex')}`;
      const shared = {
        client,
        kind: 'terminal' as const,
        name: client,
        department,
        window: 'w1',
        town: null,
        authority: null,
      };
      terminals.known.set(client, {
        ...shared,
        scopes: ['subjects:identify'],
        signIn: 'client',
        keys: [{ kid: key.jkt, alg: key.alg, jwk: key.jwk }],
        enabled: true,
      });
      const caller: ClientCaller = {
        ...shared,
        is: 'client',
        scopes: new Set(['subjects:identify']),
        jkt: key.jkt,
      };
      return { key, caller };
    },
    identify: (caller: ClientCaller, number: string, context = as(caller)) =>
      identifying.execute(
        new IdentifySubject(context, caller, { kind: '111', number }, 'document'),
      ),
    open: (caller: ClientCaller, number: string, context = as(caller)) =>
      opening.execute(new OpenEnrolment(context, caller, { kind: '111', number })),
    proof: proofOf,
    offer(phone: TestKey, code: string, proof = proofOf(phone, code), context = command()) {
      const jwk = phone.jwk as Record<string, unknown>;
      return offering.execute(new OfferPhoneKey(context, code, jwk, proof));
    },
    type: (handle: string, digits: string) =>
      typing.execute(new OpenTypedCode(command(), handle, digits)),
    find: (caller: ClientCaller, enrolment: string) =>
      finding.execute(new FindEnrolment(caller, enrolment)),
    statement: (
      terminal: TestKey,
      says: { sub: string; enrolment: string; jkt: string },
      claims: object = {},
      header: object = {},
    ) =>
      terminal.sign(
        { typ: 'enrolment+jws', kid: terminal.jkt, ...header },
        { ...says, iat: seconds(now), ...claims },
      ),
    confirm: (caller: ClientCaller, enrolment: string, statement: string) =>
      confirming.execute(new ConfirmEnrolment(as(caller), caller, enrolment, statement)),
    revoke: (caller: PhoneCaller, jkt: string) =>
      revoking.execute(new RevokePhoneKey(command(), caller, principalOf(caller), jkt, 'lost')),
  };
}
type House = ReturnType<typeof house>;

/** A person at a terminal, up to the point where the code is on the screen. */
async function atTheWindow(h: House, number = inventNumber()) {
  const { key, caller } = h.terminal();
  const { subject: sub } = await h.identify(caller, number);
  const opened = await h.open(caller, number);
  return { number, key, caller, sub, ...opened };
}
async function enrol(h: House, phone = new TestKey('P-256'), number = inventNumber()) {
  const w = await atTheWindow(h, number);
  await h.offer(phone, w.code);
  const { enrolment, sub } = w;
  await h.confirm(w.caller, enrolment, h.statement(w.key, { sub, enrolment, jkt: phone.jkt }));
  return { ...w, phone, subject: (await h.phoneKeys.subjectOf(phone.jkt))!.subject };
}

describe('a code that is typed', () => {
  const others = (digits: string) => String((Number(digits) + 1) % 1e8).padStart(8, '0');

  test('is the terminal’s handle and eight digits, and enrols as the scanned one does', async () => {
    const h = house();
    const { typed, code, enrolment, caller } = await atTheWindow(h);
    expect(typed.handle).toMatch(/^[2-9A-HJKMNP-Z]{4}$/);
    expect(typed.digits).toMatch(/^\d{8}$/);
    expect(await h.type(typed.handle, typed.digits)).toEqual({ code });
    await h.offer(new TestKey('P-256'), code);
    expect(await h.find(caller, enrolment)).toMatchObject({ state: 'offered', typedTriesLeft: 4 });
  });

  test('is refused after five tries, the right digits too; the scanned code works on', async () => {
    const h = house();
    const { typed, code, enrolment, caller } = await atTheWindow(h);
    for (let n = 0; n < 5; n++)
      await expect(h.type(typed.handle, others(typed.digits))).rejects.toMatchObject({
        code: 'enrolment_code_refused',
      });
    await expect(h.type(typed.handle, typed.digits)).rejects.toThrow();
    expect((await h.find(caller, enrolment)).typedTriesLeft).toBe(0);
    await h.offer(new TestKey('P-256'), code);
  });

  test('has tries of its own: those of another enrolment at the terminal are counted with it', async () => {
    const h = house();
    const { caller, typed: first } = await atTheWindow(h);
    await expect(h.type(first.handle, others(first.digits))).rejects.toThrow();
    const number = inventNumber();
    await h.identify(caller, number);
    const second = await h.open(caller, number);
    expect(second.typed.handle).toBe(first.handle);
    expect(await h.type(first.handle, second.typed.digits)).toEqual({ code: second.code });
    expect((await h.find(caller, second.enrolment)).typedTriesLeft).toBe(4);
  });

  test('ends after ten minutes, and is the same for every retry', async () => {
    const h = house();
    const { caller, number } = await atTheWindow(h);
    const context = h.as(caller);
    const [once, again] = [
      await h.open(caller, number, context),
      await h.open(caller, number, context),
    ];
    expect(again).toEqual(once);
    h.later(600);
    await expect(h.type(once.typed.handle, once.typed.digits)).rejects.toThrow();
  });

  test('stands neither in the record nor in the table', async () => {
    const h = house();
    const { typed, code, enrolment } = await atTheWindow(h);
    const { rows } = await h.pool.query('SELECT * FROM vault.typed_code WHERE enrolment = $1', [
      enrolment,
    ]);
    const kept = rows.map((row: { sealed: Buffer }) => ({ ...row, sealed: String(row.sealed) }));
    const written = JSON.stringify(
      [kept, await h.store.readAll(START, 1000)],
      (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value),
    );
    for (const secret of [typed.digits, code]) expect(written).not.toContain(secret);
  });
});

describe('an identity check', () => {
  test('gives a department its own id of the person, the same each time, and counts for the day', async () => {
    const h = house();
    const [hr, tax] = [h.terminal('hr').caller, h.terminal('tax').caller];
    const number = inventNumber();
    const { subject } = await h.identify(hr, number);
    expect((await h.identify(hr, number)).subject).toBe(subject);
    expect((await h.identify(tax, number)).subject).not.toBe(subject);
    expect(h.holders.counted).toHaveLength(3);
    const inside = await h.directory.resolve(h.command(), { kind: '111', number });
    expect(JSON.stringify([subject])).not.toContain(inside);
  });

  test('sent twice under one Idempotency-Key is one check', async () => {
    const h = house();
    const { caller } = h.terminal();
    const [context, number] = [h.as(caller), inventNumber()];
    const first = await h.identify(caller, number, context);
    expect(await h.identify(caller, number, context)).toEqual(first);
    const subject = await h.directory.resolve(h.command(), { kind: '111', number });
    const types = (await h.store.readStream(`subject-${subject}`)).map(({ body }) => body.type);
    expect(types).toEqual(['SubjectNoted', 'IdentifierAdded', 'SubjectIdentified']);
  });
});

describe('an enrolment', () => {
  test.each(['Ed25519', 'P-256'] as const)(
    'makes a phone with an %s key speak for the person',
    async (kind) => {
      const h = house();
      const phone = new TestKey(kind);
      const w = await atTheWindow(h);
      expect(await h.find(w.caller, w.enrolment)).toMatchObject({
        state: 'opened',
        check: null,
        jkt: null,
      });
      expect(await h.offer(phone, w.code)).toEqual({ enrolment: w.enrolment, jkt: phone.jkt });
      expect(await h.phoneKeys.subjectOf(phone.jkt)).toBeNull();
      expect(await h.find(w.caller, w.enrolment)).toMatchObject({
        state: 'offered',
        subject: w.sub,
        jkt: phone.jkt,
        check: keyDigits('phone', phone.jkt),
      });
      await h.confirm(
        w.caller,
        w.enrolment,
        h.statement(w.key, { sub: w.sub, enrolment: w.enrolment, jkt: phone.jkt }),
      );
      expect((await h.find(w.caller, w.enrolment)).state).toBe('enrolled');
      const subject = await h.directory.resolve(h.command(), { kind: '111', number: w.number });
      expect(await h.phoneKeys.subjectOf(phone.jkt)).toMatchObject({ subject });
    },
  );

  test('sent twice under one Idempotency-Key gives the same code', async () => {
    const h = house();
    const { caller } = h.terminal();
    const number = inventNumber();
    await h.identify(caller, number);
    const context = h.as(caller);
    const first = await h.open(caller, number, context);
    expect(first.code).toMatch(/^[\w-]{22}$/);
    expect(await h.open(caller, number, { ...context, now: plusSeconds(start, 5) })).toEqual(first);
    expect((await h.open(caller, number)).code).not.toBe(first.code);
  });

  test('needs an identity check by the same department', async () => {
    const h = house();
    const number = inventNumber();
    await h.identify(h.terminal('tax').caller, number);
    await expect(h.open(h.terminal('hr').caller, number)).rejects.toMatchObject({
      code: 'subject_not_identified',
    });
  });

  test('is seen by nobody but the terminal that opened it', async () => {
    const h = house();
    const w = await atTheWindow(h);
    const other = h.terminal();
    const absent = expect.objectContaining({ code: 'enrolment_absent' });
    await expect(h.find(other.caller, w.enrolment)).rejects.toEqual(absent);
    await expect(h.find(w.caller, 'nothing')).rejects.toEqual(absent);
    await h.offer(new TestKey(), w.code);
    await expect(h.confirm(other.caller, w.enrolment, 'x')).rejects.toEqual(absent);
  });

  test('expires on the screen when nobody came', async () => {
    const h = house();
    const w = await atTheWindow(h);
    h.later(600);
    expect((await h.find(w.caller, w.enrolment)).state).toBe('expired');
  });
});

describe('a code', () => {
  test('that is wrong, expired or used is refused in the same words', async () => {
    const h = house();
    const used = await atTheWindow(h);
    await h.offer(new TestKey(), used.code);
    const expired = await atTheWindow(h);
    h.later(600);
    const answers = await Promise.all(
      [used.code, expired.code, randomBytes(16).toString('base64url')].map((code) =>
        h.offer(new TestKey(), code).catch((error: unknown) => error),
      ),
    );
    for (const answer of answers) {
      const { code, message, facts, hint } = answer as Record<string, unknown>;
      expect({ code, message, facts, hint }).toEqual({
        code: 'enrolment_code_refused',
        message: 'the code is wrong, was used, or has expired',
        facts: {},
        hint: undefined,
      });
    }
  });

  test('enrols one of the phones that show it at once', async () => {
    const h = house();
    const w = await atTheWindow(h);
    const answers = await Promise.allSettled(
      Array.from({ length: 8 }, () => h.offer(new TestKey(), w.code)),
    );
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('shown again by the same phone, whose answer was lost, is answered again', async () => {
    const h = house();
    const w = await atTheWindow(h);
    const phone = new TestKey();
    await h.offer(phone, w.code);
    expect(await h.offer(phone, w.code)).toEqual({ enrolment: w.enrolment, jkt: phone.jkt });
  });
});

describe("a phone's proof", () => {
  test('is refused for another code, key, time or type, and with members that nobody asked for', async () => {
    const h = house();
    const w = await atTheWindow(h);
    const [phone, other] = [new TestKey(), new TestKey()];
    const wrong = [
      h.proof(phone, 'another code'),
      h.proof(other, w.code),
      h.proof(other, w.code, { jkt: phone.jkt }),
      h.proof(phone, w.code, { jkt: other.jkt }),
      h.proof(phone, w.code, { iat: seconds(start) - 61 }),
      h.proof(phone, w.code, { iat: seconds(start) + 61 }),
      h.proof(phone, w.code, { iat: `${seconds(start)}` }),
      h.proof(phone, w.code, { more: 1 }),
      h.proof(phone, w.code, {}, { typ: 'dpop+jwt' }),
      h.proof(phone, w.code, {}, { jwk: phone.jwk }),
      h.proof(phone, w.code, {}, { alg: 'none' }),
      `${h.proof(phone, w.code)}A`,
      h.proof(phone, w.code).split('.').slice(0, 2).join('.'),
    ];
    for (const proof of wrong)
      await expect(h.offer(phone, w.code, proof)).rejects.toMatchObject({
        code: 'phone_key_proof_refused',
      });
    expect((await h.find(w.caller, w.enrolment)).state).toBe('opened');
  });

  test('is refused with a key that is no public key of a kind that we take', async () => {
    const h = house();
    const w = await atTheWindow(h);
    const phone = new TestKey();
    for (const jwk of [{ ...phone.jwk, d: 'x'.repeat(43) }, { kty: 'RSA' }, {}]) {
      const offering = new OfferPhoneKeyHandler(h.store, new EnrolmentCodes(h.pool), h.phoneKeys);
      await expect(
        offering.execute(new OfferPhoneKey(h.command(), w.code, jwk, h.proof(phone, w.code))),
      ).rejects.toMatchObject({ code: 'phone_key_proof_refused' });
    }
  });
});

describe("a terminal's statement", () => {
  test('is refused from another key, for another person, enrolment, key or time', async () => {
    const h = house();
    const w = await atTheWindow(h);
    const phone = new TestKey();
    await h.offer(phone, w.code);
    const says = { sub: w.sub, enrolment: w.enrolment, jkt: phone.jkt };
    const stranger = new TestKey();
    const wrong = [
      h.statement(stranger, says),
      h.statement(stranger, says, {}, { kid: w.key.jkt }),
      h.statement(w.key, says, {}, { kid: stranger.jkt }),
      h.statement(w.key, says, {}, { kid: undefined }),
      h.statement(w.key, { ...says, sub: randomBytes(16).toString('base64url') }),
      h.statement(w.key, { ...says, enrolment: 'e' }),
      h.statement(w.key, { ...says, jkt: stranger.jkt }),
      h.statement(w.key, says, { iat: seconds(start) - 61 }),
      h.statement(w.key, says, { department: 'hr' }),
      h.statement(w.key, says, {}, { typ: 'phone-key+jws' }),
      'a.b.c',
    ];
    for (const statement of wrong)
      await expect(h.confirm(w.caller, w.enrolment, statement)).rejects.toMatchObject({
        code: 'enrolment_statement_refused',
      });
    expect(await h.phoneKeys.subjectOf(phone.jkt)).toBeNull();
  });

  test('comes too early before a phone showed the code, and too late after ten minutes', async () => {
    const h = house();
    const w = await atTheWindow(h);
    const phone = new TestKey();
    const says = { sub: w.sub, enrolment: w.enrolment, jkt: phone.jkt };
    await expect(h.confirm(w.caller, w.enrolment, h.statement(w.key, says))).rejects.toMatchObject({
      code: 'enrolment_not_offered',
    });
    await h.offer(phone, w.code);
    h.later(600);
    await expect(h.confirm(w.caller, w.enrolment, h.statement(w.key, says))).rejects.toMatchObject({
      code: 'enrolment_expired',
    });
  });

  test('stands in the ledger, verifiable with the key that the terminal had registered', async () => {
    const h = house();
    const { subject, caller, key, phone } = await enrol(h);
    const records = await h.store.readStream(`subject-${subject}`);
    const enrolled = records.find(({ body }) => body.type === 'PhoneEnrolled')!.body;
    expect(enrolled.actor.client).toBe(caller.client);
    const [header, payload] = (enrolled.data['statement'] as string)
      .split('.')
      .slice(0, 2)
      .map(
        (part) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>,
      ) as [Record<string, unknown>, Record<string, unknown>];
    expect(header['kid']).toBe(key.jkt);
    expect(payload).toMatchObject({ jkt: phone.jkt });
    expect(payload['sub']).not.toBe(subject);
  });
});

describe("a phone's key", () => {
  test('speaks for one subject only', async () => {
    const h = house();
    const { phone, subject } = await enrol(h);
    const second = await atTheWindow(h);
    await expect(h.offer(phone, second.code)).rejects.toMatchObject({ code: 'phone_key_taken' });
    expect((await h.phoneKeys.subjectOf(phone.jkt))?.subject).toBe(subject);
  });

  test('offered for two people at once can become the phone of one', async () => {
    const h = house();
    const phone = new TestKey();
    const windows = await Promise.all([atTheWindow(h), atTheWindow(h), atTheWindow(h)]);
    const offers = await Promise.allSettled(windows.map(({ code }) => h.offer(phone, code)));
    expect(offers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('of an enrolment of which nothing came can be another person’s later', async () => {
    const h = house();
    const phone = new TestKey();
    const first = await atTheWindow(h);
    await h.offer(phone, first.code);
    await database.pool.query(
      "UPDATE vault.phone_key SET claimed = claimed - interval '21 minutes' WHERE jkt = $1",
      [phone.jkt],
    );
    const { subject } = await enrol(h, phone);
    expect(subject).not.toBe(
      await h.directory.resolve(h.command(), { kind: '111', number: first.number }),
    );
  });

  test('that was revoked speaks for nobody, and is never enrolled again', async () => {
    const h = house();
    const { phone, subject, number } = await enrol(h);
    const spare = await enrol(h, new TestKey(), number);
    expect(spare.subject).toBe(subject);
    await h.revoke({ is: 'phone', subject, jkt: spare.phone.jkt }, phone.jkt);
    expect(h.grants.ended).toEqual([`${subject} ${phone.jkt}`]);
    expect(await h.phoneKeys.subjectOf(phone.jkt)).toBeNull();
    expect((await h.phoneKeys.subjectOf(spare.phone.jkt))?.subject).toBe(subject);
    for (const again of [await atTheWindow(h, number), await atTheWindow(h)])
      await expect(h.offer(phone, again.code)).rejects.toMatchObject({ code: 'phone_key_taken' });
  });

  test('of somebody else cannot be revoked, and unknown keys are nobody’s', async () => {
    const h = house();
    const [mine, theirs] = [await enrol(h), await enrol(h)];
    await expect(
      h.revoke({ is: 'phone', subject: mine.subject, jkt: mine.phone.jkt }, theirs.phone.jkt),
    ).rejects.toMatchObject({ code: 'phone_key_absent' });
    expect(await h.phoneKeys.subjectOf(new TestKey().jkt)).toBeNull();
  });
});

test('nothing of a person or a code stands in clear in records, tables or errors', async () => {
  const h = house();
  const number = inventNumber();
  const done = await enrol(h, new TestKey(), number);
  const open = await atTheWindow(h, number);
  const failures = await Promise.all(
    [
      h.identify(done.caller, `${number.slice(0, 17)}?`),
      h.offer(new TestKey(), number),
      h.offer(done.phone, open.code),
      h.confirm(open.caller, open.enrolment, number),
    ].map((attempt) =>
      attempt.then(
        () => 'accepted',
        (error: unknown) => error as Error,
      ),
    ),
  );
  expect(failures).not.toContain('accepted');
  const said = failures.map((error) => [
    JSON.stringify(error),
    String(error),
    String((error as Error).cause),
  ]);
  const records = await h.store.readAll(START, 1000);
  const tables = await Promise.all(
    ['subject_key', 'lookup', 'enrolment_code', 'phone_key', 'key_in_use'].map((table) =>
      database.pool.query<{ row: string }>(`SELECT t::text AS row FROM vault.${table} AS t`),
    ),
  );
  const written = [
    ...records.map(({ bytes }) => Buffer.from(bytes).toString('utf8')),
    ...tables.flatMap(({ rows }) => rows.map(({ row }) => row)),
    ...said.flat(),
  ].join('\n');
  expect(records).toHaveLength(8);
  for (const marker of [number, number.slice(0, 17), number.slice(6, 14), done.code, open.code])
    for (const form of ['utf8', 'hex', 'base64url'] as const)
      expect(written).not.toContain(Buffer.from(marker).toString(form));
});
