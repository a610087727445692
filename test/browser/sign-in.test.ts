import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { CityProcesses } from '../support/city-processes.js';
import { done, Town } from '../support/town.js';
import { startCity, type TestCity } from '../support/city.js';
import type { TestClient } from '../support/client.js';
import { TestOperatorsIssuer } from '../support/operators-issuer.js';
import { freePort } from '../support/ports.js';
import { withAuthenticator } from './administrator.js';
import { buildPages, HallPage, launchBrowser } from './hall.js';

const place = { name: '一楼3号终端', department: '人社', window: 'hall-1-03', town: '示例镇' };

let town: Town<CityProcesses>;
let browser: Browser;
let hall: HallPage;
let page: Page;
let operator: string;
let invitation: string;

beforeAll(async () => {
  await buildPages();
  browser = await launchBrowser();
  town = await Town.around(await CityProcesses.start(1));
  hall = await HallPage.open(browser);
  ({ page } = hall);
  const person = { name: '示例·甲', department: '人社', roles: ['clerk'] };
  ({ operator, invitation } = done(await town.city.admin.post('/v1/operators', person)) as Record<
    'operator' | 'invitation',
    string
  >);
}, 180_000);
afterAll(async () => {
  await browser.close();
  await town.stop();
});

const button = (label: string) => page.getByRole('button', { name: label });
const sees = (text: string) => page.getByText(text).first().waitFor();

/** The browser becomes a terminal for operators. */
async function enrol(at: Page, url: string, admin: TestClient): Promise<void> {
  await at.goto(`${url}/window`);
  const shown = at.locator('.enrol dd');
  await shown.first().waitFor();
  const [handle = ''] = (await shown.allInnerTexts()).map((text) => text.replace(/\s/g, ''));
  const path = `/v1/terminal-offers/${handle}`;
  const signed = at.waitForResponse(`${url}/v1/terminal-offers/proof`);
  done(await admin.post(`${path}/details`, place));
  await signed;
  const { jwk, proof } = done(await admin.get(path));
  const registration = { kind: 'terminal', ...place, signIn: 'operator', keys: [{ jwk, proof }] };
  done(await admin.post('/v1/clients', registration));
  await at.getByText('本终端尚未登录工作人员').first().waitFor();
}

test('the start page names the doors, in every way of looking', async () => {
  await page.goto(town.url);
  await page.getByRole('link', { name: '窗口', exact: true }).waitFor();
  expect(await hall.look('start')).toEqual([]);
  expect(await hall.looksOtherwise('start')).toEqual([]);
});

test('a page without a sign-in says where to begin, and an invitation needs a terminal', async () => {
  await page.goto(`${town.url}/sign-in`);
  await sees('这里没有等待的登录');
  expect(await hall.look('sign-in-nothing')).toEqual([]);
  expect(await hall.looksOtherwise('sign-in-nothing')).toEqual([]);
  await page.goto(`${town.url}/sign-in?again#invitation=${invitation}`);
  await sees('这台设备还不是终端');
  expect(page.url()).not.toContain(invitation);
  expect(await hall.look('sign-in-no-terminal')).toEqual([]);
});

test('a browser becomes a terminal for operators, at which nobody is signed in yet', async () => {
  await enrol(page, town.url, town.city.admin);
  expect(await hall.look('window-signed-out')).toEqual([]);
});

test('an invited operator makes a passkey, signs in with it and works', async () => {
  await withAuthenticator(hall);
  await page.goto(`${town.url}/sign-in#invitation=${invitation}`);
  await button('创建通行密钥').waitFor();
  expect(await hall.look('sign-in-invitation')).toEqual([]);
  await button('创建通行密钥').click();
  await sees('通行密钥已创建');
  expect(await hall.look('sign-in-made')).toEqual([]);

  await button('去窗口登录').click();
  await sees(place.name);
  expect(page.url()).toBe(`${town.url}/sign-in`);
  expect(await hall.look('sign-in-passkey')).toEqual([]);
  expect(await hall.looksOtherwise('sign-in-passkey')).toEqual([]);
  await button('用通行密钥登录').click();
  await button('换人登录').waitFor();
  expect(page.url()).toBe(`${town.url}/window`);
  expect(await hall.look('window-signed-in')).toEqual([]);
});

test('nothing of the sign-in stays where a script or the next visitor finds it', async () => {
  const remains = await hall.remains();
  for (const secret of [invitation, 'code=', 'refresh', 'verifier', 'eyJ'])
    expect([secret, remains.includes(secret)]).toEqual([secret, false]);
  expect(await page.evaluate('sessionStorage.length')).toBe(0);
});

test('a reload and the back button end the sign-in, and the page says why', async () => {
  await page.reload();
  await sees('登录只留在打开的页面里');
  expect(await hall.look('window-reloaded')).toEqual([]);
  await button('工作人员登录').click();
  await button('用通行密钥登录').click();
  await button('换人登录').waitFor();
  await page.goBack();
  await sees('登录只留在打开的页面里');
  await button('工作人员登录').click();
  await button('用通行密钥登录').click();
  await button('换人登录').waitFor();
});

test('another operator takes the place in two actions', async () => {
  await button('换人登录').click();
  await button('用通行密钥登录').click();
  await button('换人登录').waitFor();
});

test('an operator who is disabled is out, and the screen is cleared', async () => {
  done(await town.city.admin.post(`/v1/operators/${operator}/disable`, { reason: 'retired' }));
  await sees('登录已结束');
  expect(await hall.look('window-sign-in-over')).toEqual([]);
  await button('工作人员登录').click();
  await button('用通行密钥登录').click();
  await sees('没有可在此登录的工作人员使用该通行密钥');
  expect(await hall.look('sign-in-passkey-unknown')).toEqual([]);
  await button('取消').click();
  await sees('本终端尚未登录工作人员');
});

