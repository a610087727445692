import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import type { TestCity } from '../support/city.js';
import { done, Town } from '../support/town.js';
import { hardship, Village } from '../support/village.js';
import { Clerk } from './clerk.js';
import { buildPages, type HallPage, launchBrowser } from './hall.js';
import { PhonePage } from './phone-page.js';
import { ClerkAtWindow } from './window-clerk.js';

const place = {
  name: '村委会终端',
  department: '乡镇（街道）村（社区）',
  window: 'village-2',
  town: '示例镇',
};

let town: Town;
let village: Village<TestCity>;
let browser: Browser;
let office: ClerkAtWindow;
let hall: HallPage;
let page: Page;
let phone: PhonePage;

beforeAll(async () => {
  await buildPages();
  [browser, town] = await Promise.all([launchBrowser(), Town.start()]);
  village = await Village.of(town);
  const clerk = new Clerk(town);
  await village.papersOf(clerk.number);
  phone = await clerk.enrolledPhone(browser);
  office = await ClerkAtWindow.arrive(town, browser);
  ({ hall, page } = office);
  await office.enrol(place);
}, 240_000);
afterAll(async () => {
  await browser.close();
  await town.stop();
});

/** 刘先生 finds the matter on the phone and opens it. */
async function finds(): Promise<void> {
  await phone.button('办事').click();
  await phone.page.getByLabel('查找事项').fill('jjknzm 931');
  await phone.button(new RegExp(`${hardship.name}.*示例村931`)).click();
  await phone.page.getByRole('heading', { name: hardship.name }).waitFor();
}

async function applies(): Promise<void> {
  await finds();
  await phone.button('申请办理').click();
  await phone.sees('已提交，等待接办');
}

const onlineList = () => page.getByRole('button', { name: /^网上申请/ });
const waitingCase = () => page.getByRole('button', { name: new RegExp(`${hardship.name}.*接办`) });

test('a visitor without a key sees at /online what could be exempted', async () => {
  const visitor = await PhonePage.open(browser, town.url);
  await visitor.page.setViewportSize({ width: 1280, height: 900 });
  await visitor.page.goto(`${town.url}/online`);
  await visitor.sees('登记这台电脑');
  expect(await visitor.look('desk-visitor')).toEqual([]);
  await visitor.page.getByLabel('查找事项').fill('jjknzm 931');
  await visitor.button(new RegExp(`${hardship.name}.*示例村931`)).click();
  await visitor.sees('3 份材料都可免提交');
  await visitor.sees('登记后，可在本页看到自己名下有哪些');
  expect(await visitor.look('desk-visitor-matter')).toEqual([]);
  expect(visitor.complaints).toEqual([]);
  await visitor.close();
});

