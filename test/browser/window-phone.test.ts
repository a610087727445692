import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { inventedCreditCode, inventedResidentId } from '../support/authority.js';
import { CityProcesses } from '../support/city-processes.js';
import { Town } from '../support/town.js';
import { buildPages, type HallPage, launchBrowser } from './hall.js';
import { PhonePage } from './phone-page.js';
import { Transcript } from './transcript.js';
import { ClerkAtWindow } from './window-clerk.js';

const number = inventedResidentId();

let town: Town<CityProcesses>;
let browser: Browser;
let clerk: ClerkAtWindow;
let hall: HallPage;
let page: Page;
let phone: PhonePage;
let atWindow: Transcript;
let atPhone: Transcript;

beforeAll(async () => {
  await buildPages();
  browser = await launchBrowser();
  town = await Town.around(await CityProcesses.start(1));
  await town.idCard(number);
  clerk = await ClerkAtWindow.arrive(town, browser);
  ({ hall, page } = clerk);
  await clerk.enrol();
}, 180_000);
afterAll(async () => {
  await browser.close();
  await town.stop();
});

/** The window checks a holder and enrols the phone, whose page it answers. */
async function enrolled(choose: () => Promise<void>): Promise<PhonePage> {
  await clerk.button('登记手机').click();
  await choose();
  await page.getByRole('checkbox', { name: '我已核对' }).check();
  const opened = page.waitForResponse(`${town.url}/v1/enrolments`);
  await clerk.button('取登记码').click();
  const { code } = (await (await opened).json()) as { code: string };
  const holders = await PhonePage.open(browser, town.url, { fragment: `#code=${code}` });
  await holders.button('登记').click();
  await clerk.button('一致，确认登记').click();
  await holders.sees('没有待办的授权请求');
  await page.getByRole('dialog').getByRole('button', { name: '关闭' }).click();
  return holders;
}

