/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-call -- tests look into bodies without declaring them */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { CertificateContent } from '#libs/certificate';
import { type Answer, register, type TestClient, TestPhone } from '../support/client.js';
import { TestKey } from '../support/keys.js';
import { expectRefused } from '../support/refusal.js';
import { passSeconds } from '../support/time.js';
import { done, epochNow, type Holder, Town } from '../support/town.js';

/**
 * Attempts to bypass the rules of release, each by a caller with everything except what the rule
 * requires.
 */
let town: Town;
/** A terminal of another department. */
let stranger: TestClient;

beforeAll(async () => {
  town = await Town.start();
  stranger = await register(town.city.admin, {
    kind: 'terminal',
    department: '税务',
    window: 'hall-1-03',
  });
});
afterAll(() => town.stop());

const refuses = (status: number, code: string, act: () => Promise<Answer>, secrets?: string[]) =>
  expectRefused(town, { status, code }, act, secrets);

const claimsOf = (token: string): Record<string, any> =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

/**
 * A token by the city's own key for a consent as it stands in the book: all that a thief of that
 * key could make.
 */
async function forgedToken(of: {
  consent: string;
  case: string;
  phone: TestPhone;
  number: string;
}) {
  const example = await town.granted();
  const claims = JSON.parse(Buffer.from(example.token.split('.')[1] ?? '', 'base64url').toString());
  const shown = done(await of.phone.get(`/v1/phone/consents/${of.consent}`));
  const { subject } = done(
    await town.terminal.post('/v1/subjects/identify', {
      identifier: { kind: '111', number: of.number },
      basis: 'document',
    }),
  );
  const { kid, ...jwk } = await town.ledgerKey();
  const [details] = claims['authorization_details'];
  return new TestKey(jwk).sign(
    { typ: 'consent+jwt', kid },
    {
      ...claims,
      sub: subject,
      jti: of.consent,
      notice_hash: shown.notice.hash,
      authorization_details: [{ ...details, identifier: of.case }],
    },
  );
}

describe('no consent, no release:', () => {
  test('no token before the holder’s answer, and a forged one is refused', async () => {
    const asked = await town.asked();
    await town.idCard(asked.number);
    await refuses(403, 'consent_not_granted', () => town.terminal.post(`${asked.at}/token`));
    const forged = await forgedToken(asked);
    await refuses(403, 'consent_not_granted', () => town.pull(forged), [asked.number]);
    await refuses(403, 'consent_not_redeemed', () => town.terminal.post(`${asked.at}/read-again`));
    done(await town.grant(asked, asked.consent));
    expect(done(await town.pull(forged)).handedOver.materials).toHaveLength(1);
  });

  test('a refusal is final', async () => {
    const asked = await town.asked();
    const forged = await forgedToken(asked);
    done(await asked.phone.post(`/v1/phone/consents/${asked.consent}/refuse`));
    await refuses(403, 'consent_refused', () => town.terminal.post(`${asked.at}/token`));
    await refuses(403, 'consent_refused', () => town.pull(forged));
    await refuses(403, 'consent_refused', () => town.grant(asked, asked.consent));
    await refuses(403, 'consent_refused', () =>
      asked.phone.post(`/v1/phone/consents/${asked.consent}/withdraw`),
    );
  });

  test('a withdrawn consent releases nothing, even with a token issued before, and allows no second reading', async () => {
    const granted = await town.granted();
    done(await granted.phone.post(`/v1/phone/consents/${granted.consent}/withdraw`));
    await refuses(403, 'consent_withdrawn', () => town.pull(granted.token));
    await refuses(403, 'consent_withdrawn', () => town.terminal.post(`${granted.at}/token`));
    const used = await town.granted();
    done(await town.pull(used.token));
    done(await used.phone.post(`/v1/phone/consents/${used.consent}/withdraw`));
    await refuses(403, 'consent_withdrawn', () => town.terminal.post(`${used.at}/read-again`));
  });

  test('materials that the matter does not ask for, or no rule answers, cannot be requested', async () => {
    const { number } = await town.holder();
    const { case: atCase } = done(await town.openCase(number));
    await refuses(404, 'material_absent', () => town.ask(atCase, ['ZZ002']));
    await refuses(404, 'material_absent', () => town.ask(atCase, ['ZZ001', 'ZZ002']));
    await refuses(400, 'request_invalid', () => town.ask(atCase, []));
    await refuses(400, 'request_invalid', () => town.ask(atCase, ['ZZ001', 'ZZ001']));
    const body = { role: 'applicant', materials: ['ZZ001'] };
    for (const more of [
      { fields: ['住址'] },
      { types: ['ZZ002'] },
      { purpose: 'x' },
      { subject: 'x' },
    ])
      await refuses(400, 'request_invalid', () =>
        town.terminal.post(`/v1/cases/${atCase}/consents`, { ...body, ...more }),
      );
    await refuses(404, 'participant_absent', () =>
      town.terminal.post(`/v1/cases/${atCase}/consents`, { ...body, role: 'spouse' }),
    );
  });

  test('a rule without fields exempts nothing', async () => {
    const rules =
      'matter\tmaterial\ttype\twhose\tfields\tindicative\treason\nSX0003\tZZ001\tZZ001\tapplicant\t\tyes\toriginal_inspected\n';
    done(await town.city.admin.post('/v1/catalogue/import', { content: rules }));
    const { number } = await town.holder();
    const opened = done(
      await town.terminal.post('/v1/cases', {
        matter: 'SX0003',
        participants: [{ role: 'applicant', identifier: { kind: '111', number } }],
      }),
    );
    expect(opened.requirements).toContainEqual(
      expect.objectContaining({ material: 'ZZ001', state: 'to-be-brought', mayAsk: false }),
    );
    await refuses(403, 'material_not_exemptible', () => town.ask(opened.case));
  });
});