describe('刘先生, who has his papers in the ledger, applies for 经济困难证明', () => {
  test('finds it by its first letters, and has nothing to bring', async () => {
    await phone.button('办事').click();
    await phone.sees('还没有在线办件');
    expect(await phone.look('matters')).toEqual([]);
    await phone.page.getByLabel('查找事项').fill('没有这样的事项');
    await phone.sees('没有找到事项');
    await phone.page.getByLabel('查找事项').fill('jjknzm');
    await phone.sees('示例村931');
    expect(await phone.look('matters-found')).toEqual([]);
    await finds();
    await phone.sees('3 份材料，一份都不用带');
    expect(await phone.text('不用带').count()).toBeGreaterThanOrEqual(3);
    expect(await phone.look('matter-free')).toEqual([]);
    await phone.button('返回').click();
  });

  test('sees of a matter what is to be brought, and why', async () => {
    await phone.page.getByLabel('查找事项').fill('离婚登记');
    await phone.button(/^离婚登记/).click();
    await phone.sees(/请带来，交到|份请带来|都请带来/);
    expect(await phone.look('matter-some')).toEqual([]);
    await phone.button('返回').click();
  });

  test('applies; the village office takes the case, asks, and has the data without a number', async () => {
    await applies();
    expect(await phone.look('case-opened')).toEqual([]);
    await onlineList().click();
    await waitingCase().waitFor();
    expect(await hall.look('online-waiting')).toEqual([]);
    await waitingCase().click();
    await office.button('请求同意').waitFor();
    expect(await hall.look('online-taken')).toEqual([]);
    await phone.sees('窗口已接办');
    await office.press('F4');
    await office.sees('无需核对数字');
    expect(await page.locator('.number').count()).toBe(0);
    expect(await hall.look('online-asked')).toEqual([]);

    await phone.sees('窗口请您同意');
    expect(await phone.look('case-asked')).toEqual([]);
    await phone.button('去答复').click();
    await phone.page.getByRole('heading', { name: '授权请求' }).waitFor();
    expect(await phone.page.getByLabel('请输入窗口屏幕上的两位数').count()).toBe(0);
    await phone.button('同意').click();
    await office.sees('颁发机构签名已核验');
    await office.sees('3/3');
    expect(await hall.look('online-received')).toEqual([]);
    await office.closes();
    await page.getByRole('button', { name: '今天办结' }).click();
    await office.sees('免提交 3，纸质 0');
    expect(await hall.look('closed-today')).toEqual([]);

    await phone.button('返回').click();
    await phone.button('办事').click();
    await phone.button(new RegExp(`${hardship.name}.*已受理`)).click();
    await phone.sees('已办结');
    expect(await phone.look('case-done')).toEqual([]);
    await phone.button('返回').click();
  });

  test('follows a case that the office took by mistake and gave back, by button and by key', async () => {
    await applies();
    await onlineList().click();
    await waitingCase().click();
    await phone.sees('窗口已接办');
    await page.getByRole('button', { name: '退回网上申请' }).click();
    await office.sees('已退回网上申请列表，本部门任一窗口都可接办。');
    await phone.sees('已提交，等待接办');
    await onlineList().click();
    await waitingCase().click();
    await office.button('请求同意').waitFor();
    await office.press('F4');
    await office.sees('无需核对数字');
    // While a request waits, the case stays.
    expect(await page.getByRole('button', { name: '退回网上申请' }).count()).toBe(0);
    await office.button('撤回请求').click();
    await page.getByRole('button', { name: '退回网上申请' }).waitFor();
    expect(await hall.look('online-giving-back')).toEqual([]);
    await office.press('F10');
    await onlineList().click();
    await waitingCase().waitFor();
    await phone.sees('已提交，等待接办');
    await phone.button('撤回申请').click();
    await phone.button('确认撤回').click();
    await phone.sees('已撤回');
    await phone.button('返回').click();
  });

  test('without the network each step says so, and is done once it is back', async () => {
    const offline = '没有网络，或暂时连接不到系统';
    const away = async (says: string, press?: string) => {
      await phone.context.setOffline(true);
      if (press !== undefined) await phone.button(press).click();
      await phone.sees(says);
    };
    const back = () => phone.context.setOffline(false);
    await phone.button('办事').click();
    await away('没有网络。显示的可能不是最新内容');
    await phone.page.getByLabel('查找事项').fill('jjknzm 931');
    await phone.sees(offline);
    expect(await phone.look('matters-offline')).toEqual([]);
    await back();
    await finds();
    await away(offline, '申请办理');
    expect(await phone.look('matter-offline')).toEqual([]);
    await back();
    await phone.button('申请办理').dblclick();
    await phone.sees('已提交，等待接办');
    await away('没有网络。显示的可能不是最新内容');
    await phone.button('撤回申请').click();
    await away(offline, '确认撤回');
    expect(await phone.look('case-offline')).toEqual([]);
    await back();
    await phone.button('确认撤回').click();
    await phone.sees('已撤回');
    await onlineList().click();
    // Applied for once, whatever was pressed twice.
    await office.sees('没有待接办的网上申请');
    await phone.page.goBack();
    await phone.page.getByRole('heading', { name: '办事' }).waitFor();
  });

  test('withdraws another, which is on no board any more', async () => {
    await applies();
    await onlineList().click();
    await waitingCase().waitFor();
    await phone.button('撤回申请').click();
    expect(await phone.look('case-withdrawing')).toEqual([]);
    await phone.button('确认撤回').click();
    await phone.sees('已撤回');
    expect(await phone.look('case-withdrawn')).toEqual([]);
    await office.sees('没有待接办的网上申请');
    await phone.button('返回').click();
  });

  test('a window that takes what another has taken is told so', async () => {
    let shown = '';
    let stays = false;
    await page.route('**/v1/board', async (route) => {
      if (!stays) shown = await (await route.fetch()).text();
      await route.fulfill({ body: shown, contentType: 'application/json' });
    });
    await applies();
    await waitingCase().waitFor();
    // Its board does not hear of it.
    stays = true;
    const { online } = JSON.parse(shown) as { online: { case: string }[] };
    done(await village.office.post(`/v1/cases/${online[0]!.case}/take`));
    await waitingCase().click();
    await office.sees('该办件已由其他窗口接办');
    await page.unroute('**/v1/board');
    await phone.sees('窗口已接办');
    await phone.button('返回').click();
  });

  test('finds the same at a desk, under /online', async () => {
    await phone.page.setViewportSize({ width: 1280, height: 900 });
    await phone.page.goto(`${town.url}/online`);
    await phone.sees('我的办件');
    expect(await phone.page.title()).toBe('免证 · 网上办事');
    expect(await phone.look('desk-matters')).toEqual([]);
    await phone.page.getByLabel('查找事项').fill(hardship.name);
    await phone.button(new RegExp(`${hardship.name}.*示例村931`)).click();
    await phone.sees('3 份材料，一份都不用带');
    expect(await phone.look('desk-matter')).toEqual([]);
    expect(phone.complaints).toEqual([]);
    expect(hall.complaints).toEqual([]);
  });
});
