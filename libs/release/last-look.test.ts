import { describe, expect, test } from '@jest/globals';
import { MemoryEventStore } from '#libs/event-store/memory';
import { clientStream } from '#libs/identity';
import { TestKey } from '../../test/support/keys.js';
import { ReleaseScene } from '../../test/support/release-scene.js';

const idCard = { 姓名: '测试甲', 公民身份号码: '11010519491231002X', 住址: '某市某路1号' };

async function granted() {
  const scene = new ReleaseScene(new MemoryEventStore('city.example'));
  const holder = scene.person('11010519491231002X');
  const certificate = await scene.certificate(holder.subject, 'ZZ001', idCard);
  const atCase = await scene.openFor(holder.number);
  const consent = await scene.request(atCase);
  await scene.grant(holder, consent);
  return { scene, holder, certificate, atCase, consent };
}
type Granted = Awaited<ReturnType<typeof granted>>;

const rotated = () => ({
  type: 'ClientKeyRotated',
  data: { added: { kid: new TestKey().jkt, alg: 'EdDSA', jwk: {} }, retired: ['every other'] },
});

/**
 * All that a release rests on, each revoked and acknowledged while the release waits for its seal.
 */
const takenAway: readonly (readonly [string, (on: Granted) => Promise<unknown>])[] = [
  ['consent_withdrawn', ({ scene, holder, consent }) => scene.withdraw(holder, consent)],
  ['phone_key_revoked', ({ scene, holder }) => scene.revoke(holder)],
  ['material_brought', ({ scene, atCase }) => scene.bring(atCase, 'ZZ001')],
  [
    'caller_disabled',
    ({ scene }) =>
      scene.say(clientStream('terminal-1'), {
        type: 'ClientDisabled',
        data: { reason: 'stolen' },
      }),
  ],
  [
    'caller_key_replaced',
    ({ scene }) => {
      const { data, type } = rotated();
      const retired = [scene.terminalKey.jkt];
      return scene.say(clientStream('terminal-1'), { type, data: { ...data, retired } });
    },
  ],
  ['case_moved', ({ scene, atCase }) => scene.close(atCase)],
  [
    'certificate_moved',
    ({ scene, certificate }) => scene.change(certificate, 'CertificateSuspended'),
  ],
];

describe.each(takenAway)('%s, acknowledged before the last look', (reason, take) => {
  test('withholds the release', async () => {
    const on = await granted();
    const { scene, holder, atCase, consent } = on;
    scene.beforeLastLook = async () => {
      await take(on);
    };
    await expect(scene.pull(await scene.token(atCase, consent))).rejects.toMatchObject({
      code: 'release_withheld',
      facts: { reason },
    });
    expect(await scene.eventOf(holder.subject, 'ReleaseWithheld')).toMatchObject({
      consent,
      reading: 0,
      reason,
    });
    const { accesses } = await scene.accesses(holder);
    expect(accesses.at(-1)).toMatchObject({ kind: 'withheld', reason });
  });

  test('withholds a second reading', async () => {
    const on = await granted();
    const { scene, holder, atCase, consent } = on;
    await scene.pull(await scene.token(atCase, consent));
    scene.beforeLastLook = async () => {
      await take(on);
    };
    await expect(scene.readAgain(atCase, consent)).rejects.toMatchObject({
      code: 'release_withheld',
      facts: { reason },
    });
    expect(await scene.eventOf(holder.subject, 'ReleaseWithheld')).toMatchObject({
      reading: 1,
      reason,
    });
  });
});

test('a client whose new key came beside the old one has not moved', async () => {
  const { scene, atCase, consent } = await granted();
  scene.beforeLastLook = () => scene.say(clientStream('terminal-1'), rotated());
  expect(await scene.pull(await scene.token(atCase, consent))).toHaveProperty('handedOver');
});

test('what was withdrawn before the data left was not released, in the case and in statements', async () => {
  const { scene, holder, atCase, consent } = await granted();
  scene.beforeLastLook = () => scene.withdraw(holder, consent).then(() => undefined);
  await expect(scene.pull(await scene.token(atCase, consent))).rejects.toMatchObject({
    code: 'release_withheld',
  });
  expect((await scene.view(atCase)).requirements[0]).toMatchObject({
    state: 'to-be-brought',
    reason: 'consent_withdrawn',
    mayAsk: true,
  });
});

describe('an operator who is signed in at the terminal', () => {
  const operator = 'o'.repeat(22);
  const roles = ['clerk'] as const;
  const invited = {
    type: 'OperatorInvited',
    data: {
      operator,
      department: '人社',
      roles,
      name: { key: '', text: '' },
      invitation: { hash: '', expires: '2026-12-01T00:00:00.000Z' },
    },
  };
  const passkey = {
    type: 'OperatorPasskeyAdded',
    data: { credential: 'c', jwk: {}, transports: [], backedUp: false },
  };

  test.each([
    ['is disabled', { type: 'OperatorDisabled', data: { reason: 'retired' } }],
    ['loses the role', { type: 'OperatorRolesChanged', data: { roles: ['second-operator'] } }],
    [
      'loses the passkey',
      { type: 'OperatorInvitedAgain', data: { invitation: invited.data.invitation } },
    ],
  ])('and %s before the last look: nothing is released', async (_, gone) => {
    const { scene, atCase, consent } = await granted();
    await scene.say(`operator-${operator}`, invited, passkey);
    const caller = {
      ...scene.terminal,
      operator: { operator, roles, passkey: passkey.data.credential },
    };
    scene.beforeLastLook = () => scene.say(`operator-${operator}`, gone);
    await expect(scene.pull(await scene.token(atCase, consent), caller)).rejects.toMatchObject({
      code: 'release_withheld',
      facts: { reason: 'caller_disabled' },
    });
  });

  test('and stays is no hindrance', async () => {
    const { scene, atCase, consent } = await granted();
    await scene.say(`operator-${operator}`, invited, passkey);
    const caller = {
      ...scene.terminal,
      operator: { operator, roles, passkey: passkey.data.credential },
    };
    const released = await scene.pull(await scene.token(atCase, consent), caller);
    expect(released).toHaveProperty('handedOver');
  });
});