describe('a holder without papers, at a window and with a phone', () => {
  test('the window enrols the phone, with six digits that both show', async () => {
    await clerk.button('登记手机').click();
    expect(await hall.look('window-enrol-phone')).toEqual([]);
    await page.getByRole('dialog').getByRole('textbox').fill(number);
    expect(await clerk.button('取登记码').isDisabled()).toBe(true);
    await page.getByRole('checkbox', { name: '我已核对本人和证件' }).check();
    const opened = page.waitForResponse(`${town.url}/v1/enrolments`);
    await clerk.button('取登记码').click();
    const { code } = (await (await opened).json()) as { code: string };
    await page.getByRole('img', { name: '手机登记码' }).waitFor();
    expect(await hall.look('window-enrol-phone-code')).toEqual([]);

    phone = await PhonePage.open(browser, town.url, { fragment: `#code=${code}` });
    await phone.button('登记').click();
    await phone.sees('请工作人员确认');
    const digits = page.getByRole('dialog').locator('.number');
    await digits.waitFor();
    const check = (await digits.innerText()).replace(/\s/g, '');
    expect((await phone.page.locator('main').innerText()).replace(/\s/g, '')).toContain(check);
    expect(await hall.look('window-enrol-phone-compare')).toEqual([]);
    await clerk.button('一致，确认登记').click();
    await clerk.sees('手机已登记');
    await phone.sees('没有待办的授权请求');
    atPhone = await Transcript.of(phone.page, 'phone');
    expect((await atPhone.step('nothing waits')).tree).toContain('heading "待办"');
    await page.getByRole('dialog').getByRole('button', { name: '关闭' }).click();
  });

  test('F4 takes a waiting request back, and the phone says so', async () => {
    await clerk.choose('SX0001');
    await clerk.types(number);
    await clerk.button('请求同意').waitFor();
    await clerk.press('F4');
    await page.locator('.number').waitFor();
    await phone.page.getByText('灵活就业人员参保登记').first().waitFor();
    await clerk.button('撤回请求').click();
    await clerk.sees('本窗口已撤回请求');
    expect(await hall.look('window-taken-back')).toEqual([]);
    await phone.sees('没有待办的授权请求');
  });

  test('asks again, and the two digits typed on the phone bring the data to the screen', async () => {
    await page.getByRole('checkbox', { name: '请求：居民身份证' }).check();
    atWindow = await Transcript.of(page, 'window');
    expect((await atWindow.step('a case')).tree).toContain('checkbox "请求：居民身份证" [checked]');
    await clerk.press('F4');
    const digits = await page.locator('.number').innerText();
    const waiting = await atWindow.step('a request waits');
    expect(waiting.said.join('\n')).toContain(digits);
    // What stands there all the while is read where it is looked for.
    expect(waiting.tree).toContain('没有手机');
    expect(waiting.said.join('\n')).not.toContain('没有手机');
    expect(waiting.tree).toMatch(/timer: 剩余 \d+:\d\d/);

    await phone.button(/请您同意使用/).click();
    await phone.sees('只用来办理');
    const read = await atPhone.step('the request is read');
    for (const part of [
      /heading "授权请求" \[level=1\]/,
      /heading "人社 hall-1-03 窗口 请您同意使用 1 份证照" \[level=2\]/,
      /灵活就业人员参保登记/,
      /姓名、公民身份号码/,
      /只用一次，10 分钟内有效/,
      /textbox "请输入窗口屏幕上的两位数"/,
      /button "不同意"/,
      /button "同意" \[disabled\]/,
      /不作答复，到时自动视为不同意/,
    ])
      expect(read.tree).toMatch(part);
    await phone.page.getByLabel('请输入窗口屏幕上的两位数').fill(digits);
    await phone.button('同意').click();
    await clerk.sees('颁发机构签名已核验');
    await clerk.sees(number);
    await phone.sees(/已取走 1 份/);
    const taken = await atPhone.step('the window took the data');
    expect(taken.said.join('\n')).toMatch(/已同意|已取走/);
    const shown = await atWindow.step('the data are there');
    expect(shown.said.join('\n')).toContain('持证人已同意');
    expect(shown.tree).toContain('颁发机构签名已核验');
    expect(shown.tree).toContain(number);
    // A countdown is read where it is looked for, and not each second.
    for (const { said } of [waiting, read, taken, shown])
      expect(said.filter((text) => /^(剩余 )?\d+:\d\d$/.test(text))).toEqual([]);
    await clerk.closes();
    expect((await atWindow.step('closed')).said.join('\n')).toContain('已办结');
    expect((await page.content()).includes(number)).toBe(false);
    expect(hall.complaints).toEqual([]);
    expect(phone.complaints).toEqual([]);
  });
});

test('a company without papers: the phone of whoever speaks for it says yes to its licence', async () => {
  const company = inventedCreditCode();
  await town.licence(company);
  const speaker = await enrolled(async () => {
    await page.getByRole('radio', { name: '企业或其他组织' }).check();
    await page.getByRole('dialog').getByRole('textbox').fill(company);
    expect(await hall.look('window-enrol-phone-company')).toEqual([]);
  });
  await clerk.choose('SX0126');
  await clerk.types(company);
  await clerk.button('请求同意').waitFor();
  await clerk.press('F4');
  const digits = await page.locator('.number').innerText();
  await speaker.button(/请您同意使用/).click();
  await speaker.sees('企业社会保险登记');
  expect(await speaker.look('request-company')).toEqual([]);
  await speaker.page.getByLabel('请输入窗口屏幕上的两位数').fill(digits);
  await speaker.button('同意').click();
  await clerk.sees('颁发机构签名已核验');
  await clerk.sees('示例有限公司');
  expect(await hall.look('window-company')).toEqual([]);
  // The first holder's phone hears nothing of it.
  expect(await phone.page.content()).not.toContain('企业社会保险登记');
  await clerk.closes();
  expect((await page.content()).includes(company)).toBe(false);
  expect(speaker.complaints).toEqual([]);
});
