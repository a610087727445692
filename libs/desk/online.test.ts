import { expect, test } from '@jest/globals';
import { MemoryEventStore } from '#libs/event-store/memory';
import { ReleaseScene } from '../../test/support/release-scene.js';

const refusedWith = (code: string) => expect.objectContaining({ code });
const idCard = { 姓名: '测试甲', 公民身份号码: '11010519491231002X' };

async function stage() {
  const scene = new ReleaseScene(new MemoryEventStore('city.example'));
  const holder = scene.person(idCard.公民身份号码);
  await scene.certificate(holder.subject, 'ZZ001', idCard);
  return { scene, holder };
}

test('an online case is taken, asked, answered without a number and released, and its applicant follows it', async () => {
  const { scene, holder } = await stage();
  const atCase = await scene.apply(holder);
  const stageIs = async (stage: string) => {
    expect((await scene.application(holder, atCase)).stage).toBe(stage);
  };
  await stageIs('opened');
  await expect(scene.view(atCase)).rejects.toEqual(refusedWith('case_not_taken'));
  await expect(scene.request(atCase)).rejects.toEqual(refusedWith('case_not_taken'));

  await scene.take(atCase);
  await stageIs('taken');
  expect(await scene.view(atCase)).toMatchObject({
    origin: 'online',
    window: 'window-1',
    answered: 0,
    participants: [{ role: 'applicant' }],
  });

  const consent = await scene.request(atCase);
  await stageIs('asked');
  expect(await scene.eventOf(holder.subject, 'ConsentRequested')).toMatchObject({ match: null });
  await scene.grant(holder, consent);
  await stageIs('answered');
  await scene.pull(await scene.token(atCase, consent));
  expect(scene.decrypted).toEqual(['姓名', '公民身份号码']);
  // The application form is still to be brought.
  await stageIs('papers');
  expect(await scene.view(atCase)).toMatchObject({ answered: 1 });
  for (const material of ['ZZ002', 'ZZ900']) await scene.bring(atCase, material);
  await stageIs('answered');
  await scene.close(atCase);
  await stageIs('done');
});

test('of two windows that take a case at once one has it, and the other is told', async () => {
  const { scene, holder } = await stage();
  const atCase = await scene.apply(holder);
  const outcomes = await Promise.allSettled([
    scene.take(atCase),
    scene.take(atCase, scene.otherWindow),
  ]);
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
    reason: { code: 'case_already_taken' },
  });
});

test('a case that was given back is another window’s, and nothing leaves by what the first had asked', async () => {
  const { scene, holder } = await stage();
  const atCase = await scene.apply(holder);
  await scene.take(atCase);
  const consent = await scene.request(atCase);
  await expect(scene.giveBack(atCase)).rejects.toEqual(refusedWith('case_request_under_way'));
  await scene.grant(holder, consent);
  const token = await scene.token(atCase, consent);
  await expect(scene.giveBack(atCase)).rejects.toEqual(refusedWith('case_request_under_way'));
  scene.beforeLastLook = async () => {
    scene.beforeLastLook = () => Promise.resolve();
    await scene.giveBack(atCase);
  };
  await expect(scene.pull(token)).rejects.toEqual(refusedWith('case_in_hand'));
  await expect(scene.giveBack(atCase)).rejects.toEqual(refusedWith('case_in_hand'));
});

test('a case that was given back is followed as one that waits, and asked for anew where it is taken', async () => {
  const { scene, holder } = await stage();
  const atCase = await scene.apply(holder);
  await scene.take(atCase);
  await scene.refuse(holder, await scene.request(atCase));
  await scene.giveBack(atCase);
  expect(await scene.application(holder, atCase)).toMatchObject({ stage: 'opened' });
  await expect(scene.view(atCase)).rejects.toEqual(refusedWith('case_not_taken'));
  await scene.take(atCase, scene.otherWindow);
  await expect(scene.view(atCase)).rejects.toEqual(refusedWith('case_of_another_window'));
  await scene.grant(holder, await scene.request(atCase, ['ZZ001'], scene.otherWindow));
});

