/* eslint-disable @typescript-eslint/no-unsafe-call -- tests look into bodies without declaring them */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { launchBrowser } from '../support/browser.js';
import { done, holderName, Town } from '../support/town.js';
import { type AskedAtWindow, Clerk } from './clerk.js';
import { PhonePage } from './phone-page.js';

let town: Town;
let browser: Browser;
let phone: PhonePage;
let clerk: Clerk;

beforeAll(async () => {
  [browser, town] = await Promise.all([launchBrowser(), Town.start()]);
  clerk = new Clerk(town);
  await town.idCard(clerk.number);
}, 180_000);
afterAll(async () => {
  await browser.close();
  await town.stop();
});

/** The request that waits is opened by a tap, and read. */
async function openWaiting(): Promise<void> {
  await phone
    .button(/请您同意使用/)
    .first()
    .click();
  await phone.page.getByRole('heading', { name: '授权请求' }).waitFor();
  await phone.sees('只用来办理');
}

const type = (digits: string) => phone.page.getByLabel('请输入窗口屏幕上的两位数').fill(digits);

/** The holder reads, types and agrees. */
async function agreed(): Promise<AskedAtWindow> {
  const request = await clerk.asks();
  await openWaiting();
  await type(request.digits);
  await phone.button('同意').click();
  await phone.sees('已同意，等待窗口取走');
  return request;
}

