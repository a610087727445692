import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { MemoryEventStore } from '#libs/event-store/memory';
import { canonicalize, plusSeconds } from '#libs/kernel';
import { type SubjectEvent, subjectStream } from '#libs/subject';
import { TestKey } from '../../test/support/keys.js';
import { ReleaseScene } from '../../test/support/release-scene.js';
import { actingKeyOf } from '../../test/support/acting-key.js';

const idCard = { 姓名: '测试甲', 公民身份号码: '11010519491231002X', 住址: '某市某路1号' };

const stage = () => new ReleaseScene(new MemoryEventStore('city.example'));

/** A holder with an id card, a case of theirs, and a granted consent for it. */
async function granted(scene = stage(), materials = ['ZZ001']) {
  const holder = scene.person('11010519491231002X');
  const certificate = await scene.certificate(holder.subject, 'ZZ001', idCard);
  const atCase = await scene.openFor(holder.number);
  const consent = await scene.request(atCase, materials);
  await scene.grant(holder, consent);
  return { scene, holder, certificate, atCase, consent };
}

/** The events of a subject's erasure: the request, and as many of the following `steps`. */
async function erase(scene: ReleaseScene, subject: string, steps = 2): Promise<void> {
  const [erasure, first, second] = ['e', 'administrator-1', 'administrator-2'] as const;
  const events: SubjectEvent[] = [
    {
      type: 'ErasureRequested',
      data: {
        erasure,
        by: first,
        requestedWith: actingKeyOf(first),
        reason: 'consent-withdrawn',
        expires: plusSeconds(scene.clock.now(), 3600),
      },
    },
    { type: 'ErasureApproved', data: { erasure, by: second, approvedWith: actingKeyOf(second) } },
    { type: 'SubjectErased', data: { erasure } },
  ];
  await scene.say(subjectStream(subject), ...events.slice(0, 1 + steps));
}

const refusedWith = (code: string) => expect.objectContaining({ code });
const withheldFor = (reason: string) =>
  expect.objectContaining({ code: 'release_withheld', facts: { reason } });

