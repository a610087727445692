import { describe, expect, test } from '@jest/globals';
import { MemoryEventStore } from '#libs/event-store/memory';
import { canonicalize } from '#libs/kernel';
import { createHash } from 'node:crypto';
import type { ConsentRequested } from './consent.events.js';
import { drawMatch } from './number-match.js';
import { aType } from '../../test/support/authority.js';
import { TestKey } from '../../test/support/keys.js';
import { ReleaseScene } from '../../test/support/release-scene.js';

const refusedWith = (code: string) => expect.objectContaining({ code });

/** A holder with a phone, who was asked for the id card. */
async function asked() {
  const scene = new ReleaseScene(new MemoryEventStore('city.example'));
  const holder = scene.person('11010519491231002X');
  const atCase = await scene.openFor(holder.number);
  const consent = await scene.request(atCase);
  return { scene, holder, atCase, consent };
}

describe('asking for a consent', () => {
  test('takes the fields from the rule recorded in the case, whatever the rule is later', async () => {
    const scene = new ReleaseScene(new MemoryEventStore('city.example'));
    const holder = scene.person('11010519491231002X');
    const atCase = await scene.openFor(holder.number);
    scene.materials = [
      {
        material: 'ZZ001',
        nameZh: '居民身份证',
        answers: [{ type: 'ZZ001', whose: 'applicant', fields: ['姓名', '住址', '民族'] }],
      },
    ];
    await scene.request(atCase);
    expect((await scene.eventOf(holder.subject, 'ConsentRequested'))['asks']).toEqual([
      {
        material: 'ZZ001',
        answers: [{ type: 'ZZ001', fields: ['姓名', '公民身份号码'] }],
      },
    ]);
  });

  test('is refused for what no rule answers, for a role that is not there, and for unknown materials', async () => {
    const { scene, atCase } = await asked();
    await expect(scene.request(atCase, ['ZZ900'])).rejects.toEqual(
      refusedWith('material_not_exemptible'),
    );
    await expect(scene.request(atCase, ['ZZ777'])).rejects.toEqual(refusedWith('material_absent'));
    await expect(scene.request(atCase, ['ZZ002'], scene.terminal, 'spouse')).rejects.toEqual(
      refusedWith('participant_absent'),
    );
  });

  test('is refused for a material whose rule is about somebody else in the case', async () => {
    const scene = new ReleaseScene(new MemoryEventStore('city.example'));
    const atCase = await scene.open([
      { role: 'applicant', identifier: { kind: '111', number: '11010519491231002X' } },
      { role: 'spouse', identifier: { kind: '111', number: '110105194912310003' } },
    ]);
    await expect(scene.request(atCase, ['ZZ001'], scene.terminal, 'spouse')).rejects.toEqual(
      refusedWith('material_not_exemptible'),
    );
  });

  test('is refused for a case of another window, a closed one, and one that is not there', async () => {
    const { scene, atCase } = await asked();
    await expect(scene.request(atCase, ['ZZ002'], scene.otherWindow)).rejects.toEqual(
      refusedWith('case_of_another_window'),
    );
    await expect(scene.request('AAAAAAAAAAAAAAAAAAAAAA', ['ZZ002'])).rejects.toEqual(
      refusedWith('case_absent'),
    );
    await scene.close(atCase);
    await expect(scene.request(atCase, ['ZZ002'])).rejects.toEqual(refusedWith('case_closed'));
  });

  test('happens once at a time for a material, and again when the time is over', async () => {
    const { scene, atCase } = await asked();
    await expect(scene.request(atCase)).rejects.toEqual(refusedWith('consent_already_waiting'));
    scene.clock.pass(601);
    expect((await scene.view(atCase)).requirements[0]).toMatchObject({
      state: 'to-be-brought',
      reason: 'consent_expired',
      mayAsk: true,
    });
    await expect(scene.request(atCase)).resolves.toBeDefined();
  });

  test('is refused for a material whose paper was brought', async () => {
    const { scene, atCase } = await asked();
    await scene.bring(atCase, 'ZZ002');
    await expect(scene.request(atCase, ['ZZ002'])).rejects.toEqual(
      refusedWith('material_already_brought'),
    );
  });
});

