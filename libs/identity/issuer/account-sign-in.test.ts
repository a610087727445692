import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { TestClient } from '../../../test/support/client.js';
import { type IdentityHouse, startIdentityHouse } from '../../../test/support/identity-house.js';
import {
  newOperator,
  SignedInTerminal,
  signIn,
  TestBrowser,
} from '../../../test/support/operator.js';
import { TestOperatorsIssuer } from '../../../test/support/operators-issuer.js';
import { freePort } from '../../../test/support/ports.js';

let there: TestOperatorsIssuer;
let house: IdentityHouse;
let admin: TestClient;
let terminal: TestClient;
beforeAll(async () => {
  const port = String(await freePort());
  there = await TestOperatorsIssuer.start(`http://localhost:${port}`);
  house = await startIdentityHouse({ PORT: port, ...there.env });
  ({ admin } = house);
  terminal = await house.newTerminal('P-256', { signIn: 'operator' });
});
afterAll(async () => {
  await house.close();
  await there.close();
});
afterEach(() => {
  there.down = null;
});

interface Coded {
  readonly status: number;
  readonly body: { readonly code?: string; readonly error?: string };
}
const coded = ({ status, body }: Coded) => [status, body.code ?? body.error];

/** Numbers of staff, as a department's issuer might name its people. */
let staff = 1000;
const newLogin = () => `staff-${String(++staff)}`;

const invite = async (more: { department?: string; roles?: string[] } = {}) => {
  const person = { name: '示例·甲', department: '人社', roles: ['clerk'], ...more };
  const { body } = await admin.post('/v1/operators', person);
  return body as { operator: string; invitation: string };
};

/** What the sign-in page hands on of the address at which the browser came back. */
const said = ({ searchParams }: URL) => Object.fromEntries(searchParams);

/** A browser at a terminal, on its way through the operators' issuer. */
class AccountBrowser extends TestBrowser {
  /** Begins, signs in there, and comes back. */
  async away(login: string, invitation?: string): Promise<{ uid: string; back: URL }> {
    const uid = await this.begin();
    const { body } = await this.step(uid, 'account', { invitation });
    return { uid, back: await there.signIn(body.location as string, login) };
  }

  async answer(login: string, invitation?: string) {
    const { uid, back } = await this.away(login, invitation);
    return { uid, ...(await this.step(uid, 'answer', said(back))) };
  }

  bind(statement: string, at = this.terminal) {
    return at.post('/v1/operator-accounts', { statement });
  }

  async finish(returnTo: string): Promise<SignedInTerminal> {
    const { location } = await this.go(returnTo);
    const code = new URL(location ?? 'none:').searchParams.get('code') ?? '';
    const { status, body } = await this.redeem(code);
    if (status !== 200) throw new Error(`not signed in: ${JSON.stringify(body)}`);
    return new SignedInTerminal(this.terminal, body);
  }
}

/** The first sign-in of an operator who was invited. */
async function bound(login = newLogin(), at = terminal, more: Parameters<typeof invite>[0] = {}) {
  const { operator, invitation } = await invite(more);
  const browser = new AccountBrowser(at);
  const { uid, body } = await browser.answer(login, invitation);
  const made = await browser.bind(body.statement as string);
  expect([made.status, made.body.state]).toEqual([201, 'enabled']);
  const done = await browser.step(uid, 'bound');
  return { operator, login, invitation, there: await browser.finish(done.body.returnTo as string) };
}

/** A later one: the reply to the answer. */
const again = (login: string, at = terminal) => new AccountBrowser(at).answer(login);

describe('an invited operator', () => {
  test('signs in elsewhere, is bound to that account, and acts at the terminal', async () => {
    const { operator, there: signedIn } = await bound();
    expect((await signedIn.post('/probe/acts')).body).toEqual({
      client: terminal.client,
      operator,
    });
    expect((await signedIn.get('/probe/matters')).body).toMatchObject({
      operator: { operator, roles: ['clerk'], passkey: null },
    });
  });

  test('signs in with the account alone from then on, and is asked there each time', async () => {
    const { login, operator } = await bound();
    const browser = new AccountBrowser(terminal);
    const { body } = await browser.answer(login);
    const signedIn = await browser.finish(body.returnTo as string);
    expect((await signedIn.post('/probe/acts')).body).toMatchObject({ operator });
    expect([...browser.cookies.keys()].filter((name) => name.startsWith('_session'))).toEqual([]);
  });

  test('is recorded by issuer and a keyed hash: neither the account nor the invitation', async () => {
    const { operator, login, invitation } = await bound();
    const records = await house.store.readStream(`operator-${operator}`);
    expect(records.at(-1)?.body).toMatchObject({
      type: 'OperatorAccountBound',
      data: { issuer: there.issuer, account: expect.stringMatching(/^[\w-]{43}$/) },
      actor: { client: terminal.client },
    });
    const text = JSON.stringify(records.map(({ body }) => body));
    expect(text).not.toContain(login);
    expect(text).not.toContain(invitation.split('.')[1]);
  });

  test('uses the invitation once, and another account gets nothing by it', async () => {
    const { invitation } = await bound();
    const browser = new AccountBrowser(terminal);
    const { body } = await browser.answer(newLogin(), invitation);
    expect(coded(await browser.bind(body.statement as string))).toEqual([
      403,
      'operator_invitation_unusable',
    ]);
  });

  test('is out within a second when invited again, and may bind another account', async () => {
    const { operator, login, there: signedIn } = await bound();
    const { body } = await admin.post(`/v1/operators/${operator}/invite-again`);
    expect(coded(await signedIn.get('/probe/matters'))).toEqual([401, 'operator_signed_out']);
    expect(coded(await again(login))).toEqual([401, 'account_unknown']);
    const browser = new AccountBrowser(terminal);
    const answered = await browser.answer(newLogin(), body.invitation as string);
    expect((await browser.bind(answered.body.statement as string)).status).toBe(201);
    // What was freed can be another operator's.
    expect((await bound(login)).operator).not.toBe(operator);
  });
});