describe('a release', () => {
  test('hands over exactly the fields that the rule names, with the authority’s signature', async () => {
    const { scene, atCase, consent, holder } = await granted();
    const { handedOver, record } = await scene.pull(await scene.token(atCase, consent));

    const [material] = handedOver.materials;
    expect(material).toMatchObject({
      material: 'ZZ001',
      type: 'ZZ001',
      version: 1,
      signed: 'signed-1',
      fields: { 姓名: '测试甲', 公民身份号码: '11010519491231002X' },
      absentFields: [],
    });
    expect(material?.disclosures).toHaveLength(2);
    expect(scene.decrypted.sort()).toEqual(['公民身份号码', '姓名']);
    expect(handedOver.missing).toEqual([]);
    expect(handedOver).toMatchObject({ action: 'read', basis: 'consent' });
    expect(handedOver.subject).not.toBe(holder.subject);
    expect(handedOver.purpose.zh).toContain(atCase);
    expect(handedOver.purpose.zh).toContain('办理“灵活就业人员参保登记”');
    expect(handedOver.purpose.en).toContain('Social insurance enrolment');
    expect(handedOver.purpose.en).toContain('Only for Human Resources and Social Security (');
    expect(record.stream).not.toContain(holder.subject);
  });

  test('is recorded before anything leaves, and the receiver can prove what was handed over', async () => {
    const { scene, atCase, consent, holder, certificate } = await granted();
    const { handedOver, record } = await scene.pull(await scene.token(atCase, consent));

    const stored = (await scene.store.readStream(record.stream))[record.version];
    expect(stored?.hash).toBe(record.hash);
    expect(stored?.body.type).toBe('ConsentRedeemed');
    expect(stored?.body.data).toMatchObject({
      consent,
      case: atCase,
      read: [{ material: 'ZZ001', certificate, number: 1, fields: ['姓名', '公民身份号码'] }],
      commitment: record.commitment,
    });
    const salted = Buffer.concat([
      Buffer.from(record.salt, 'base64url'),
      Buffer.from(canonicalize(handedOver)),
    ]);
    expect(createHash('sha256').update(salted).digest('base64url')).toBe(record.commitment);
    expect(await scene.bookOf(holder.subject)).toEqual([
      'ConsentRequested',
      'ConsentGranted',
      'ConsentRedeemed',
    ]);
  });

  test('leaves nothing personal in the ledger', async () => {
    const { scene, atCase, consent, holder } = await granted();
    await scene.pull(await scene.token(atCase, consent));
    const all = await scene.store.readAll(0n, 1000);
    for (const { body } of all.filter(({ body }) => !body.stream.startsWith('certificate-'))) {
      const text = JSON.stringify(body);
      expect(text).not.toContain(holder.number);
      expect(text).not.toContain('测试甲');
      expect(text).not.toContain('某市某路');
    }
  });

  test('happens once: a second use of the same consent is refused and adds nothing', async () => {
    const { scene, atCase, consent, holder } = await granted();
    const token = await scene.token(atCase, consent);
    await scene.pull(token);
    const before = await scene.bookOf(holder.subject);
    await expect(scene.pull(token)).rejects.toEqual(refusedWith('consent_spent'));
    await expect(scene.token(atCase, consent)).rejects.toEqual(refusedWith('consent_spent'));
    expect(await scene.bookOf(holder.subject)).toEqual(before);
  });

  test('happens once under one Idempotency-Key too: data are not kept, so a retry gets none', async () => {
    const { scene, atCase, consent } = await granted();
    const token = await scene.token(atCase, consent);
    const key = 'the-same-key-for-both-attempts';
    await scene.pull(token, scene.terminal, key);
    await expect(scene.pull(token, scene.terminal, key)).rejects.toEqual(
      refusedWith('consent_spent'),
    );
  });

  test('happens once even where another attempt under the key comes in between', async () => {
    const { scene, atCase, consent, holder } = await granted();
    const token = await scene.token(atCase, consent);
    const key = 'the-same-key-for-both-attempts';
    scene.whileOpening = async () => {
      scene.whileOpening = () => Promise.resolve();
      await scene.pull(token, scene.terminal, key);
    };
    await expect(scene.pull(token, scene.terminal, key)).rejects.toEqual(
      refusedWith('consent_spent'),
    );
    expect(await scene.bookOf(holder.subject)).toHaveLength(3);
  });

  test('waits for the seal where the policy says so: without it nothing leaves', async () => {
    const { scene, atCase, consent, holder } = await granted();
    const token = await scene.token(atCase, consent);
    scene.sealPending = true;
    await expect(scene.pull(token)).rejects.toEqual(refusedWith('seal_pending'));
    expect(await scene.bookOf(holder.subject)).toContain('ConsentRedeemed');
    scene.sealPending = false;
    expect(await scene.readAgain(atCase, consent)).toMatchObject({ reading: 1 });
  });

  test('is for the terminal that asked: not another window’s, another terminal’s or another key’s', async () => {
    const { scene, atCase, consent } = await granted();
    const token = await scene.token(atCase, consent);
    await expect(scene.pull(token, scene.otherWindow)).rejects.toEqual(
      refusedWith('token_of_another_client'),
    );
    const otherKey = { ...scene.terminal, jkt: new TestKey().jkt };
    await expect(scene.pull(token, otherKey)).rejects.toEqual(refusedWith('token_of_another_key'));
    await expect(scene.token(atCase, consent, scene.otherWindow)).rejects.toEqual(
      refusedWith('case_of_another_window'),
    );
    const neighbour = scene.caller('terminal-9', 'window-1', new TestKey().jkt);
    await expect(scene.token(atCase, consent, neighbour)).rejects.toEqual(
      refusedWith('consent_of_another_terminal'),
    );
  });

  test('needs an open case', async () => {
    const { scene, atCase, consent, holder } = await granted();
    const token = await scene.token(atCase, consent);
    await scene.close(atCase);
    await expect(scene.pull(token)).rejects.toEqual(refusedWith('case_closed'));
    expect(await scene.bookOf(holder.subject)).not.toContain('ConsentRedeemed');
  });

  test('needs a grant that is still good', async () => {
    const scene = stage();
    const holder = scene.person('11010519491231002X');
    const atCase = await scene.openFor(holder.number);
    const consent = await scene.request(atCase);
    await expect(scene.token(atCase, consent)).rejects.toEqual(refusedWith('consent_not_granted'));
    await scene.grant(holder, consent);
    scene.clock.pass(599);
    const token = await scene.token(atCase, consent);
    scene.clock.pass(2);
    await expect(scene.token(atCase, consent)).rejects.toEqual(refusedWith('consent_expired'));
    await expect(scene.pull(token)).rejects.toMatchObject({
      code: expect.stringMatching(/^(consent|token)_expired$/),
    });
  });

  test('does not happen after the holder took the grant back', async () => {
    const { scene, atCase, consent, holder } = await granted();
    const token = await scene.token(atCase, consent);
    await scene.withdraw(holder, consent);
    await expect(scene.pull(token)).rejects.toEqual(refusedWith('consent_withdrawn'));
  });

  test.each([
    ['CertificateRevoked', 'certificate_revoked'],
    ['CertificateSuspended', 'certificate_suspended'],
  ] as const)(
    'of a certificate with %s between grant and pull is refused, and spends nothing',
    async (change, code) => {
      const { scene, atCase, consent, certificate, holder } = await granted();
      const token = await scene.token(atCase, consent);
      await scene.change(certificate, change);
      await expect(scene.pull(token)).rejects.toEqual(refusedWith(code));
      expect(await scene.bookOf(holder.subject)).not.toContain('ConsentRedeemed');
      expect(scene.decrypted).toEqual([]);
    },
  );

  test.each([
    [{ from: '2000-01-01', until: '2026-11-21' }, 'certificate_expired'],
    [{ from: '2026-11-23' }, 'certificate_not_yet_valid'],
  ])('of a certificate whose days are %j is refused', async (validity, code) => {
    const scene = stage();
    const holder = scene.person('11010519491231002X');
    await scene.certificate(holder.subject, 'ZZ001', idCard, validity);
    const atCase = await scene.openFor(holder.number);
    const consent = await scene.request(atCase);
    await scene.grant(holder, consent);
    await expect(scene.pull(await scene.token(atCase, consent))).rejects.toEqual(refusedWith(code));
  });

  test('says only after the grant that a holder has nothing, and spends nothing for it', async () => {
    const scene = stage();
    const holder = scene.person('11010519491231002X');
    const atCase = await scene.openFor(holder.number);
    const consent = await scene.request(atCase);
    expect((await scene.view(atCase)).requirements[0]).toMatchObject({ state: 'waiting' });
    await scene.grant(holder, consent);
    await expect(scene.pull(await scene.token(atCase, consent))).rejects.toEqual(
      refusedWith('holder_has_none'),
    );
    await scene.certificate(holder.subject, 'ZZ001', idCard);
    await expect(scene.pull(await scene.token(atCase, consent))).resolves.toBeDefined();
  });

  test('answers in part what can be answered, and names the rest with its reason', async () => {
    const { scene, atCase, consent } = await granted(stage(), ['ZZ001', 'ZZ002']);
    const { handedOver } = await scene.pull(await scene.token(atCase, consent));
    expect(handedOver.materials.map(({ material }) => material)).toEqual(['ZZ001']);
    expect(handedOver.missing).toEqual([{ material: 'ZZ002', reason: 'holder_has_none' }]);
    const { requirements } = await scene.view(atCase);
    expect(requirements.map(({ state, reason }) => [state, reason])).toEqual([
      ['answered', null],
      ['to-be-brought', 'holder_has_none'],
      ['to-be-brought', 'no_rule'],
    ]);
  });

  test('takes the second type of a rule where the first is missing, and only its fields', async () => {
    const scene = stage();
    const { atCase, consent, holder } = await granted(scene, ['ZZ001', 'ZZ002']);
    await scene.certificate(holder.subject, 'ZZ003', { 居住地住址: '某市某路1号', 姓名: '测试甲' });
    const { handedOver } = await scene.pull(await scene.token(atCase, consent));
    expect(handedOver.materials[1]).toMatchObject({
      material: 'ZZ002',
      type: 'ZZ003',
      fields: { 居住地住址: '某市某路1号' },
    });
  });

  test('hands over what a certificate has of the fields, and names those that it has not', async () => {
    const scene = stage();
    const holder = scene.person('11010519491231002X');
    await scene.certificate(holder.subject, 'ZZ001', { 姓名: '测试甲' });
    const atCase = await scene.openFor(holder.number);
    const consent = await scene.request(atCase);
    await scene.grant(holder, consent);
    const { handedOver } = await scene.pull(await scene.token(atCase, consent));
    expect(handedOver.materials[0]).toMatchObject({
      fields: { 姓名: '测试甲' },
      absentFields: ['公民身份号码'],
    });
  });

  test('never opens a certificate of somebody else that the wallet proposes by mistake', async () => {
    const scene = stage();
    const holder = scene.person('11010519491231002X');
    const other = scene.person('110105194912310003');
    const certificate = await scene.certificate(other.subject, 'ZZ001', idCard);
    scene.held.push({ subject: holder.subject, certificate, type: 'ZZ001' });
    const atCase = await scene.openFor(holder.number);
    const consent = await scene.request(atCase);
    await scene.grant(holder, consent);
    await expect(scene.pull(await scene.token(atCase, consent))).rejects.toEqual(
      refusedWith('holder_has_none'),
    );
    expect(scene.decrypted).toEqual([]);
  });

  test('fails cleanly where the holder’s key was erased', async () => {
    const { scene, atCase, consent, holder } = await granted();
    scene.erased.add(holder.subject);
    await expect(scene.pull(await scene.token(atCase, consent))).rejects.toEqual(
      refusedWith('subject_key_destroyed'),
    );
    expect(await scene.bookOf(holder.subject)).not.toContain('ConsentRedeemed');
  });
});

