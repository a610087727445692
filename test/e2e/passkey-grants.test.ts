/* eslint-disable @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-return -- tests look into bodies without declaring them */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { utf8Bytes } from '#libs/kernel';
import { parsePolicy, verifyBook, verifyGrantSignatures } from '#libs/verify';
import { SoftwareAuthenticator, type WrongAnswer } from '../support/authenticator.js';
import { TestPhone } from '../support/client.js';
import { done, type Holder, Town } from '../support/town.js';

let town: Town;
beforeAll(async () => {
  town = await Town.start();
}, 120_000);
afterAll(() => town.stop());

const passkeysOf = async ({ phone }: Holder) =>
  done(await phone.get('/v1/phone/keys')).keys.find(({ asking }: { asking: boolean }) => asking)
    .passkeys;

/** A holder with an ID card whose phone has a passkey. */
async function withPasskey() {
  const holder = await town.holder();
  await town.idCard(holder.number);
  const passkey = new SoftwareAuthenticator(town.url);
  done(await town.addPasskey(holder, passkey));
  return { ...holder, passkey };
}

describe('a passkey beside a phone’s key', () => {
  test('grants, and the holder’s book proves it from its records and public keys alone', async () => {
    const holder = await withPasskey();
    const asked = await town.asked(holder);
    done(await town.grantByPasskey(holder, asked.consent, holder.passkey));
    done(await town.pull(await town.token(asked.at)));
    const { accesses } = done(await holder.phone.get('/v1/phone/accesses'));
    expect(accesses[1]).toMatchObject({ kind: 'granted', basis: { method: 'webauthn' } });

    const { keys, ...book } = done(await holder.phone.get('/v1/phone/book'));
    const policy = await (await fetch(`${town.url}/log/policy`)).text();
    const shown = verifyBook(
      {
        stream: book.stream,
        records: book.records.map(utf8Bytes),
        receipts: book.receipts.map(utf8Bytes),
        head: utf8Bytes(book.head),
      },
      parsePolicy(policy),
    );
    expect(keys).toEqual([{ ...holder.passkey.jwk }]);
    expect(verifyGrantSignatures(shown.records, keys)).toBe(1);
    const stranger = [{ ...new SoftwareAuthenticator(town.url).jwk }] as typeof keys;
    expect(() => verifyGrantSignatures(shown.records, stranger)).toThrow(
      expect.objectContaining({ code: 'grant_key_missing' }),
    );
  });

  test('is listed with what its phone signed for it, once however often it was sent', async () => {
    const holder = await town.holder();
    const passkey = new SoftwareAuthenticator(town.url);
    const { publicKey } = done(await holder.phone.post('/v1/phone/passkeys/options'));
    expect(publicKey).toMatchObject({
      rp: { id: 'localhost' },
      authenticatorSelection: { userVerification: 'required' },
      pubKeyCredParams: [{ alg: -7 }, { alg: -8 }],
    });
    expect(JSON.stringify(publicKey)).not.toContain(holder.number);
    const credential = passkey.create(publicKey);
    const signed = { credential: credential['id'], jkt: passkey.jkt, rpId: 'localhost' };
    const iat = Math.floor(Date.now() / 1000);
    const statement = holder.phone.sign('passkey+jws', { ...signed, iat });
    const sending = { idempotencyKey: randomUUID() };
    const send = () => holder.phone.post('/v1/phone/passkeys', { credential, statement }, sending);
    expect(done(await send())).toEqual({ jkt: passkey.jkt });
    expect(done(await send())).toEqual({ jkt: passkey.jkt });
    expect(await passkeysOf(holder)).toEqual([
      {
        jkt: passkey.jkt,
        jwk: { ...passkey.jwk },
        credential: credential['id'],
        rpId: 'localhost',
        transports: ['internal'],
        state: 'active',
        statement,
      },
    ]);
    // Authenticators are told of it, so that they make no second one.
    const again = done(await holder.phone.post('/v1/phone/passkeys/options'));
    expect(again.publicKey.excludeCredentials).toMatchObject([{ id: credential['id'] }]);
  });

  test.each<[string, string, WrongAnswer & { signed?: { jkt?: string; credential?: string } }]>([
    ['of another origin', 'passkey_not_verified', { origin: 'https://elsewhere.example' }],
    ['for another RP ID', 'passkey_not_verified', { rpId: 'elsewhere.example' }],
    ['whose user was not verified', 'passkey_not_verified', { userVerified: false }],
    ['of another challenge', 'passkey_challenge_unusable', { challenge: 'A'.repeat(43) }],
    ['for whose key the phone did not sign', 'passkey_statement_refused', { signed: { jkt: 'x' } }],
    ['of another credential', 'passkey_statement_refused', { signed: { credential: 'x' } }],
  ])('%s is refused with %s, and nothing is added', async (_, code, wrong) => {
    const holder = await town.holder();
    const answer = await town.addPasskey(holder, new SoftwareAuthenticator(town.url), wrong);
    expect(answer.body.code).toBe(code);
    expect(await passkeysOf(holder)).toEqual([]);
  });

  test('is nobody else’s key, and no key that a request can be proved by', async () => {
    const [holder, other] = [await withPasskey(), await town.holder()];
    const taken = async () => (await town.addPasskey(other, holder.passkey)).body.code;
    expect(await taken()).toBe('phone_key_taken');
    // Nor later, when the claim of a key that was never enrolled is free again.
    const database = new pg.Client(town.city.databaseUrl);
    await database.connect();
    await database.query(
      "UPDATE vault.phone_key SET claimed = claimed - interval '21 minutes' WHERE jkt = $1",
      [holder.passkey.jkt],
    );
    await database.end();
    expect(await taken()).toBe('phone_key_taken');
    const posing = new TestPhone(town.url, holder.passkey.exported());
    expect((await posing.get('/v1/phone/keys')).body.code).toBe('phone_unknown');
  });

  test('is one of four at most', async () => {
    const holder = await town.holder();
    for (let n = 0; n < 4; n++) done(await town.addPasskey(holder));
    expect((await town.addPasskey(holder)).body.code).toBe('passkeys_too_many');
    const [first] = await passkeysOf(holder);
    done(await holder.phone.post(`/v1/phone/passkeys/${first.jkt}/revoke`, { reason: 'lost' }));
    done(await town.addPasskey(holder));
  });

  test('is taken back by another phone, and with its phone: what it granted ends', async () => {
    for (const take of ['the passkey', 'its phone']) {
      const holder = await withPasskey();
      const spare = new TestPhone(town.url);
      await town.enrol(holder.number, spare);
      const asked = await town.asked(holder);
      done(await town.grantByPasskey(holder, asked.consent, holder.passkey));
      const token = await town.token(asked.at);
      const path =
        take === 'its phone'
          ? `/v1/phone/keys/${holder.phone.key.jkt}/revoke`
          : `/v1/phone/passkeys/${holder.passkey.jkt}/revoke`;
      done(await spare.post(path, { reason: 'lost' }));
      const pulled = await town.pull(token);
      expect([take, pulled.body.code, pulled.body.facts]).toEqual([
        take,
        'consent_ended',
        { reason: 'phone_key_revoked' },
      ]);
      const { keys } = done(await spare.get('/v1/phone/keys'));
      expect(keys[0].passkeys).toMatchObject([{ state: 'revoked' }]);
      const { accesses } = done(await spare.get('/v1/phone/accesses'));
      expect(accesses.at(-1)).toMatchObject({ kind: 'ended', reason: 'phone_key_revoked' });
    }
  });

  test('and the phone’s own key are not sent together, nor neither', async () => {
    const holder = await withPasskey();
    const { consent } = await town.asked(holder);
    const path = `/v1/phone/consents/${consent}/grant`;
    const part = 'Y3JlZGVudGlhbA';
    const passkey = {
      credentialId: part,
      authenticatorData: part,
      clientDataJSON: part,
      signature: part,
      digits: null,
    };
    const both = await holder.phone.post(path, { jws: 'e30.e30.c2ln', passkey });
    expect([both.status, both.body.code]).toEqual([403, 'grant_malformed']);
    expect((await holder.phone.post(path, {})).status).toBe(400);
    expect((await holder.phone.post(path, { passkey })).body.code).toBe('grant_passkey_unknown');
  });
});
