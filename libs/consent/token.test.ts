import { describe, expect, test } from '@jest/globals';
import { MemoryEventStore } from '#libs/event-store/memory';
import { epochSeconds } from '#libs/kernel';
import { TestKey } from '../../test/support/keys.js';
import { ReleaseScene, SceneLedgerKeys } from '../../test/support/release-scene.js';
import { readConsentToken } from './token.js';

const idCard = { 姓名: '测试甲', 公民身份号码: '11010519491231002X' };

/* eslint-disable @typescript-eslint/no-explicit-any -- tests look into tokens without declaring them */

/** A granted consent, the token that the ledger mints for it, and the token's claims. */
async function minted() {
  const scene = new ReleaseScene(new MemoryEventStore('city.example'));
  const holder = scene.person('11010519491231002X');
  await scene.certificate(holder.subject, 'ZZ001', idCard);
  const atCase = await scene.openFor(holder.number);
  const consent = await scene.request(atCase);
  await scene.grant(holder, consent);
  const token = await scene.token(atCase, consent);
  const [header, payload] = token
    .split('.')
    .slice(0, 2)
    .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, any>);
  return { scene, holder, atCase, consent, token, header: header!, payload: payload! };
}

const refusedWith = (code: string) => expect.objectContaining({ code });

describe('a consent token', () => {
  test('says for whom, what, where and how long, and nothing personal', async () => {
    const { scene, holder, atCase, consent, header, payload } = await minted();
    expect(header).toEqual({ typ: 'consent+jwt', alg: 'EdDSA', kid: 'ledger-1' });
    expect(payload).toMatchObject({
      iss: 'https://city.example',
      aud: 'https://city.example/v1/releases',
      client_id: 'terminal-1',
      jti: consent,
      cnf: { jkt: scene.terminal.jkt },
      amr: ['swk'],
      authorization_details: [
        {
          type: 'certificate_release',
          actions: ['read'],
          locations: ['window-1'],
          datatypes: ['ZZ001'],
          identifier: atCase,
          purpose: '办理“灵活就业人员参保登记”',
          notice_version: 1,
        },
      ],
    });
    expect(payload['exp'] - payload['iat']).toBeLessThanOrEqual(60);
    expect(JSON.stringify(payload)).not.toContain(holder.subject);
    expect(JSON.stringify(payload)).not.toContain(holder.number);
  });

  test('never outlives the grant', async () => {
    const { scene, atCase, consent } = await minted();
    scene.clock.pass(570);
    const token = await scene.token(atCase, consent);
    const payload = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString());
    expect(payload.exp - epochSeconds(scene.clock.now())).toBeLessThanOrEqual(31);
  });

  const second = epochSeconds('2026-11-22T08:00:00.000Z');
  test.each<[string, string, Record<string, unknown>]>([
    ['expired', 'token_expired', { iat: second - 61, nbf: second - 61, exp: second - 1 }],
    ['not yet valid', 'token_not_yet_valid', { iat: second, nbf: second + 30, exp: second + 60 }],
    [
      'issued in the future',
      'token_not_yet_valid',
      { iat: second + 9, nbf: second + 9, exp: second + 60 },
    ],
    ['longer-lived than a minute', 'token_lives_too_long', { exp: second + 61 }],
    ['valid for no time', 'token_malformed', { exp: second }],
    ['valid before it was issued', 'token_malformed', { nbf: second - 5 }],
    ['without whole seconds', 'token_malformed', { iat: second + 0.5 }],
    ['for another audience', 'token_audience_wrong', { aud: 'https://other.example' }],
    [
      'for ours among others',
      'token_audience_wrong',
      { aud: ['https://city.example/v1/releases', 'https://other.example'] },
    ],
    ['for ours in a list', 'token_audience_wrong', { aud: ['https://city.example/v1/releases'] }],
    ['of another issuer', 'token_issuer_wrong', { iss: 'https://other.example' }],
    ['for another terminal', 'token_of_another_client', { client_id: 'terminal-2' }],
    ['bound to another key', 'token_of_another_key', { cnf: { jkt: 'x'.repeat(43) } }],
    ['bound to two keys', 'token_of_another_key', { cnf: { jkt: 'x', jwk: {} } }],
    ['bound to no key', 'token_malformed', { cnf: undefined }],
    ['with a claim more', 'token_malformed', { scope: 'everything' }],
    ['without an id', 'token_malformed', { jti: undefined }],
    ['without authorization details', 'token_malformed', { authorization_details: [] }],
    [
      'with two authorization details',
      'token_malformed',
      { authorization_details: [{ identifier: 'a' }, { identifier: 'b' }] },
    ],
    ['for another text', 'token_for_another_release', { notice_hash: 'another' }],
    ['for another holder', 'token_for_another_release', { sub: 'AAAAAAAAAAAAAAAAAAAAAA' }],
    ['with another id', 'consent_absent', { jti: 'AAAAAAAAAAAAAAAAAAAAAA' }],
  ])('that is %s is refused with %s and changes nothing', async (_, code, changes) => {
    const { scene, holder, payload } = await minted();
    const forged = scene.keys.sign({}, { ...payload, ...changes });
    await expect(scene.pull(forged)).rejects.toEqual(refusedWith(code));
    expect(await scene.bookOf(holder.subject)).toEqual(['ConsentRequested', 'ConsentGranted']);
  });

  test.each<[string, Record<string, unknown>]>([
    ['type', { datatypes: ['ZZ002'] }],
    ['further type', { datatypes: ['ZZ001', 'ZZ002'] }],
    ['window', { locations: ['window-2'] }],
    ['purpose', { purpose: '其他' }],
    ['action', { actions: ['read', 'print'] }],
    ['notice', { notice_version: 2 }],
    ['member', { privileges: ['all'] }],
  ])('for another %s than was granted is refused', async (_, changes) => {
    const { scene, payload } = await minted();
    const details = { ...payload['authorization_details'][0], ...changes };
    const forged = scene.keys.sign({}, { ...payload, authorization_details: [details] });
    await expect(scene.pull(forged)).rejects.toEqual(refusedWith('token_for_another_release'));
  });

  test('for another case is refused, whether or not there is one', async () => {
    const { scene, holder, payload } = await minted();
    const other = await scene.openFor(holder.number);
    const at = (identifier: string) =>
      scene.keys.sign(
        {},
        {
          ...payload,
          authorization_details: [{ ...payload['authorization_details'][0], identifier }],
        },
      );
    // The book is read from where the other case began, without earlier requests.
    await expect(scene.pull(at(other))).rejects.toMatchObject({ code: 'consent_absent' });
    await expect(scene.pull(at('AAAAAAAAAAAAAAAAAAAAAA'))).rejects.toEqual(
      refusedWith('case_absent'),
    );
    await expect(scene.pull(at('../case'))).rejects.toEqual(refusedWith('case_absent'));
  });

  test.each<[string, string, object]>([
    ['another algorithm', 'token_signature_refused', { alg: 'ES256' }],
    ['no algorithm', 'token_signature_refused', { alg: 'none' }],
    ['another type', 'token_signature_refused', { typ: 'at+jwt' }],
    ['an unknown key id', 'token_signature_refused', { kid: 'ledger-2' }],
    ['a key of its own', 'token_signature_refused', { jwk: new TestKey().jwk }],
    ['a key by URL', 'token_signature_refused', { jku: 'https://evil.example/keys' }],
    ['a critical extension', 'token_signature_refused', { crit: ['b64'], b64: false }],
    ['compression', 'token_signature_refused', { zip: 'DEF' }],
  ])('whose header names %s is refused', async (_, code, header) => {
    const { scene, payload } = await minted();
    await expect(scene.pull(scene.keys.sign(header, payload))).rejects.toEqual(refusedWith(code));
  });

  test('signed by somebody else is refused', async () => {
    const { scene, payload } = await minted();
    await expect(scene.pull(new SceneLedgerKeys().sign({}, payload))).rejects.toEqual(
      refusedWith('token_signature_refused'),
    );
  });

  test('with a claim twice, or with base64 that has two spellings, is refused', async () => {
    const { scene, payload, token } = await minted();
    const twice = JSON.stringify(payload).replace('{', '{"client_id":"terminal-2",');
    await expect(scene.pull(scene.keys.sign({}, twice))).rejects.toEqual(
      refusedWith('token_malformed'),
    );
    await expect(scene.pull(`${token}=`)).rejects.toEqual(refusedWith('token_malformed'));
    await expect(scene.pull(token.replace('.', '.\n'))).rejects.toEqual(
      refusedWith('token_malformed'),
    );
    await expect(scene.pull('not a token')).rejects.toEqual(refusedWith('token_malformed'));
  });

  test('is read the same by any process that has the published keys', async () => {
    const { scene, token, consent, atCase } = await minted();
    await expect(
      readConsentToken(token, scene.keys, scene.terminal, scene.clock.now()),
    ).resolves.toMatchObject({ consent, case: atCase });
  });
});