describe('the last look', () => {
  test.each([
    [
      'the case was closed',
      'case_moved',
      (scene: ReleaseScene, atCase: string) => scene.close(atCase),
    ],
    [
      'a certificate was revoked',
      'certificate_moved',
      (scene: ReleaseScene, _: string, certificate: string) =>
        scene.change(certificate, 'CertificateRevoked'),
    ],
  ] as const)(
    'withholds the release where %s after its record was written',
    async (_what, code, move) => {
      const { scene, atCase, consent, certificate, holder } = await granted();
      scene.beforeLastLook = async () => {
        await move(scene, atCase, certificate);
      };
      await expect(scene.pull(await scene.token(atCase, consent))).rejects.toEqual(
        withheldFor(code),
      );
      expect(await scene.bookOf(holder.subject)).toEqual([
        'ConsentRequested',
        'ConsentGranted',
        'ConsentRedeemed',
        'ReleaseWithheld',
      ]);
      expect(await scene.eventOf(holder.subject, 'ReleaseWithheld')).toMatchObject({
        consent,
        reading: 0,
        reason: code,
      });
      scene.beforeLastLook = () => Promise.resolve();
      await expect(scene.readAgain(atCase, consent)).rejects.toMatchObject({
        code: expect.stringMatching(/^(release_withheld|case_closed)$/),
      });
    },
  );
});

