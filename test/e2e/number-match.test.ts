/* eslint-disable @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-return -- tests look into bodies without declaring them */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHash, randomUUID } from 'node:crypto';
import { canonicalize } from '#libs/kernel';
import { parsePolicy, verifyBook } from '#libs/verify';
import { inventedResidentId } from '../support/authority.js';
import { register } from '../support/client.js';
import { done, epochNow, type Holder, Town } from '../support/town.js';

let town: Town;
beforeAll(async () => {
  town = await Town.start();
});
afterAll(() => town.stop());

const refused = (status: number, code: string, facts?: object) => ({
  status,
  body: { code, ...(facts !== undefined && { facts }) },
});
const other = (number: string, by = 1) => String((Number(number) + by) % 100).padStart(2, '0');

/** A holder who was asked, and what the window shows. */
async function asked(who?: Holder) {
  const holder = who ?? (await town.holder());
  const { case: atCase } = done(await town.openCase(holder.number));
  const { consent, number } = done(await town.ask(atCase));
  return {
    ...holder,
    case: atCase as string,
    consent: consent as string,
    number: number as string,
    at: `/v1/cases/${atCase}/consents/${consent}`,
  };
}
type Asked = Awaited<ReturnType<typeof asked>>;

const grant = (of: Asked, digits: string | null) => town.grant(of, of.consent, { digits });
const shownTo = async ({ phone, consent }: Asked) =>
  done(await phone.get(`/v1/phone/consents/${consent}`));
const kindsOf = async ({ phone }: Holder): Promise<string[]> =>
  done(await phone.get('/v1/phone/accesses')).accesses.map(({ kind }: { kind: string }) => kind);
const windowSees = async ({ at }: Asked) => done(await town.terminal.get(at));

describe('the number that the window shows', () => {
  test('is two digits, read again by the terminal that asked while it waits, and by no other', async () => {
    const of = await asked();
    expect(of.number).toMatch(/^[0-9]{2}$/);
    expect(await windowSees(of)).toMatchObject({ state: 'waiting', number: of.number });
    const at = { kind: 'terminal', department: '人社', window: 'hall-1-03' } as const;
    const beside = await register(town.city.admin, at);
    expect(done(await beside.get(of.at))).toMatchObject({ state: 'waiting', number: null });
    done(await grant(of, of.number));
    expect(await windowSees(of)).toMatchObject({ state: 'granted', number: null });
  });

  test('is there for a number that nobody knows, too', async () => {
    const { case: atCase } = done(await town.openCase(inventedResidentId()));
    const waiting = done(await town.ask(atCase));
    const known = done(
      await town.ask(done(await town.openCase((await town.holder()).number)).case),
    );
    expect(waiting.number).toMatch(/^[0-9]{2}$/);
    expect(Object.keys(waiting)).toEqual(Object.keys(known));
  });

  test('is the same for a retry, and after a restart', async () => {
    const { number: resident } = await town.holder();
    const { case: atCase } = done(await town.openCase(resident));
    const body = { role: 'applicant', materials: ['ZZ001'] };
    const path = `/v1/cases/${atCase}/consents`;
    const idempotencyKey = randomUUID();
    const first = done(await town.terminal.post(path, body, { idempotencyKey }));
    expect(done(await town.terminal.post(path, body, { idempotencyKey }))).toEqual(first);
    await town.city.city.stop();
    await town.city.startAgain();
    expect(done(await town.terminal.post(path, body, { idempotencyKey }))).toEqual(first);
    expect(done(await town.terminal.get(`${path}/${first.consent}`)).number).toBe(first.number);
  });

  test('is signed by the holder, and kept with its salt, so that the book alone shows it', async () => {
    const of = await asked();
    done(await grant(of, of.number));
    const book = done(await of.phone.get('/v1/phone/book'));
    const [request, granted] = book.records.map((record: string) => JSON.parse(record).data);
    const { digits, salt } = granted.match;
    expect(digits).toBe(of.number);
    expect(Buffer.from(salt, 'base64url')).toHaveLength(32);
    expect(request.match).toEqual({
      commitment: createHash('sha256')
        .update(canonicalize({ consent: of.consent, digits, salt }))
        .digest('base64url'),
    });
    const [, signed = ''] = granted.proof.jws.split('.');
    expect(JSON.parse(Buffer.from(signed, 'base64url').toString()).digits).toBe(of.number);
    const bytes = (texts: string[]) => texts.map((text) => Buffer.from(text));
    const policy = parsePolicy(await (await fetch(`${town.url}/log/policy`)).text());
    const shown = verifyBook(
      {
        stream: book.stream,
        records: bytes(book.records),
        receipts: bytes(book.receipts),
        head: Buffer.from(book.head),
      },
      policy,
    );
    expect(shown.records).toHaveLength(2);
  });

  test('is told to the phone by nothing, before the answer', async () => {
    const of = await asked();
    expect(await shownTo(of)).toMatchObject({ numberMatch: 'required', numberTries: 2 });
    expect((await grant(of, other(of.number))).status).toBe(403);
    for (const path of [
      '/v1/phone/consents',
      `/v1/phone/consents/${of.consent}`,
      '/v1/phone/accesses',
      '/v1/phone/book',
    ]) {
      const text = JSON.stringify(done(await of.phone.get(path)));
      for (const member of ['digits', 'salt', '"number"', 'sealed'])
        expect([path, text.includes(member)]).toEqual([path, false]);
    }
  });
});