describe('nobody is signed in', () => {
  test('whom the city did not invite, or has disabled: the answer is the same', async () => {
    const { operator, login } = await bound();
    expect(coded(await again(newLogin()))).toEqual([401, 'account_unknown']);
    await admin.post(`/v1/operators/${operator}/disable`, { reason: 'retired' });
    expect(coded(await again(login))).toEqual([401, 'account_unknown']);
  });

  test('at a terminal of another department', async () => {
    const theirs = await house.newTerminal('P-256', { department: '医保', signIn: 'operator' });
    const { login } = await bound();
    expect(coded(await again(login, theirs))).toEqual([403, 'operator_of_other_department']);
    const browser = new AccountBrowser(theirs);
    const { body } = await browser.answer(newLogin(), (await invite()).invitation);
    expect(coded(await browser.bind(body.statement as string))).toEqual([
      403,
      'operator_of_other_department',
    ]);
  });

  test('under the account of another operator', async () => {
    const { login } = await bound();
    const { invitation } = await invite();
    expect(coded(await new AccountBrowser(terminal).answer(login, invitation))).toEqual([
      409,
      'operator_account_taken',
    ]);
  });

  test('under one account with another: of two who bind it, the first does', async () => {
    const login = newLogin();
    const binding = async () => {
      const browser = new AccountBrowser(terminal);
      const { body } = await browser.answer(login, (await invite()).invitation);
      return () => browser.bind(body.statement as string);
    };
    const [one, other] = [await binding(), await binding()];
    const first = await one();
    expect([first.status, ...coded(await other())]).toEqual([201, 409, 'operator_account_taken']);
  });

  test('who gave up at the issuer', async () => {
    const answer = await new AccountBrowser(terminal).answer('');
    expect(coded(answer)).toEqual([401, 'account_not_confirmed']);
  });

  test('while the issuer is down, and that is said', async () => {
    const browser = new AccountBrowser(terminal);
    const { uid, back } = await browser.away(newLogin());
    there.down = /^/;
    expect(coded(await browser.step(uid, 'answer', said(back)))).toEqual([
      503,
      'operators_issuer_unreachable',
    ]);
  });
});