describe('an erasure of the holder, approved while the witnesses are waited for', () => {
  test.each([
    ['approved only', 1],
    ['carried out', 2],
  ])('withholds the release, %s', async (_, steps) => {
    const { scene, atCase, consent, holder } = await granted();
    scene.beforeLastLook = () => erase(scene, holder.subject, steps);
    await expect(scene.pull(await scene.token(atCase, consent))).rejects.toEqual(
      withheldFor('subject_erased'),
    );
    expect(await scene.eventOf(holder.subject, 'ReleaseWithheld')).toMatchObject({
      reading: 0,
      reason: 'subject_erased',
    });
  });

  test('withholds a second reading', async () => {
    const { scene, atCase, consent, holder } = await granted();
    await scene.pull(await scene.token(atCase, consent));
    scene.beforeLastLook = () => erase(scene, holder.subject);
    await expect(scene.readAgain(atCase, consent)).rejects.toEqual(withheldFor('subject_erased'));
    expect(await scene.eventOf(holder.subject, 'ReleaseWithheld')).toMatchObject({
      reading: 1,
      reason: 'subject_erased',
    });
  });

  test('withholds nothing while nobody has approved it', async () => {
    const { scene, atCase, consent, holder } = await granted();
    scene.beforeLastLook = () => erase(scene, holder.subject, 0);
    expect(await scene.pull(await scene.token(atCase, consent))).toHaveProperty('handedOver');
  });
});