describe('the text that the holder is shown', () => {
  test('names who asks, for what, which fields and until when, in both languages; its hash is over what is shown', async () => {
    const { scene, holder, atCase, consent } = await asked();
    const { notice } = (await scene.eventOf(
      holder.subject,
      'ConsentRequested',
    )) as unknown as ConsentRequested['data'];
    for (const part of ['人社', 'window-1', '灵活就业人员参保登记', '姓名、公民身份号码', atCase])
      expect(notice.zh).toContain(part);
    expect(notice.zh).toContain('2026-11-22 16:10（北京时间）');
    expect(notice.zh).not.toContain('住址');
    expect(notice.en).toContain('Social insurance enrolment');
    const { version, zh, en } = notice;
    expect(notice.hash).toBe(
      createHash('sha256').update(canonicalize({ version, zh, en, consent })).digest('base64url'),
    );
  });
});

describe('the text in English', () => {
  const english = async (scene: ReleaseScene) => {
    const holder = scene.person('11010519491231002X');
    await scene.request(await scene.openFor(holder.number));
    const { notice } = (await scene.eventOf(
      holder.subject,
      'ConsentRequested',
    )) as unknown as ConsentRequested['data'];
    return notice.en;
  };

  test('has the English names of department, material, type and fields', async () => {
    const scene = new ReleaseScene(new MemoryEventStore('city.example'));
    scene.materials = [
      {
        material: 'ZZ001',
        nameZh: '居民身份证',
        nameEn: 'Identity Card',
        answers: [{ type: 'ZZ001', whose: 'applicant', fields: ['姓名', '公民身份号码'] }],
      },
    ];
    scene.types.set(
      'ZZ001',
      aType({
        fields: [
          { key: '姓名', nameEn: 'Name', kind: 'text' },
          { key: '公民身份号码', nameEn: 'Citizen identity number', kind: 'code' },
        ],
      }),
    );
    const text = await english(scene);
    expect(text).toContain('Human Resources and Social Security (window: window-1) asks you');
    expect(text).toContain(
      '1. Identity Card: from Resident Identity Card: Name, Citizen identity number\n',
    );
    expect(text).not.toMatch(/\p{Script=Han}/u);
  });

  test('has the Chinese name where the catalogue has no English one, and no label is empty', async () => {
    const scene = new ReleaseScene(new MemoryEventStore('city.example'));
    scene.types.set(
      'ZZ001',
      aType({
        fields: [
          { key: '姓名', nameEn: 'Name', kind: 'text' },
          { key: '公民身份号码', kind: 'code' },
        ],
      }),
    );
    expect(await english(scene)).toContain(
      '1. 居民身份证: from Resident Identity Card: Name, 公民身份号码\n',
    );
  });

  test('has the Chinese name of a department that is not the one of the matter', async () => {
    const scene = new ReleaseScene(new MemoryEventStore('city.example'));
    const terminal = { ...scene.terminal, department: '综合窗口' };
    const holder = scene.person('11010519491231002X');
    const atCase = await scene.open(
      [{ role: 'applicant', identifier: { kind: '111', number: holder.number } }],
      terminal,
    );
    await scene.request(atCase, ['ZZ001'], terminal);
    const asked = (await scene.eventOf(
      holder.subject,
      'ConsentRequested',
    )) as unknown as ConsentRequested['data'];
    expect(asked.notice.en).toContain('综合窗口 (window: window-1) asks you');
  });
});

