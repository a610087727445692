import { describe, expect, test } from '@jest/globals';
import { MemoryEventStore } from '#libs/event-store/memory';
import { ReleaseScene } from '../../test/support/release-scene.js';
import { toldNothingAtMost } from './release-decisions.js';

const refusedWith = (code: string, facts?: object) =>
  expect.objectContaining({ code, ...(facts !== undefined && { facts }) });
const ended = (reason: string) => refusedWith('consent_ended', { reason });
const card = { 姓名: '测试甲', 公民身份号码: '11010519491231002X' };

/** A holder with an id card and a phone, asked for it at a window. */
async function asked(materials = ['ZZ001']) {
  const scene = new ReleaseScene(new MemoryEventStore('city.example'));
  const holder = scene.person('11010519491231002X');
  const certificate = await scene.certificate(holder.subject, 'ZZ001', card);
  const atCase = await scene.openFor(holder.number);
  const consent = await scene.request(atCase, materials);
  return { scene, holder, certificate, atCase, consent };
}
async function granted(materials?: string[]) {
  const on = await asked(materials);
  await on.scene.grant(on.holder, on.consent);
  return { ...on, token: await on.scene.token(on.atCase, on.consent) };
}

describe('a paper that was brought', () => {
  test('ends the question: nobody can say yes to it any more', async () => {
    const { scene, holder, atCase, consent } = await asked();
    await scene.bring(atCase, 'ZZ001');
    await expect(scene.grant(holder, consent)).rejects.toEqual(ended('material_brought'));
    expect(await scene.bookOf(holder.subject)).toEqual(['ConsentRequested', 'ConsentEnded']);
    expect((await scene.accesses(holder)).accesses.at(-1)).toMatchObject({
      kind: 'ended',
      reason: 'material_brought',
    });
  });

  test('ends the yes, for pulls and for tokens, though the book did not say so yet', async () => {
    for (const recorded of [true, false]) {
      const { scene, atCase, consent, token } = await granted();
      if (recorded) await scene.bring(atCase, 'ZZ001');
      else
        await scene.say(`case-${atCase}`, {
          type: 'MaterialBrought',
          data: { case: atCase, material: 'ZZ001', reason: 'holder_prefers_paper' },
        });
      await expect(scene.pull(token)).rejects.toEqual(ended('material_brought'));
      await expect(scene.token(atCase, consent)).rejects.toEqual(ended('material_brought'));
    }
  });

  test('ends reading again of what was released, and not of what was not brought', async () => {
    const { scene, atCase, consent, token } = await granted();
    await scene.pull(token);
    await scene.bring(atCase, 'ZZ002');
    await scene.readAgain(atCase, consent);
    await scene.bring(atCase, 'ZZ001');
    await expect(scene.readAgain(atCase, consent)).rejects.toEqual(ended('material_brought'));
  });

  test('leaves what was asked for with it to be asked for again', async () => {
    const { scene, atCase } = await asked(['ZZ001', 'ZZ002']);
    await scene.bring(atCase, 'ZZ001');
    expect((await scene.view(atCase)).requirements.slice(0, 2)).toMatchObject([
      { state: 'brought', mayAsk: false },
      { state: 'to-be-brought', reason: 'consent_ended', mayAsk: true },
    ]);
    await expect(scene.request(atCase, ['ZZ002'])).resolves.toBeDefined();
  });
});