describe('reading again', () => {
  test('gives the same terminal the same versions and fields, and each reading is recorded', async () => {
    const { scene, atCase, consent, certificate, holder } = await granted();
    const first = await scene.pull(await scene.token(atCase, consent));
    await scene.amend(certificate, holder.subject, { ...idCard, 姓名: '测试乙' });
    scene.clock.pass(600);
    const second = await scene.readAgain(atCase, consent);
    const third = await scene.readAgain(atCase, consent);
    expect(second.handedOver.materials).toEqual(first.handedOver.materials);
    expect([second.reading, third.reading]).toEqual([1, 2]);
    expect(second.record.commitment).not.toBe(third.record.commitment);
    expect((await scene.bookOf(holder.subject)).slice(3)).toEqual([
      'ReleaseReadAgain',
      'ReleaseReadAgain',
    ]);
    const stored = (await scene.store.readStream(second.record.stream))[second.record.version];
    expect(stored?.body.data['commitment']).toBe(second.record.commitment);
  });

  test('ends after 30 minutes', async () => {
    const { scene, atCase, consent } = await granted();
    await scene.pull(await scene.token(atCase, consent));
    scene.clock.pass(1800);
    await scene.readAgain(atCase, consent);
    scene.clock.pass(1);
    await expect(scene.readAgain(atCase, consent)).rejects.toEqual(
      refusedWith('reading_again_over'),
    );
  });

  test('ends with the case, with the holder’s withdrawal, and with the certificate', async () => {
    const closed = await granted();
    await closed.scene.pull(await closed.scene.token(closed.atCase, closed.consent));
    await closed.scene.close(closed.atCase);
    await expect(closed.scene.readAgain(closed.atCase, closed.consent)).rejects.toEqual(
      refusedWith('case_closed'),
    );

    const withdrawn = await granted();
    await withdrawn.scene.pull(await withdrawn.scene.token(withdrawn.atCase, withdrawn.consent));
    await withdrawn.scene.withdraw(withdrawn.holder, withdrawn.consent);
    await expect(withdrawn.scene.readAgain(withdrawn.atCase, withdrawn.consent)).rejects.toEqual(
      refusedWith('consent_withdrawn'),
    );

    const revoked = await granted();
    await revoked.scene.pull(await revoked.scene.token(revoked.atCase, revoked.consent));
    await revoked.scene.change(revoked.certificate, 'CertificateRevoked');
    await expect(revoked.scene.readAgain(revoked.atCase, revoked.consent)).rejects.toEqual(
      refusedWith('certificate_revoked'),
    );
  });

  test('is for the terminal that redeemed, after it redeemed', async () => {
    const { scene, atCase, consent } = await granted();
    await expect(scene.readAgain(atCase, consent)).rejects.toEqual(
      refusedWith('consent_not_redeemed'),
    );
    await scene.pull(await scene.token(atCase, consent));
    await expect(scene.readAgain(atCase, consent, scene.otherWindow)).rejects.toEqual(
      refusedWith('case_of_another_window'),
    );
    const neighbour = scene.caller('terminal-9', 'window-1', new TestKey().jkt);
    await expect(scene.readAgain(atCase, consent, neighbour)).rejects.toEqual(
      refusedWith('consent_of_another_terminal'),
    );
  });

  test('fails cleanly after the holder’s key was erased', async () => {
    const { scene, atCase, consent, holder } = await granted();
    await scene.pull(await scene.token(atCase, consent));
    scene.erased.add(holder.subject);
    await expect(scene.readAgain(atCase, consent)).rejects.toEqual(
      refusedWith('subject_key_destroyed'),
    );
    expect(await scene.bookOf(holder.subject)).not.toContain('ReleaseReadAgain');
  });

  test('a reading that is withheld ends that reading, not the ones after it', async () => {
    const { scene, atCase, consent, holder } = await granted();
    await scene.pull(await scene.token(atCase, consent));
    scene.beforeLastLook = async () => {
      scene.beforeLastLook = () => Promise.resolve();
      await scene.bring(atCase, 'ZZ900');
    };
    await expect(scene.readAgain(atCase, consent)).rejects.toEqual(withheldFor('case_moved'));
    expect(await scene.eventOf(holder.subject, 'ReleaseWithheld')).toMatchObject({ reading: 1 });
    expect(await scene.readAgain(atCase, consent)).toMatchObject({ reading: 2 });
  });
});

