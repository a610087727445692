import { describe, expect, test } from '@jest/globals';
import { MemoryEventStore } from '#libs/event-store/memory';
import type { WrongAnswer } from '../../test/support/authenticator.js';
import { TestKey } from '../../test/support/keys.js';
import { ReleaseScene } from '../../test/support/release-scene.js';

const refusedWith = (code: string) => expect.objectContaining({ code });

/** A holder whose phone has a passkey, and who was asked for the id card. */
async function asked(kind?: 'Ed25519' | 'P-256') {
  const scene = new ReleaseScene(new MemoryEventStore('city.example'));
  const holder = scene.person('11010519491231002X');
  const passkey = await scene.passkey(holder, kind);
  const atCase = await scene.openFor(holder.number);
  const consent = await scene.request(atCase);
  const answer = (wrong?: WrongAnswer & { readonly digits?: string | null }) =>
    scene.passkeyGrantOf(holder, consent, passkey, wrong);
  return { scene, holder, passkey, atCase, consent, answer };
}

describe('a grant by a passkey', () => {
  test.each(['P-256', 'Ed25519'] as const)('of %s is kept as it was given', async (kind) => {
    const { scene, holder, consent, answer } = await asked(kind);
    const { digits, ...given } = await answer();
    await expect(scene.grant(holder, consent, { digits, ...given })).resolves.toMatchObject({
      state: 'granted',
    });
    expect(await scene.eventOf(holder.subject, 'ConsentGranted')).toMatchObject({
      caller: holder.subject,
      proof: { method: 'webauthn', ...given, jkt: expect.stringMatching(/^[\w-]{43}$/) as unknown },
    });
  });

  test('lets the data be released once, and the token says how it was given', async () => {
    const { scene, holder, atCase, consent, answer } = await asked();
    await scene.certificate(holder.subject, 'ZZ001', { 姓名: '测试甲', 公民身份号码: '1' });
    await scene.grant(holder, consent, await answer());
    const token = await scene.token(atCase, consent);
    const claims = JSON.parse(
      Buffer.from(token.split('.')[1] ?? '', 'base64url').toString(),
    ) as Record<string, unknown>;
    expect(claims).toMatchObject({
      amr: ['swk', 'user'],
      acr: 'urn:mianzheng:acr:enrolled-passkey',
    });
    await expect(scene.pull(token)).resolves.toBeDefined();
  });

  test.each<[string, string, WrongAnswer]>([
    ['over another text', 'grant_for_another_text', { challenge: 'A'.repeat(43) }],
    ['on a page of another site', 'grant_from_elsewhere', { origin: 'http://localhost:8081' }],
    ['on a page without https', 'grant_from_elsewhere', { origin: 'http://city.example' }],
    ['for another RP ID', 'grant_from_elsewhere', { rpId: 'elsewhere.example' }],
    ['inside another page', 'grant_from_elsewhere', { crossOrigin: true }],
    ['without a test of the user', 'grant_user_not_verified', { userVerified: false }],
    ['that creates a passkey instead', 'grant_malformed', { type: 'webauthn.create' }],
  ])('%s is refused with %s', async (_, code, wrong) => {
    const { scene, holder, consent, answer } = await asked();
    await expect(scene.grant(holder, consent, await answer(wrong))).rejects.toEqual(
      refusedWith(code),
    );
    expect(await scene.bookOf(holder.subject)).toEqual(['ConsentRequested']);
  });

  test.each(['authenticatorData', 'clientDataJSON', 'signature'] as const)(
    'with another %s than was signed is refused',
    async (part) => {
      const { scene, holder, consent, answer } = await asked();
      const given = await answer();
      const bytes = Buffer.from(given[part], 'base64url');
      // Of the authenticator's data the sign count, of the client's a member that nobody reads.
      const at = part === 'authenticatorData' ? 36 : part === 'clientDataJSON' ? null : 30;
      const changed =
        at === null
          ? Buffer.from(bytes.toString().replace('{', '{"more":1,'))
          : Buffer.from(bytes.map((byte, n) => (n === at ? byte ^ 1 : byte)));
      const other = { ...given, [part]: changed.toString('base64url') };
      await expect(scene.grant(holder, consent, other)).rejects.toEqual(
        refusedWith('grant_signature_refused'),
      );
    },
  );

  test('of a wrong number is a try, and the second closes the request', async () => {
    const { scene, holder, consent, answer } = await asked();
    const { digits } = await answer();
    const wrong = String((Number(digits) + 1) % 100).padStart(2, '0');
    const miss = async () => scene.grant(holder, consent, await answer({ digits: wrong }));
    await expect(miss()).rejects.toEqual(refusedWith('number_mismatched'));
    await expect(miss()).rejects.toEqual(refusedWith('number_mismatched_twice'));
  });

  test('whose number is not the one that was signed is refused, and is no try', async () => {
    const { scene, holder, consent, answer } = await asked();
    const given = await answer({ digits: null });
    const { digits } = await answer();
    await expect(scene.grant(holder, consent, { ...given, digits })).rejects.toEqual(
      refusedWith('grant_for_another_text'),
    );
    await expect(scene.grant(holder, consent, given)).rejects.toEqual(
      refusedWith('number_missing'),
    );
    expect(await scene.bookOf(holder.subject)).toEqual(['ConsentRequested']);
  });

  test('of another phone of the holder is unknown, and so is one that was taken back', async () => {
    const { scene, holder, consent, answer } = await asked();
    const given = await answer();
    const second = await scene.secondPhone(holder, new TestKey());
    await expect(scene.grant(second, consent, given)).rejects.toEqual(
      refusedWith('grant_passkey_unknown'),
    );
    await scene.revokePasskey(holder);
    await expect(scene.grant(holder, consent, given)).rejects.toEqual(
      refusedWith('grant_passkey_unknown'),
    );
    await expect(scene.grant(holder, consent)).resolves.toMatchObject({ state: 'granted' });
  });

  test('is over when the passkey is taken back, or its phone', async () => {
    for (const take of ['revoke', 'revokePasskey'] as const) {
      const { scene, holder, atCase, consent, answer } = await asked();
      await scene.certificate(holder.subject, 'ZZ001', { 姓名: '测试甲', 公民身份号码: '1' });
      await scene.grant(holder, consent, await answer());
      const token = await scene.token(atCase, consent);
      await scene[take](holder);
      expect((await scene.bookOf(holder.subject)).at(-1)).toBe('ConsentEnded');
      await expect(scene.pull(token)).rejects.toEqual(refusedWith('consent_ended'));
    }
  });

  test('whose counter does not grow is refused; one that always says 0 is taken', async () => {
    for (const [counters, last] of [
      [[7, 8], 8],
      [[7, 8], 0],
      [[0, 0], null],
    ] as const) {
      const { scene, holder, passkey } = await asked();
      const grantWith = async (counter: number) => {
        const consent = await scene.request(await scene.openFor(holder.number));
        const answer = await scene.passkeyGrantOf(holder, consent, passkey, { counter });
        return scene.grant(holder, consent, answer);
      };
      for (const counter of counters) await grantWith(counter);
      if (last === null) await expect(grantWith(0)).resolves.toBeDefined();
      else await expect(grantWith(last)).rejects.toEqual(refusedWith('grant_counter_behind'));
    }
  });
});