describe('a key that its holder takes back', () => {
  test('ends what it granted, and what could be read again', async () => {
    const { scene, holder, atCase, consent, token } = await granted();
    await scene.revoke(holder);
    await expect(scene.pull(token)).rejects.toEqual(ended('phone_key_revoked'));
    await expect(scene.token(atCase, consent)).rejects.toEqual(ended('phone_key_revoked'));
    expect(await scene.bookOf(holder.subject)).toContain('ConsentEnded');

    const used = await granted();
    await used.scene.pull(used.token);
    await used.scene.revoke(used.holder);
    await expect(used.scene.readAgain(used.atCase, used.consent)).rejects.toEqual(
      ended('phone_key_revoked'),
    );
    expect((await used.scene.view(used.atCase)).requirements[0]).toMatchObject({
      state: 'answered',
    });
  });

  test('ends it though the process died before the book said so', async () => {
    const { scene, holder, token } = await granted();
    await scene.say(`subject-${holder.subject}`, {
      type: 'PhoneKeyRevoked',
      data: { jkt: holder.key.jkt, reason: 'lost' },
    });
    await expect(scene.pull(token)).rejects.toEqual(ended('phone_key_revoked'));
  });

  test('leaves what another phone of the holder granted', async () => {
    const { scene, token, holder } = await granted();
    const other = 'of-another-phone';
    await scene.say(
      `subject-${holder.subject}`,
      {
        type: 'EnrolmentOpened',
        data: { enrolment: 'e', codeHash: '', expires: '', by: '', department: '' },
      },
      {
        type: 'PhoneKeyOffered',
        data: { enrolment: 'e', jkt: other, jwk: {}, proof: '', confirmBy: '' },
      },
      { type: 'PhoneEnrolled', data: { enrolment: 'e', jkt: other, statement: '', by: '' } },
    );
    await scene.revoke(holder, other);
    expect(await scene.pull(token)).toHaveProperty('handedOver');
  });

  test('grants nothing, though it was taken back between the look at it and the record', async () => {
    const { scene, holder, consent } = await asked();
    const jws = await scene.grantOf(holder, consent);
    const append = scene.store.append.bind(scene.store);
    scene.store.append = async (stream, ...rest) => {
      if (stream.startsWith('book-')) {
        scene.store.append = append;
        await scene.revoke(holder);
      }
      return append(stream, ...rest);
    };
    await expect(scene.grant(holder, consent, jws)).rejects.toEqual(
      refusedWith('grant_signature_refused'),
    );
    expect(await scene.bookOf(holder.subject)).toEqual([
      'ConsentRequested',
      'ConsentGranted',
      'ConsentEnded',
    ]);
  });

  test('shows no code that opens a case', async () => {
    const { scene, holder } = await asked();
    await scene.qrCodes.issue('a-code', holder.caller, scene.clock.now());
    await scene.revoke(holder);
    await expect(scene.open([{ role: 'applicant', code: 'a-code' }])).rejects.toEqual(
      refusedWith('participant_code_refused'),
    );
  });
});

test('an erased holder is asked for nothing more, in a case of before either', async () => {
  const { scene, holder, atCase } = await asked();
  scene.erased.add(holder.subject);
  await expect(scene.request(atCase, ['ZZ002'])).rejects.toEqual(refusedWith('subject_erased'));
  expect(await scene.bookOf(holder.subject)).toEqual(['ConsentRequested']);
});

describe('what a window learns of a holder', () => {
  test('stands in the book each time, and is told a few times at most', async () => {
    const { scene, holder, certificate, atCase, token } = await granted();
    await scene.change(certificate, 'CertificateSuspended');
    for (let n = 0; n < toldNothingAtMost; n++)
      await expect(scene.pull(token)).rejects.toEqual(refusedWith('certificate_suspended'));
    await expect(scene.pull(token)).rejects.toEqual(
      refusedWith('consent_ended', {
        reason: 'nothing_to_release',
        missing: ['ZZ001: certificate_suspended'],
      }),
    );
    const { accesses } = await scene.accesses(holder);
    const told = { kind: 'nothing-released', used: [] };
    const missing = [{ material: 'ZZ001', reason: 'certificate_suspended' }];
    expect(accesses.slice(2)).toMatchObject(
      Array.from({ length: toldNothingAtMost }, () => ({ ...told, missing })),
    );
    expect((await scene.view(atCase)).requirements[0]).toMatchObject({
      state: 'to-be-brought',
      reason: 'certificate_suspended',
      mayAsk: true,
    });
  });

  test('when it reads again stands there too', async () => {
    const { scene, holder, certificate, atCase, consent, token } = await granted();
    await scene.pull(token);
    await scene.change(certificate, 'CertificateRevoked');
    await expect(scene.readAgain(atCase, consent)).rejects.toEqual(
      refusedWith('certificate_revoked'),
    );
    expect(await scene.eventOf(holder.subject, 'NothingReleased')).toMatchObject({
      consent,
      reading: 1,
      ends: false,
      missing: [{ material: 'ZZ001', reason: 'certificate_revoked' }],
    });
  });

  test('does not include whether two numbers are one person: each role is asked by itself', async () => {
    const scene = new ReleaseScene(new MemoryEventStore('city.example'));
    const whose = ['applicant', 'spouse'] as const;
    scene.materials = [
      {
        material: 'ZZ001',
        nameZh: '居民身份证',
        answers: whose.map((each) => ({ type: 'ZZ001', whose: each, fields: ['姓名'] })),
      },
    ];
    const holder = scene.person('11010519491231002X');
    scene.subjects.set('414 A1234567', holder.subject);
    const atCase = await scene.open([
      { role: 'applicant', identifier: { kind: '111', number: holder.number } },
      { role: 'spouse', identifier: { kind: '414', number: 'A1234567' } },
    ]);
    for (const role of whose) await scene.request(atCase, ['ZZ001'], scene.terminal, role);
    await expect(scene.request(atCase)).rejects.toEqual(refusedWith('consent_already_waiting'));
  });
});