describe('the window before the yes', () => {
  test('gets the same answers for somebody with everything, with nothing, and for a number nobody knows', async () => {
    const scene = stage();
    const rich = scene.person('11010519491231002X');
    await scene.certificate(rich.subject, 'ZZ001', idCard);
    scene.person('110105194912310003', false);
    const seen = [];
    for (const number of ['11010519491231002X', '110105194912310003', '110105198001010010']) {
      const atCase = await scene.openFor(number);
      const consent = await scene.request(atCase);
      const view = await scene.view(atCase);
      seen.push(JSON.stringify(view).replaceAll(atCase, 'CASE').replaceAll(consent, 'CONSENT'));
    }
    expect(new Set(seen).size).toBe(1);
    expect(scene.counted).toHaveLength(3);
  });
});

describe('the holder’s list of accesses', () => {
  test('tells every record of the book, with contiguous versions', async () => {
    const { scene, atCase, consent, holder } = await granted();
    const { record } = await scene.pull(await scene.token(atCase, consent));
    await scene.readAgain(atCase, consent);
    const { accesses, head, stream } = await scene.accesses(holder);
    expect(stream).toBe(record.stream);
    expect(accesses.map(({ version }) => version)).toEqual([0, 1, 2, 3]);
    expect(accesses.map(({ kind }) => kind)).toEqual([
      'requested',
      'granted',
      'released',
      'read-again',
    ]);
    expect(accesses[2]).toMatchObject({
      hash: record.hash,
      consent,
      case: atCase,
      department: '人社',
      window: 'window-1',
      terminal: 'terminal-1',
      purpose: '办理“灵活就业人员参保登记”',
      used: [{ material: 'ZZ001', type: 'ZZ001', fields: ['姓名', '公民身份号码'] }],
      basis: { by: 'consent', capacity: 'self' },
    });
    expect(head).toEqual({ version: 3, hash: accesses[3]?.hash });
  });
});