describe('a holder’s phone', () => {
  test('offers its key by the link of a window, shows the same digits, and is the holder’s', async () => {
    const { enrolment, code, subject } = await clerk.opens();
    phone = await PhonePage.open(browser, town.url, { fragment: `#code=${code}` });
    await phone.sees('登记这部手机');
    expect(phone.page.url()).not.toContain(code);
    expect(await phone.look('enrol')).toEqual([]);
    await phone.button('登记').click();
    await phone.sees('请工作人员确认');
    const { check } = done(await town.terminal.get(`/v1/enrolments/${enrolment}`));
    expect(await phone.page.locator('.digits').innerText()).toBe(
      `${check.slice(0, 3)} ${check.slice(3)}`,
    );
    expect(await phone.look('waiting-for-clerk')).toEqual([]);
    await clerk.confirms(enrolment, subject);
    await phone.sees('没有待办的授权请求');
    expect(await phone.look('nothing-to-do')).toEqual([]);
  });

  test('shows a request that arrives: who, what for, which fields, and one’s own values', async () => {
    const request = await clerk.asks();
    await phone.sees('请您同意使用 1 份证照');
    expect(await phone.look('to-do')).toEqual([]);
    await openWaiting();
    for (const part of ['灵活就业人员参保登记', '居民身份证', '只用一次，10 分钟内有效'])
      await phone.sees(part);
    expect(await phone.look('request')).toEqual([]);
    expect(await phone.text(holderName).count()).toBe(0);
    await phone.button(/^查看/).click();
    await phone.sees(holderName);
    expect(await phone.look('own-values')).toEqual([]);
    expect(await phone.button('同意').isDisabled()).toBe(true);
    expect(await phone.button('不同意').isDisabled()).toBe(false);
    await type(request.digits);
    expect(await phone.button('同意').isDisabled()).toBe(false);
    expect(await phone.look('ready-to-agree')).toEqual([]);
    await phone.button('不同意').click();
    await phone.sees('您没有同意');
    expect(await phone.look('refused')).toEqual([]);
    expect(await clerk.stateOf(request)).toBe('refused');
    await phone.button('返回').click();
  });

  test('tells a wrong number, takes the right one, and shows that the window took the data', async () => {
    const request = await clerk.asks();
    await openWaiting();
    await type(Clerk.wrongDigits(request.digits));
    await phone.button('同意').click();
    await phone.sees('与窗口不一致，还可再试 1 次');
    await phone.page.locator('#number:focus').waitFor();
    expect(await phone.look('missed')).toEqual([]);
    await type(request.digits);
    await phone.button('同意').click();
    await phone.sees('已同意，等待窗口取走');
    expect(await phone.page.evaluate('document.activeElement.className')).toBe('outcome');
    expect(await phone.look('granted')).toEqual([]);
    done(await town.pull(await town.token(request.at)));
    await phone.sees(/已同意，\d\d:\d\d 已取走 1 份/);
    expect(await phone.look('taken')).toEqual([]);
    await phone.button('不许窗口再次查看').click();
    await phone.sees('您已撤回，窗口不能再次查看');
    expect(await phone.look('ended-looking')).toEqual([]);
    await phone.button('返回').click();
  });

  test('closes a request after two wrong numbers', async () => {
    const request = await clerk.asks();
    await openWaiting();
    for (let miss = 0; miss < 2; miss += 1) {
      await type(Clerk.wrongDigits(request.digits));
      await phone.button('同意').click();
      if (miss === 0) await phone.sees('还可再试 1 次');
    }
    await phone.sees('两次数字都与窗口不一致');
    expect(await phone.look('mismatched')).toEqual([]);
    expect(await clerk.stateOf(request)).toBe('refused');
    await phone.button('返回').click();
  });

  test('takes a yes back before the window took the data', async () => {
    const request = await agreed();
    await phone.button('撤回').click();
    await phone.sees('您已撤回，信息没有取出');
    expect(await phone.look('withdrawn')).toEqual([]);
    expect(await clerk.stateOf(request)).toBe('withdrawn');
    await phone.button('返回').click();
  });

  test('opens a request by its link, which may come from anywhere, and asks for the digits', async () => {
    const request = await clerk.asks();
    const { consent, digits } = request;
    await phone.page.evaluate(`location.hash = 'consent=${consent}&number=${digits}'`);
    await phone.sees('请输入窗口屏幕上的两位数');
    expect(phone.page.url()).not.toContain(request.consent);
    expect(await phone.button('同意').isDisabled()).toBe(true);
    await type(digits);
    await phone.button('同意').click();
    await phone.sees('已同意，等待窗口取走');
    expect(await clerk.stateOf(request)).toBe('granted');
    await phone.button('返回').click();
  });

  test('says that an answer was not sent while there is no network, and sends nothing by itself', async () => {
    const request = await clerk.asks();
    await openWaiting();
    await phone.sees('请输入窗口屏幕上的两位数');
    await phone.context.setOffline(true);
    await phone.sees('没有网络。显示的可能不是最新内容');
    await type(request.digits);
    await phone.button('同意').click();
    await phone.sees('您的答复还没有送出');
    expect(await phone.look('offline')).toEqual([]);
    await phone.context.setOffline(false);
    await phone.text('没有网络。显示的可能不是最新内容').waitFor({ state: 'detached' });
    expect(await clerk.stateOf(request)).toBe('waiting');
    await phone.button('同意').click();
    await phone.sees('已同意，等待窗口取走');
    await phone.button('撤回').click();
    await phone.sees('您已撤回');
    await phone.button('返回').click();
  });

  test('shows the holder’s certificates', async () => {
    await phone.button('我的证照').click();
    await phone.button(/居民身份证/).click();
    await phone.sees(holderName);
    expect(await phone.look('certificates')).toEqual([]);
  });

  test('shows who used what, each record proved, and the list proved complete', async () => {
    await phone.button('谁用过').click();
    await phone.sees('灵活就业人员参保登记');
    expect(await phone.look('accesses')).toEqual([]);
    await phone.button('查验这份清单是否完整').click();
    await phone.sees('清单完整');
    await phone.button(/窗口取走/).click();
    await phone.button('查验这些记录').click();
    await phone.sees('已存入日志，日志签名有效');
    await phone.sees('同意由这部手机签署');
    expect(await phone.look('proved')).toEqual([]);
    // Asked for, missed, agreed, taken, taken back.
    expect(await phone.text('记录内容与清单一致').count()).toBe(5);
    expect(await phone.text('已存入日志，日志签名有效').count()).toBe(5);
  });

  test('shows a code that the window knows the holder by', async () => {
    await phone.button('出示码').click();
    await phone.sees(/\d+ 秒后更新/);
    expect(await phone.look('code')).toEqual([]);
  });

  test('takes its own key back, says that it is no longer in use, and wipes it', async () => {
    await phone.button('我的证照').click();
    await phone.button('已登记的手机与挂失').click();
    await phone.sees('这部手机');
    expect(await phone.look('phones')).toEqual([]);
    await phone.button('收回这把密钥').click();
    expect(await phone.look('taking-back')).toEqual([]);
    await phone.button('确认收回').click();
    await phone.sees('这部手机已停用');
    expect(await phone.look('disabled')).toEqual([]);
    await phone.page.reload();
    await phone.sees('登记这部手机');
  });

  test('keeps nothing but the language, and breaks no rule of the browser', async () => {
    const kept = await phone.page.evaluate(`({
      local: { ...localStorage },
      session: { ...sessionStorage },
      cookies: document.cookie,
      title: document.title,
    })`);
    expect(kept).toEqual({
      local: { language: 'zh' },
      session: {},
      cookies: '',
      title: '免证 · 手机',
    });
    expect(phone.complaints).toEqual([]);
    await phone.close();
  });
});