test('a withdrawn case takes its requests with it, and a yes that was not used', async () => {
  const { scene, holder } = await stage();
  const atCase = await scene.apply(holder);
  await scene.take(atCase);
  const [waiting, granted] = [
    await scene.request(atCase, ['ZZ002']),
    await scene.request(atCase, ['ZZ001']),
  ];
  await scene.grant(holder, granted);
  const token = await scene.token(atCase, granted);
  await scene.withdrawCase(holder, atCase);
  expect(await scene.application(holder, atCase)).toMatchObject({
    stage: 'withdrawn',
    consents: expect.arrayContaining([
      expect.objectContaining({ consent: waiting, state: 'refused' }),
      expect.objectContaining({ consent: granted, state: 'withdrawn' }),
    ]),
  });
  await expect(scene.pull(token)).rejects.toEqual(refusedWith('case_closed'));
  await scene.withdrawCase(holder, atCase);
  expect(scene.decrypted).toEqual([]);
});

test('a case withdrawn in the very moment of a release withholds it', async () => {
  const { scene, holder } = await stage();
  const atCase = await scene.apply(holder);
  await scene.take(atCase);
  const consent = await scene.request(atCase);
  await scene.grant(holder, consent);
  scene.beforeLastLook = async () => {
    scene.beforeLastLook = () => Promise.resolve();
    await scene.withdrawCase(holder, atCase);
  };
  await expect(scene.pull(await scene.token(atCase, consent))).rejects.toEqual(
    refusedWith('release_withheld'),
  );
});

test('what opens a case is signed just now, by the phone that sends it, over what the catalogue says', async () => {
  const { scene, holder } = await stage();
  const other = scene.person('110105198001010010');
  const refused = async (jws: string, code: string) => {
    await expect(scene.apply(holder, jws)).rejects.toEqual(refusedWith(code));
  };
  const signed = (changes: Record<string, unknown>) => scene.applicationOf(holder, changes);
  await refused(scene.applicationOf(other), 'application_signature_refused');
  await refused(signed({ act: 'close' }), 'application_malformed');
  await refused(signed({ case: '-too-short' }), 'application_malformed');
  await refused(signed({ extra: 'x' }), 'application_malformed');
  await refused(signed({ iat: 0 }), 'application_stale');
  await refused(signed({ matter: 'SX9999' }), 'matter_absent');
  await refused(signed({ matterName: '离婚登记' }), 'application_out_of_date');
  await refused(signed({ department: '民政' }), 'application_out_of_date');
  scene.erased.add(holder.subject);
  await refused(signed({}), 'subject_erased');
  scene.erased.clear();
  scene.phones.delete(holder.key.jkt);
  await refused(signed({}), 'application_signature_refused');
  expect(scene.applications.counted).toEqual([]);
});

test('a signature opens one case, however often it is sent', async () => {
  const { scene, holder } = await stage();
  const jws = scene.applicationOf(holder);
  const first = await scene.apply(holder, jws, 'one-key-for-both');
  expect(await scene.apply(holder, jws, 'one-key-for-both')).toBe(first);
  await expect(scene.apply(holder, jws)).rejects.toEqual(refusedWith('case_already_open'));
  expect(scene.applications.counted).toEqual([holder.subject]);
});

test('another holder sees and withdraws nothing', async () => {
  const { scene, holder } = await stage();
  const other = scene.person('110105198001010010');
  const atCase = await scene.apply(holder);
  await expect(scene.application(other, atCase)).rejects.toEqual(refusedWith('case_absent'));
  await expect(scene.withdrawCase(other, atCase)).rejects.toEqual(refusedWith('case_absent'));
  // A case that a window opened is not followed on a phone.
  const atWindow = await scene.openFor(holder.number);
  await expect(scene.application(holder, atWindow)).rejects.toEqual(refusedWith('case_absent'));
});