describe('granting', () => {
  test('keeps the signature of the enrolled key over the text', async () => {
    const { scene, holder, consent } = await asked();
    const jws = await scene.grantOf(holder, consent);
    await scene.grant(holder, consent, jws);
    expect(await scene.eventOf(holder.subject, 'ConsentGranted')).toEqual({
      consent,
      caller: holder.subject,
      capacity: 'self',
      mandate: null,
      proof: { method: 'jws', jws, jkt: holder.key.jkt },
      match: drawMatch(scene.secrets, consent),
      redeemBy: '2026-11-22T08:10:00.000Z',
    });
  });

  test('takes P-256 keys as well as Ed25519', async () => {
    const { scene, holder, consent } = await asked();
    const phone = await scene.secondPhone(holder, new TestKey('P-256'));
    await expect(scene.grant(phone, consent)).resolves.toMatchObject({ state: 'granted' });
  });

  test.each<[string, string, Record<string, unknown>]>([
    ['another consent', 'grant_for_another_consent', { consent: 'AAAAAAAAAAAAAAAAAAAAAA' }],
    ['another case', 'grant_for_another_consent', { case: 'AAAAAAAAAAAAAAAAAAAAAA' }],
    ['another text', 'grant_for_another_text', { noticeHash: 'another' }],
    ['an agent’s capacity', 'capacity_not_supported', { capacity: 'agent' }],
    ['a guardian’s capacity', 'capacity_not_supported', { capacity: 'guardian' }],
    ['a legal representative’s', 'capacity_not_supported', { capacity: 'legal-representative' }],
    ['an unknown capacity', 'grant_malformed', { capacity: 'friend' }],
    ['another answer', 'grant_malformed', { answer: 'maybe' }],
    ['a member more', 'grant_malformed', { extra: true }],
    ['no digits', 'number_missing', { digits: null }],
    ['digits that are three', 'grant_malformed', { digits: '123' }],
    ['digits that are a number', 'grant_malformed', { digits: 12 }],
    ['an old time', 'grant_stale', { iat: 1 }],
    ['a time that is no number', 'grant_malformed', { iat: '1' }],
  ])('with %s signed is refused with %s', async (_, code, changes) => {
    const { scene, holder, consent } = await asked();
    const jws = await scene.grantOf(holder, consent, changes);
    await expect(scene.grant(holder, consent, jws)).rejects.toEqual(refusedWith(code));
    expect(await scene.bookOf(holder.subject)).toEqual(['ConsentRequested']);
  });

  test('by a phone of someone else finds no such consent, and by a key not enrolled is refused', async () => {
    const { scene, holder, consent } = await asked();
    const jws = await scene.grantOf(holder, consent);
    const other = scene.person('110105194912310003');
    await expect(scene.grant(other, consent, jws)).rejects.toEqual(refusedWith('consent_absent'));

    const stranger = new TestKey();
    const posing = { ...holder, key: stranger, caller: { ...holder.caller, jkt: stranger.jkt } };
    await expect(scene.grant(posing, consent, jws)).rejects.toEqual(
      refusedWith('grant_signature_refused'),
    );
  });

  test('signed by another key than the phone’s is refused, though both are enrolled for the holder', async () => {
    const { scene, holder, consent } = await asked();
    const second = await scene.secondPhone(holder, new TestKey());
    const jws = await scene.grantOf(second, consent);
    await expect(scene.grant(holder, consent, jws)).rejects.toEqual(
      refusedWith('grant_signature_refused'),
    );
  });

  test('by a key that was revoked meanwhile is refused', async () => {
    const { scene, holder, consent } = await asked();
    const jws = await scene.grantOf(holder, consent);
    await scene.revoke(holder);
    await expect(scene.grant(holder, consent, jws)).rejects.toEqual(
      refusedWith('grant_signature_refused'),
    );
  });

  test('in another spelling than RFC 8785 is refused', async () => {
    const { scene, holder, consent } = await asked();
    const canonical = Buffer.from(
      (await scene.grantOf(holder, consent)).split('.')[1]!,
      'base64url',
    ).toString();
    const jws = holder.key.sign({ typ: 'consent-grant+jws' }, canonical.replace('{', '{ '));
    await expect(scene.grant(holder, consent, jws)).rejects.toEqual(refusedWith('grant_malformed'));
    const marked = holder.key.sign({ typ: 'consent-grant+jws' }, `\ufeff${canonical}`);
    await expect(scene.grant(holder, consent, marked)).rejects.toEqual(
      refusedWith('grant_signature_refused'),
    );
  });

  test('is over after ten minutes; the last millisecond counts', async () => {
    const { scene, holder, consent } = await asked();
    scene.clock.pass(600);
    await expect(scene.grant(holder, consent)).resolves.toBeDefined();
    const late = await asked();
    late.scene.clock.pass(600.001);
    await expect(late.scene.grant(late.holder, late.consent)).rejects.toEqual(
      refusedWith('consent_expired'),
    );
  });

  test('again under the same Idempotency-Key gives the first answer, under another a conflict', async () => {
    const { scene, holder, consent } = await asked();
    const jws = await scene.grantOf(holder, consent);
    const first = await scene.grant(holder, consent, jws, 'a-key-of-the-phone');
    scene.clock.pass(5);
    expect(await scene.grant(holder, consent, jws, 'a-key-of-the-phone')).toEqual(first);
    await expect(scene.grant(holder, consent, jws)).rejects.toEqual(
      refusedWith('consent_already_granted'),
    );
  });
});