describe('a case is its own window’s:', () => {
  test('another window or department can neither read, request, redeem nor change it', async () => {
    const { token, at, case: atCase } = await town.granted();
    const path = `/v1/cases/${atCase}`;
    for (const other of [town.elsewhere, stranger]) {
      for (const act of [
        () => other.get(path),
        () => other.get(at),
        () => other.post(`${at}/token`),
        () => other.post(`${at}/read-again`),
        () => town.ask(atCase, ['ZZ019'], other),
        () => other.post(`${path}/close`, { outcome: 'accepted' }),
        () => other.post(`${path}/materials/ZZ001/bring`, { reason: 'holder_prefers_paper' }),
      ])
        await refuses(403, 'case_of_another_window', act);
      await refuses(403, 'token_of_another_client', () => town.pull(token, other));
    }
    done(await town.pull(token));
  });

  test('a terminal assigned to the same window later does not hold the consents of the earlier one', async () => {
    const { token, at } = await town.granted();
    const neighbour = await register(town.city.admin, {
      kind: 'terminal',
      department: '人社',
      window: 'hall-1-03',
    });
    await refuses(403, 'consent_of_another_terminal', () => neighbour.post(`${at}/token`));
    await refuses(403, 'token_of_another_client', () => town.pull(token, neighbour));
    done(await town.pull(token));
    await refuses(403, 'consent_of_another_terminal', () => neighbour.post(`${at}/read-again`));
  });

  test('a closed case releases nothing and accepts nothing', async () => {
    const { token, at, case: atCase, phone, consent } = await town.granted();
    const path = `/v1/cases/${atCase}`;
    done(await town.terminal.post(`${path}/close`, { outcome: 'accepted' }));
    for (const act of [
      () => town.pull(token),
      () => town.terminal.post(`${at}/token`),
      () => town.terminal.post(`${at}/read-again`),
      () => town.ask(atCase, ['ZZ019']),
      () => town.terminal.post(`${path}/materials/ZZ001/bring`, { reason: 'holder_prefers_paper' }),
    ])
      await refuses(409, 'case_closed', act);
    expect(done(await phone.get(`/v1/phone/consents/${consent}`)).state).toBe('granted');
  });
});