test('a missing network and a passkey that is not there are said plainly', async () => {
  await button('工作人员登录').click();
  await button('用通行密钥登录').waitFor();
  await hall.context.setOffline(true);
  await button('用通行密钥登录').click();
  await sees('没有网络，或暂时连接不到系统');
  expect(await hall.look('sign-in-offline')).toEqual([]);
  await hall.context.setOffline(false);
  await page.evaluate(`navigator.credentials.get = () =>
    Promise.reject(new DOMException('no', 'NotAllowedError'))`);
  await button('用通行密钥登录').click();
  await sees('没有完成');
  expect(await hall.look('sign-in-not-done')).toEqual([]);
});

test('an address of digits, where passkeys cannot work, is said plainly', async () => {
  const digits = town.url.replace('localhost', '127.0.0.1');
  await page.goto(`${digits}/sign-in#invitation=${invitation}`);
  await sees('通行密钥属于域名');
  expect(await hall.look('sign-in-address')).toEqual([]);
});

test('no page complained, and the policy refused nothing', () => {
  expect(hall.complaints).toEqual([]);
});

describe('where operators sign in at an issuer elsewhere', () => {
  let issuer: TestOperatorsIssuer;
  let city: TestCity;
  let there: HallPage;
  beforeAll(async () => {
    const port = String(await freePort());
    issuer = await TestOperatorsIssuer.start(`http://localhost:${port}`);
    city = await startCity({ PORT: port, ...issuer.env });
    there = await HallPage.open(browser);
    await enrol(there.page, city.baseUrl, city.admin);
  });
  afterAll(async () => {
    await city.stop();
    await issuer.close();
  });

  const press = (label: string) => there.page.getByRole('button', { name: label }).click();
  const waits = (label: string) => there.page.getByRole('button', { name: label }).waitFor();
  const says = (text: string) => there.page.getByText(text).first().waitFor();
  const invite = async (...roles: string[]) => {
    const person = { name: '示例·甲', department: place.department, roles };
    return done(await city.admin.post('/v1/operators', person)).invitation as string;
  };
  const signInThere = async (login: string) => {
    await there.page.waitForURL(`${issuer.issuer}/**`);
    await there.page.getByLabel('账号').fill(login);
    await press('登录');
  };

  test('an invited operator signs in there, and is at the window', async () => {
    await there.page.goto(`${city.baseUrl}/sign-in#invitation=${await invite('clerk')}`);
    await waits('登录并绑定账号');
    expect(await there.look('sign-in-account-invitation')).toEqual([]);
    await press('登录并绑定账号');
    await signInThere('staff-0042');
    await waits('换人登录');
    expect(there.page.url()).toBe(`${city.baseUrl}/window`);
  });

  test('nothing of the way there stays behind', async () => {
    const remains = await there.remains();
    for (const secret of ['code=', 'state=', 'eyJ', 'staff-0042'])
      expect([secret, remains.includes(secret)]).toEqual([secret, false]);
    expect(await there.page.evaluate('sessionStorage.length')).toBe(0);
  });

  test('the next one is asked there, too; a stranger is told so in both languages', async () => {
    await press('换人登录');
    await waits('用统一身份账号登录');
    expect(await there.look('sign-in-account')).toEqual([]);
    await press('用统一身份账号登录');
    await signInThere('staff-stranger');
    await says('没有可在此登录的工作人员使用该账号');
    expect(there.page.url()).toBe(`${city.baseUrl}/sign-in`);
    expect(await there.look('sign-in-account-unknown')).toEqual([]);
    await press('用统一身份账号登录');
    await signInThere('staff-0042');
    await waits('换人登录');
  });

  test('an invitation whose sign-in was not finished binds no account of who comes next', async () => {
    await there.page.goto(`${city.baseUrl}/sign-in?late#invitation=${await invite('clerk')}`);
    const way = '**/identity/auth?*';
    // An answer without content leaves the browser where it is.
    await there.page.route(way, (route) => route.fulfill({ status: 204 }), { times: 1 });
    const left = there.page.waitForResponse(way);
    await press('登录并绑定账号');
    await left;
    await there.page.goto(`${city.baseUrl}/window`);
    await press('工作人员登录');
    await waits('用统一身份账号登录');
    expect(there.page.url()).toBe(`${city.baseUrl}/sign-in`);
    expect(await there.page.evaluate('sessionStorage.getItem("sign-in-invited")')).toBeNull();
  });

  test('a code that this browser did not ask for signs nobody in', async () => {
    await there.page.goto(`${city.baseUrl}/sign-in?code=stolen&state=${'s'.repeat(43)}`);
    await says('这不是本浏览器发起的登录所得到的结果');
    expect(there.page.url()).toBe(`${city.baseUrl}/sign-in`);
  });

  test('an issuer that is down is told, and an administrator comes in by passkey', async () => {
    await withAuthenticator(there);
    await there.page.goto(`${city.baseUrl}/sign-in?#invitation=${await invite('administrator')}`);
    await press('管理员：创建通行密钥');
    await says('通行密钥已创建');
    await press('去窗口登录');
    await press('用统一身份账号登录');
    issuer.down = /^\/token$/;
    await signInThere('staff-0042');
    await says('工作人员统一身份服务暂时无法使用');
    expect(await there.look('sign-in-account-away')).toEqual([]);
    await there.page.getByRole('link', { name: '打开窗口页面' }).click();
    await press('工作人员登录');
    await press('管理员：用通行密钥登录');
    await waits('换人登录');
  });

  test('no page complained, and the policy refused nothing', () => {
    expect(there.complaints).toEqual([]);
  });
});