describe('refusing and withdrawing', () => {
  test('a no is final for that question, told to the window, and can be said twice', async () => {
    const { scene, holder, atCase, consent } = await asked();
    await scene.refuse(holder, consent);
    await scene.refuse(holder, consent);
    expect(await scene.bookOf(holder.subject)).toEqual(['ConsentRequested', 'ConsentRefused']);
    await expect(scene.grant(holder, consent)).rejects.toEqual(refusedWith('consent_refused'));
    await expect(scene.withdraw(holder, consent)).rejects.toEqual(refusedWith('consent_refused'));
    await expect(scene.token(atCase, consent)).rejects.toEqual(refusedWith('consent_refused'));
    expect((await scene.view(atCase)).requirements[0]).toMatchObject({
      state: 'to-be-brought',
      reason: 'consent_refused',
    });
  });

  test('a grant is taken back by withdrawing, not by refusing; a question is refused, not withdrawn', async () => {
    const { scene, holder, atCase, consent } = await asked();
    await expect(scene.withdraw(holder, consent)).rejects.toEqual(
      refusedWith('consent_not_granted'),
    );
    await scene.grant(holder, consent);
    await expect(scene.refuse(holder, consent)).rejects.toEqual(
      refusedWith('consent_already_granted'),
    );
    await scene.withdraw(holder, consent);
    await scene.withdraw(holder, consent);
    expect(await scene.bookOf(holder.subject)).toEqual([
      'ConsentRequested',
      'ConsentGranted',
      'ConsentWithdrawn',
    ]);
    await expect(scene.token(atCase, consent)).rejects.toEqual(refusedWith('consent_withdrawn'));
  });

  test('by somebody else finds no such consent', async () => {
    const { scene, consent } = await asked();
    const other = scene.person('110105194912310003');
    await expect(scene.refuse(other, consent)).rejects.toEqual(refusedWith('consent_absent'));
    await expect(scene.withdraw(other, consent)).rejects.toEqual(refusedWith('consent_absent'));
  });

  test('what was released stays answered after a withdrawal', async () => {
    const { scene, holder, atCase, consent } = await asked();
    await scene.certificate(holder.subject, 'ZZ001', { 姓名: '测试甲' });
    await scene.grant(holder, consent);
    await scene.pull(await scene.token(atCase, consent));
    await scene.withdraw(holder, consent);
    expect((await scene.view(atCase)).requirements[0]).toMatchObject({ state: 'answered' });
  });
});

describe('the caller', () => {
  test('is named by what the holder answers', async () => {
    const { scene, holder, consent, atCase } = await asked();
    await scene.grant(holder, consent);
    await scene.withdraw(holder, consent);
    await scene.refuse(holder, await scene.request(atCase));
    for (const type of ['ConsentGranted', 'ConsentWithdrawn', 'ConsentRefused'])
      expect(await scene.eventOf(holder.subject, type)).toMatchObject({ caller: holder.subject });
  });
});