describe('a grant is signed by the holder, over the text that was shown:', () => {
  test('another person’s phone does not find the consent and cannot answer it', async () => {
    const asked = await town.asked();
    const other = await town.holder();
    const path = `/v1/phone/consents/${asked.consent}`;
    for (const act of [
      () => other.phone.get(path),
      () => other.phone.post(`${path}/refuse`),
      () => other.phone.post(`${path}/withdraw`),
    ])
      await refuses(404, 'consent_absent', act, [asked.number]);
    const jws = asked.phone.sign('consent-grant+jws', { answer: 'grant' });
    const answers = [
      await other.phone.post(`${path}/grant`, { jws }),
      await other.phone.post(`/v1/phone/consents/${'A'.repeat(22)}/grant`, { jws }),
    ];
    expect(
      new Set(answers.map(({ status, body }) => `${String(status)} ${body.code as string}`)).size,
    ).toBe(1);
    expect(done(await asked.phone.get(path)).state).toBe('waiting');
  });

  test.each<[string, string, object | ((holder: Holder) => object)]>([
    ['for another text', 'grant_for_another_text', { noticeHash: 'A'.repeat(43) }],
    ['for another consent', 'grant_for_another_consent', { consent: 'A'.repeat(22) }],
    ['for another case', 'grant_for_another_consent', { case: 'A'.repeat(22) }],
    ['as an agent', 'capacity_not_supported', { capacity: 'agent' }],
    ['as a guardian', 'capacity_not_supported', { capacity: 'guardian' }],
    ['as somebody undefined', 'grant_malformed', { capacity: 'friend' }],
    ['that says no', 'grant_malformed', { answer: 'refuse' }],
    ['that grants more', 'grant_malformed', { fields: ['住址'] }],
    ['of an hour ago', 'grant_stale', () => ({ iat: epochNow() - 3600 })],
    ['of later', 'grant_stale', () => ({ iat: epochNow() + 3600 })],
  ])('a signature %s is refused', async (_, code, wrong) => {
    const asked = await town.asked();
    const members = typeof wrong === 'function' ? wrong(asked) : wrong;
    await refuses(403, code, () => town.grant(asked, asked.consent, members as never), [
      asked.number,
    ]);
    done(await town.grant(asked, asked.consent));
    await refuses(409, 'consent_already_granted', () => town.grant(asked, asked.consent));
  });

  test('a signature by another key is refused: the terminal’s, or one just made', async () => {
    const asked = await town.asked();
    await refuses(403, 'grant_signature_refused', () =>
      town.grant(asked, asked.consent, {}, new TestPhone(town.url)),
    );
    for (const jws of [
      'x',
      'a.b.c',
      `${'A'.repeat(100)}.e30.A`,
      town.terminal.key.sign({ typ: 'consent-grant+jws' }, {}),
    ])
      await refuses(403, 'grant_signature_refused', () =>
        asked.phone.post(`/v1/phone/consents/${asked.consent}/grant`, { jws }),
      );
  });
});