describe('an answer of the issuer is worth nothing', () => {
  test('a second time, also when two come at once', async () => {
    const { login } = await bound();
    const browser = new AccountBrowser(terminal);
    const { uid, back } = await browser.away(login);
    const answers = await Promise.all([
      browser.step(uid, 'answer', said(back)),
      browser.step(uid, 'answer', said(back)),
    ]);
    // The city itself asks the issuer once, whatever that would say to a second time.
    expect(answers.map(coded).sort()).toEqual([
      [200, undefined],
      [401, 'account_answer_foreign'],
    ]);
  });

  test('in another browser, which an attacker would have sign in as the attacker', async () => {
    const { login } = await bound();
    const attacker = new AccountBrowser(terminal);
    const { uid, back } = await attacker.away(login);
    const victim = new AccountBrowser(terminal);
    const own = await victim.begin();
    await victim.step(own, 'account');
    expect(coded(await victim.step(own, 'answer', said(back)))).toEqual([
      401,
      'account_answer_foreign',
    ]);
    expect(coded(await victim.step(uid, 'answer', said(back)))).toEqual([404, 'sign_in_expired']);
    // The attacker's own is as it was.
    expect((await attacker.step(uid, 'answer', said(back))).status).toBe(200);
  });

  test('with the state of another request: the code is bound to its own secret', async () => {
    const { login } = await bound();
    const attacker = await new AccountBrowser(terminal).away(login);
    const victim = new AccountBrowser(terminal);
    const { uid, back } = await victim.away(newLogin());
    const mixed = { ...said(back), code: attacker.back.searchParams.get('code') };
    expect(coded(await victim.step(uid, 'answer', mixed))).toEqual([401, 'account_not_confirmed']);
  });

  test('where it names another issuer', async () => {
    const { login } = await bound();
    const browser = new AccountBrowser(terminal);
    const { uid, back } = await browser.away(login);
    const mixed = { ...said(back), iss: 'https://evil.example' };
    expect(coded(await browser.step(uid, 'answer', mixed))).toEqual([
      401,
      'account_answer_foreign',
    ]);
  });

  test('before anything was asked, or to a sign-in that nobody proved', async () => {
    const browser = new AccountBrowser(terminal);
    const uid = await browser.begin();
    const answer = { code: 'x', state: 'y'.repeat(43) };
    expect(coded(await browser.step(uid, 'answer', answer))).toEqual([
      401,
      'account_answer_foreign',
    ]);
    expect(coded(await browser.step(uid, 'bound'))).toEqual([401, 'account_unknown']);
  });

  test.each([[{}], [{ state: 1 }], [{ state: 's', code: {} }], [[]]])(
    'in a body of another form: %j',
    async (body) => {
      const browser = new AccountBrowser(terminal);
      const answer = await browser.step(await browser.begin(), 'answer', body);
      expect(coded(answer)).toEqual([400, 'account_answer_malformed']);
    },
  );

  test('from a page of another origin', async () => {
    const browser = new AccountBrowser(terminal);
    const uid = await browser.begin();
    for (const step of ['account', 'answer', 'bound'])
      expect(coded(await browser.step(uid, step, {}, { origin: 'https://evil.example' }))).toEqual([
        403,
        'sign_in_from_elsewhere',
      ]);
  });
});

describe('a statement about an account is refused', () => {
  const statement = async (invitation: string) =>
    (await new AccountBrowser(terminal).answer(newLogin(), invitation)).body.statement as string;

  test('of another terminal', async () => {
    const other = await house.newTerminal('P-256', { signIn: 'operator' });
    const { invitation } = await invite();
    const browser = new AccountBrowser(terminal);
    expect(coded(await browser.bind(await statement(invitation), other))).toEqual([
      400,
      'account_statement_refused',
    ]);
  });

  test('that is changed, or is another token of the same issuer', async () => {
    const { operator, invitation } = await invite();
    const [header = '', payload = '', signature = ''] = (await statement(invitation)).split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
    const changed = Buffer.from(JSON.stringify({ ...claims, sub: operator })).toString('base64url');
    const { there: signedIn } = await bound();
    const browser = new AccountBrowser(terminal);
    for (const token of [
      `${header}.${changed}x.${signature}`,
      `${header}.${changed.slice(0, -4)}.${signature}`,
      signedIn.tokens.access_token,
    ])
      expect(coded(await browser.bind(token))).toEqual([400, 'account_statement_refused']);
  });
});

describe('administrators', () => {
  test('sign in with a passkey, also while the issuer is down', async () => {
    const roles = ['administrator' as const, 'clerk' as const];
    const operator = await newOperator(admin, terminal, roles);
    there.down = /^/;
    const signedIn = await signIn(terminal, operator);
    expect((await signedIn.get('/probe/matters')).status).toBe(200);
    // Without that role the passkey ends.
    await admin.post(`/v1/operators/${operator.operator}/roles`, { roles: ['clerk'] });
    const browser = new TestBrowser(terminal);
    expect(coded(await browser.prove(await browser.begin(), operator))).toEqual([
      403,
      'operator_signs_in_at_issuer',
    ]);
    const refreshed = await browser.refresh(signedIn.tokens.refresh_token);
    expect(coded(refreshed)).toEqual([400, 'invalid_grant']);
  });

  test('have no account: nobody who runs the issuer administers the city', async () => {
    const { invitation } = await invite({ roles: ['administrator'] });
    const browser = new AccountBrowser(terminal);
    const { body } = await browser.answer(newLogin(), invitation);
    expect(coded(await browser.bind(body.statement as string))).toEqual([
      403,
      'operator_administers_by_passkey',
    ]);
    const { operator } = await bound();
    const path = `/v1/operators/${operator}/roles`;
    expect(coded(await admin.post(path, { roles: ['administrator'] }))).toEqual([
      403,
      'operator_administers_by_passkey',
    ]);
  });

  test('alone make passkeys', async () => {
    const { invitation } = await invite();
    expect(coded(await terminal.post('/v1/operator-passkeys/options', { invitation }))).toEqual([
      403,
      'operator_signs_in_at_issuer',
    ]);
  });
});

test('the page learns where operators sign in', async () => {
  const url = `${house.baseUrl}/identity/.well-known/openid-configuration`;
  expect(await (await fetch(url)).json()).toMatchObject({ operators_issuer: there.issuer });
});