describe('a wrong number', () => {
  test('once is told and counted; the right one is then taken', async () => {
    const of = await asked();
    expect(await grant(of, other(of.number))).toMatchObject(
      refused(403, 'number_mismatched', { remaining: 1 }),
    );
    expect(await shownTo(of)).toMatchObject({ state: 'waiting', numberTries: 1 });
    expect(await windowSees(of)).toMatchObject({ state: 'waiting', number: of.number });
    done(await grant(of, of.number));
    expect(await kindsOf(of)).toEqual(['requested', 'mismatched', 'granted']);
    done(await town.terminal.post(`${of.at}/token`));
  });

  test('twice closes the request: for the phone by its own code, for the window like a no', async () => {
    const of = await asked();
    await grant(of, other(of.number));
    expect(await grant(of, other(of.number, 2))).toMatchObject(
      refused(403, 'number_mismatched_twice'),
    );
    expect(await grant(of, of.number)).toMatchObject(refused(403, 'number_mismatched_twice'));
    expect(await shownTo(of)).toMatchObject({ state: 'mismatched', numberTries: 0 });
    expect(await kindsOf(of)).toEqual(['requested', 'mismatched', 'mismatched']);

    const no = await asked();
    done(await no.phone.post(`/v1/phone/consents/${no.consent}/refuse`));
    const alike = async (one: Asked) => {
      const { requirements } = done(await town.terminal.get(`/v1/cases/${one.case}`));
      const token = await town.terminal.post(`${one.at}/token`);
      const text = JSON.stringify([
        await windowSees(one),
        requirements,
        token.status,
        { ...token.body, request: '' },
      ]);
      return text.replaceAll(one.consent, '').replaceAll(/"20[^"]*Z"/g, '');
    };
    expect(await alike(of)).toBe(await alike(no));
    expect(await windowSees(of)).toMatchObject({ state: 'refused', number: null });
    expect(done(await town.ask(of.case)).number).toMatch(/^[0-9]{2}$/);
  });

  test('sent again under the same Idempotency-Key counts once', async () => {
    const of = await asked();
    const shown = await shownTo(of);
    const wrong = of.phone.key.sign(
      { typ: 'consent-grant+jws', kid: of.phone.key.jkt },
      canonicalize({
        answer: 'grant',
        capacity: 'self',
        case: of.case,
        consent: of.consent,
        digits: other(of.number),
        iat: epochNow(),
        noticeHash: shown.notice.hash,
      }),
    );
    const idempotencyKey = randomUUID();
    const send = () =>
      of.phone.post(`/v1/phone/consents/${of.consent}/grant`, { jws: wrong }, { idempotencyKey });
    for (let n = 0; n < 3; n++)
      expect(await send()).toMatchObject(refused(403, 'number_mismatched', { remaining: 1 }));
    expect(await shownTo(of)).toMatchObject({ numberTries: 1 });
    done(await grant(of, of.number));
    // The retry is answered as before, though the consent was granted meanwhile.
    expect(await send()).toMatchObject(refused(403, 'number_mismatched', { remaining: 1 }));
  });

  test('by many at once counts twice at most, and none gets through', async () => {
    const of = await asked();
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) => grant(of, other(of.number, n + 1))),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 403));
    expect(await kindsOf(of)).toEqual(['requested', 'mismatched', 'mismatched']);
  });

  test('that is none is refused, and counts as no try', async () => {
    const of = await asked();
    expect(await grant(of, null)).toMatchObject(refused(403, 'number_missing'));
    expect(await grant(of, '7')).toMatchObject(refused(403, 'grant_malformed'));
    expect(await shownTo(of)).toMatchObject({ numberTries: 2 });
  });
});