describe('a certificate that is not valid at the moment of release answers nothing:', () => {
  /** Refused, and what the window was told of the holder stands in the holder's book. */
  const refusesAndRecords = async (
    { phone }: Holder,
    code: string,
    act: () => Promise<Answer>,
    secrets?: string[],
  ) => {
    await expectRefused(town, { status: 403, code, recorded: 1 }, act, secrets);
    const { accesses } = done(await phone.get('/v1/phone/accesses'));
    expect(accesses.at(-1)).toMatchObject({
      kind: 'nothing-released',
      missing: [{ material: 'ZZ001', reason: code }],
    });
  };

  const today = (days: number) =>
    new Date(Date.now() + 8 * 3600_000 + days * 86_400_000).toISOString().slice(0, 10);
  test.each<[string, string, Partial<CertificateContent>]>([
    ['expired yesterday', 'certificate_expired', { validUntil: today(-1) }],
    ['valid from tomorrow', 'certificate_not_yet_valid', { validFrom: today(1) }],
  ])('%s', async (_, code, change) => {
    const granted = await town.granted(change);
    await refusesAndRecords(granted, code, () => town.pull(granted.token), [granted.number]);
  });

  test.each([
    ['suspend', 'under_review', 'certificate_suspended'],
    ['revoke', 'wrongly_issued', 'certificate_revoked'],
    ['cancel', 'holder_request', 'certificate_cancelled'],
  ])('%s between the yes and the release', async (act, reason, code) => {
    const granted = await town.granted();
    const { token, number, certificate, at } = granted;
    // No read model is waited for here: the certificate's own stream counts.
    done(await town.authority.http.post(`/v1/certificates/${certificate}/${act}`, { reason }));
    await refusesAndRecords(granted, code, () => town.pull(token), [number]);
    if (act !== 'suspend') return;
    done(
      await town.authority.http.post(`/v1/certificates/${certificate}/reinstate`, {
        reason: 'review_closed',
      }),
    );
    done(await town.pull(await town.token(at)));
  });

  test('a certificate revoked after its release cannot be read again', async () => {
    const granted = await town.granted();
    const { token, at, certificate } = granted;
    done(await town.pull(token));
    done(
      await town.authority.http.post(`/v1/certificates/${certificate}/revoke`, {
        reason: 'wrongly_issued',
      }),
    );
    await refusesAndRecords(granted, 'certificate_revoked', () =>
      town.terminal.post(`${at}/read-again`),
    );
  });

  test('the book records exactly what the window received, also under concurrent changes', async () => {
    for (let round = 0; round < 8; round++) {
      const { token, certificate, case: atCase, phone } = await town.granted();
      const moves =
        round % 2 === 0
          ? town.authority.http.post(`/v1/certificates/${certificate}/revoke`, {
              reason: 'wrongly_issued',
            })
          : town.terminal.post(`/v1/cases/${atCase}/close`, { outcome: 'accepted' });
      const [release] = await Promise.all([town.pull(token), moves]);
      const { accesses } = done(await phone.get('/v1/phone/accesses'));
      const last = accesses.at(-1).kind;
      if (release.status === 200) expect(last).toBe('released');
      else {
        expect(['granted', 'nothing-released', 'withheld']).toContain(last);
        expect(JSON.stringify(release.body)).not.toContain('测试甲');
      }
    }
  });
});

/** These set the clock forward and never back: they come last. */
describe('expiry:', () => {
  test('a QR code after 60 seconds, and after its use', async () => {
    const { phone } = await town.holder();
    const byCode = (code: string) =>
      town.terminal.post('/v1/cases', {
        matter: 'SX0001',
        participants: [{ role: 'applicant', code }],
      });
    const { code } = done(await phone.post('/v1/phone/codes'));
    done(await byCode(code));
    await refuses(403, 'participant_code_refused', () => byCode(code), [code]);
    await refuses(403, 'participant_code_refused', () => byCode('A'.repeat(22)));
    const { code: late } = done(await phone.post('/v1/phone/codes'));
    passSeconds(61);
    await refuses(403, 'participant_code_refused', () => byCode(late), [late]);
  });

  test('a token after a minute, a grant after ten, though a token of the last minute is still there', async () => {
    const { token, at } = await town.granted();
    passSeconds(61);
    await refuses(403, 'token_expired', () => town.pull(token));
    passSeconds(535);
    const last = await town.token(at);
    passSeconds(10);
    await refuses(403, 'token_expired', () => town.pull(last));
    await refuses(403, 'consent_expired', () => town.terminal.post(`${at}/token`));
    const { kid, ...jwk } = await town.ledgerKey();
    const claims = claimsOf(last);
    const now = epochNow();
    const longer = { ...claims, iat: now, nbf: now, exp: now + 60 };
    await refuses(403, 'consent_expired', () =>
      town.pull(new TestKey(jwk).sign({ typ: 'consent+jwt', kid }, longer)),
    );
  });

  test('a request after ten minutes, and reading again after thirty', async () => {
    const asked = await town.asked();
    const used = await town.granted();
    done(await town.pull(used.token));
    passSeconds(601);
    await refuses(403, 'consent_expired', () => town.grant(asked, asked.consent));
    done(await town.terminal.post(`${used.at}/read-again`));
    passSeconds(1201);
    await refuses(403, 'reading_again_over', () => town.terminal.post(`${used.at}/read-again`));
  });
});
