import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { launchBrowser } from '../support/browser.js';
import { Town } from '../support/town.js';
import { Clerk } from './clerk.js';
import { PhonePage } from './phone-page.js';

let town: Town;
let browser: Browser;

beforeAll(async () => {
  [browser, town] = await Promise.all([launchBrowser(), Town.start()]);
}, 180_000);
afterAll(async () => {
  await browser.close();
  await town.stop();
});

describe('before it is enrolled, a phone', () => {
  test('says by how much its clock is wrong, and where to set it', async () => {
    const phone = await PhonePage.open(browser, town.url, { ahead: 3_900_000 });
    await phone.sees('这部手机的时间快了 1 小时 5 分钟');
    expect(await phone.look('clock-wrong')).toEqual([]);
    await phone.close();
  });

  test('says that the browser keeps no key', async () => {
    const phone = await PhonePage.open(browser, town.url, {
      script: () => {
        Object.defineProperty(globalThis, 'indexedDB', {
          get() {
            throw new DOMException('refused', 'SecurityError');
          },
        });
      },
    });
    await phone.sees('这个浏览器窗口不能保存密钥');
    expect(await phone.look('no-key')).toEqual([]);
    await phone.close();
  });

  test('says that an address without TLS cannot be used', async () => {
    const phone = await PhonePage.open(browser, town.url, {
      script: () => {
        Object.defineProperty(globalThis, 'isSecureContext', { value: false });
      },
    });
    await phone.sees('此网址不是安全连接，不能使用');
    expect(await phone.look('insecure')).toEqual([]);
    await phone.close();
  });

  test('says that a code is wrong or expired', async () => {
    const phone = await PhonePage.open(browser, town.url, { fragment: `#code=${'A'.repeat(22)}` });
    const loaded: string[] = [];
    phone.page.on('request', (request) => {
      const [, language] = /_virtual_problems-(\w+)-/.exec(request.url()) ?? [];
      if (language !== undefined) loaded.push(language);
    });
    const tooMany = { status: 429, json: { code: 'address_rate_exceeded' } };
    await phone.page.route('**/v1/enrolments/offer', (route) => route.fulfill(tooMany), {
      times: 1,
    });
    await phone.button('登记').click();
    await phone.sees('来自该地址的未认证请求过多');
    // The texts of the other language are loaded where it is chosen.
    expect(loaded).toEqual(['zh']);
    await phone.button(/switch to English/).click();
    await phone.sees('Too many requests without credentials');
    expect(loaded).toEqual(['zh', 'en']);
    await phone.button('切换到中文').click();
    await phone.button('登记').click();
    await phone.sees('登记码不正确、已用过或已过期');
    expect(await phone.look('code-refused')).toEqual([]);
    await phone.button('改用别的登记码').click();
    await phone.page.getByLabel('或输入登记码').fill('1234');
    await phone.button('登记').click();
    await phone.sees('这不是登记码');
    expect(await phone.look('code-wrong')).toEqual([]);
    // A key that was refused has no digits that a clerk could be shown.
    await phone.page.reload();
    await phone.sees('扫窗口的登记码');
    expect(await phone.page.content()).not.toContain('请工作人员确认');
    await phone.close();
  });

  test('says that there is no camera, and takes a typed code after a network failure', async () => {
    const clerk = new Clerk(town);
    const { enrolment, typed, subject } = await clerk.opens();
    const phone = await PhonePage.open(browser, town.url);
    await phone.button('扫窗口的登记码').click();
    await phone.sees(/没有可用的摄像头|没有摄像头权限/);
    expect(await phone.look('no-camera')).toEqual([]);
    const field = phone.page.getByLabel('或输入登记码');
    await field.fill(`${typed.handle} ${Clerk.otherDigits(typed.digits)}`);
    await phone.button('登记').click();
    await phone.sees('最多可输入 5 次');
    expect(await phone.look('typed-code-refused')).toEqual([]);
    await field.fill(`${typed.handle.toLowerCase()} ${typed.digits}`);
    await phone.context.setOffline(true);
    await phone.button('登记').click();
    await phone.sees('没有网络，或暂时连接不到系统');
    expect(await phone.look('enrol-offline')).toEqual([]);
    await phone.context.setOffline(false);
    await phone.button('登记').click();
    await phone.sees('请工作人员确认');
    await phone.page.reload();
    await phone.sees('请工作人员确认');
    const refused: string[] = [];
    phone.page.on('response', (response) => {
      if (!response.ok()) refused.push(`${String(response.status())} ${response.url()}`);
    });
    await phone.page.waitForResponse('**/v1/enrolments/state');
    await clerk.confirms(enrolment, subject);
    await phone.sees('没有待办的授权请求');
    // A console full of refusals says to whoever looks that something is wrong.
    expect(refused).toEqual([]);
    expect(phone.complaints).toEqual([]);
    await phone.close();
  });

  test('starts again after nobody confirmed within ten minutes', async () => {
    const clerk = new Clerk(town);
    const { code } = await clerk.opens();
    const phone = await PhonePage.open(browser, town.url, { fragment: `#code=${code}`, ahead: 1 });
    await phone.button('登记').click();
    await phone.sees('正在等待工作人员确认');
    // The city's clock stays: only what the page counts goes on.
    await phone.page.route('**/v1/enrolments/state', (route) => route.abort());
    await phone.page.clock.fastForward(601_000);
    await phone.sees('10 分钟内没有确认');
    expect(await phone.look('not-confirmed')).toEqual([]);
    await phone.button('重新登记').click();
    await phone.sees('登记这部手机');
    await phone.close();
  });
});