describe('after the holder’s own code was scanned', () => {
  test('there is no number, and none is taken', async () => {
    const holder = await town.holder();
    const { code } = done(await holder.phone.post('/v1/phone/codes'));
    const { case: atCase } = done(
      await town.terminal.post('/v1/cases', {
        matter: 'SX0001',
        participants: [{ role: 'applicant', code }],
      }),
    );
    const { consent, number } = done(await town.ask(atCase));
    const at = `/v1/cases/${atCase}/consents/${consent}`;
    const of: Asked = { ...holder, case: atCase, consent, number, at };
    expect(number).toBeNull();
    expect(await shownTo(of)).toMatchObject({ numberMatch: 'none', numberTries: 0 });
    expect(await grant(of, '37')).toMatchObject(refused(403, 'number_not_asked'));
    done(await grant(of, null));
    expect(await kindsOf(of)).toEqual(['requested', 'granted']);
  });
});

describe('what a consent is for', () => {
  test('is reading at a window: to print is refused with a code of its own, whoever is asked', async () => {
    for (const number of [(await town.holder()).number, inventedResidentId()]) {
      const { case: atCase } = done(await town.openCase(number));
      const body = { role: 'applicant', materials: ['ZZ001'] };
      const ask = (action: string) =>
        town.terminal.post(`/v1/cases/${atCase}/consents`, { ...body, action });
      expect(await ask('print')).toMatchObject(refused(403, 'action_not_of_case'));
      expect(await ask('keep')).toMatchObject({ status: 400, body: { code: 'request_invalid' } });
      expect(done(await ask('read')).state).toBe('waiting');
    }
  });
});

describe('a request that the window withdraws', () => {
  const withdraw = (of: Asked, by = town.terminal) => by.post(`${of.at}/withdraw`);

  test('ends at once on the phone, says so in the list of accesses, and can be made anew', async () => {
    const of = await asked();
    expect(done(await withdraw(of))).toMatchObject({ state: 'ended', number: null });
    expect(await shownTo(of)).toMatchObject({ state: 'ended', endReason: 'request_withdrawn' });
    expect(await grant(of, of.number)).toMatchObject(refused(403, 'consent_ended'));
    expect(await kindsOf(of)).toEqual(['requested', 'ended']);
    expect(done(await town.ask(of.case)).state).toBe('waiting');
  });

  test('is no more to be redeemed where it was granted meanwhile', async () => {
    const of = await asked();
    done(await grant(of, of.number));
    done(await withdraw(of));
    expect(await town.terminal.post(`${of.at}/token`)).toMatchObject(refused(403, 'consent_ended'));
  });

  test('is withdrawn alike for a number that nobody knows', async () => {
    const unknown = done(await town.openCase(inventedResidentId())).case as string;
    const { consent } = done(await town.ask(unknown));
    const at = `/v1/cases/${unknown}/consents/${consent}`;
    const known = await asked();
    const [one, other] = [await town.terminal.post(`${at}/withdraw`), await withdraw(known)];
    expect(one.status).toBe(other.status);
    expect(Object.entries(done(one)).map(([name, value]) => [name, typeof value])).toEqual(
      Object.entries(done(other)).map(([name, value]) => [name, typeof value]),
    );
  });

  test('is withdrawn by no other terminal', async () => {
    const of = await asked();
    const at = { kind: 'terminal', department: '人社', window: 'hall-1-03' } as const;
    const beside = await register(town.city.admin, at);
    expect(await withdraw(of, beside)).toMatchObject(refused(403, 'consent_of_another_terminal'));
    expect(await withdraw(of, town.elsewhere)).toMatchObject({ status: 403 });
    expect(await windowSees(of)).toMatchObject({ state: 'waiting' });
  });
});
