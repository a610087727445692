import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { CityProcesses } from '../support/city-processes.js';
import { done, type Holder, holderName, Town } from '../support/town.js';
import { ClerkAtWindow } from './window-clerk.js';
import { buildPages, type HallPage, launchBrowser } from './hall.js';

let town: Town<CityProcesses>;
let browser: Browser;
let clerk: ClerkAtWindow;
let hall: HallPage;
let page: Page;
let holder: Holder;

beforeAll(async () => {
  await buildPages();
  browser = await launchBrowser();
  // As `npm start` runs it: with a witness beside it, which cosigns.
  town = await Town.around(await CityProcesses.start(1));
  holder = await town.holder();
  await town.idCard(holder.number);
  clerk = await ClerkAtWindow.arrive(town, browser);
  ({ hall, page } = clerk);
}, 180_000);
afterAll(async () => {
  await browser.close();
  await town.stop();
});

describe('the window', () => {
  test('a browser becomes a terminal by what it shows', async () => {
    expect(await hall.look('window-enrol')).toEqual([]);
    await clerk.enrol();
    await clerk.sees('1/1 见证');
    expect(await hall.look('window-empty')).toEqual([]);
    await clerk.press('?');
    expect(await hall.look('window-keys')).toEqual([]);
    await clerk.press('Escape');
  });

  test('a matter is found by words, and a number is judged while it is typed', async () => {
    await clerk.press('/');
    await page.keyboard.type('参保登记');
    await page.getByRole('option').first().waitFor();
    expect(await hall.look('window-search')).toEqual([]);
    await clerk.press('Escape');
    await clerk.choose('SX0001');
    await page.locator('.asked-for tbody tr').first().waitFor();
    expect(await hall.look('window-new')).toEqual([]);
    await page.keyboard.type(holder.number.slice(0, 17));
    await clerk.sees('还差 1 位');
    await page.keyboard.type(holder.number.endsWith('1') ? '2' : '1');
    await clerk.sees('校验码不对');
    expect(await hall.look('window-new-wrong')).toEqual([]);
    await clerk.press('Backspace');
    await clerk.types(holder.number.slice(17));
    await clerk.button('请求同意').waitFor();
    expect(await page.getByRole('checkbox', { name: '请求：居民身份证' }).isChecked()).toBe(true);
    expect(await hall.look('window-case')).toEqual([]);
  });

  test('F4 asks, and at the yes the data are there', async () => {
    await clerk.press('F4');
    const digits = await page.locator('.number').innerText();
    expect(digits).toMatch(/^\d\d$/);
    expect(await hall.look('window-waiting')).toEqual([]);
    expect(await hall.remains()).not.toContain(holder.number);
    done(await town.grant(holder, await clerk.waitingAt(holder), { digits }));
    await clerk.sees(holderName);
    await clerk.sees('颁发机构签名已核验');
    expect(await hall.look('window-released')).toEqual([]);
  });

  test('F7 verifies the receipt line by line, without the network', async () => {
    await hall.context.setOffline(true);
    await clerk.press('F7');
    await page.locator('.checks li').first().waitFor();
    expect(await page.locator('.checks .status').allInnerTexts()).toEqual(
      Array(4).fill(expect.stringContaining('通过')),
    );
    await hall.context.setOffline(false);
    expect(await hall.look('window-receipt')).toEqual([]);
    await clerk.press('Escape');
  });

  test('a paper is noted with a reason', async () => {
    await clerk.press('F8');
    expect(await hall.look('window-paper')).toEqual([]);
    await page.getByRole('dialog').getByRole('button', { name: '登记' }).click();
    await clerk.sees('已登记纸质');
  });

  test('a reloaded page finds its case on the board, and reads the same again', async () => {
    await page.reload();
    await page.locator('.board li button').first().click();
    await clerk.button('再次查看').waitFor();
    expect(await hall.remains()).not.toContain(holder.number);
    expect(await hall.look('window-again')).toEqual([]);
    await clerk.press('F4');
    await clerk.sees(holderName);
  });

  test('closing clears everything', async () => {
    await clerk.press('F9');
    expect(await hall.look('window-close')).toEqual([]);
    await clerk.press('Enter');
    await clerk.sees('已办结');
    expect(await hall.look('window-closed')).toEqual([]);
    const remains = await hall.remains();
    expect(remains).not.toContain(holder.number);
    expect(remains).not.toContain(holderName);
  });

  test('with a scanner it takes two actions from the matter to the data', async () => {
    const { code } = done(await holder.phone.post('/v1/phone/codes'));
    await clerk.choose('SX0001');
    await clerk.types(code); // one: the scanner types the code and Enter
    await clerk.button('请求同意').waitFor();
    await clerk.press('F4'); // two
    await clerk.sees('已扫持证人的码');
    expect(await hall.look('window-scanned')).toEqual([]);
    done(await town.grant(holder, await clerk.waitingAt(holder), { digits: null }));
    await clerk.sees(holderName);
    await clerk.closes();
  });

  test('a code that was used is refused, in words', async () => {
    const { code } = done(await holder.phone.post('/v1/phone/codes'));
    done(
      await town.terminal.post('/v1/cases', {
        matter: 'SX0001',
        participants: [{ role: 'applicant', code }],
      }),
    );
    await clerk.choose('SX0001');
    await clerk.types(code);
    await clerk.sees('participant_code_refused');
    expect(await hall.look('window-new-refused')).toEqual([]);
  });

  test('a matter of two people asks each of them', async () => {
    const spouse = await town.holder();
    await clerk.choose('SX0021');
    await clerk.types(holder.number);
    await clerk.sees(`${holder.number.slice(0, 3)}***********${holder.number.slice(-4)}`);
    await page.keyboard.type(spouse.number);
    expect(await hall.look('window-new-two')).toEqual([]);
    await clerk.press('Enter');
    await clerk.button('打开办件').click();
    for (const asked of [holder, spouse]) {
      await clerk.button('请求同意').click();
      await page.locator('.number').waitFor();
      done(await asked.phone.post(`/v1/phone/consents/${await clerk.waitingAt(asked)}/refuse`));
      await clerk.sees('可改交纸质，不影响办理');
      if (asked === holder) expect(await hall.look('window-two-refused')).toEqual([]);
    }
    await clerk.closes();
  });

  test('without a camera the page says so', async () => {
    await clerk.choose('SX0001');
    await clerk.button('用摄像头扫码').click();
    await page.locator('.entry .notice').waitFor();
    expect(await hall.look('window-no-camera')).toEqual([]);
    await clerk.press('Escape');
  });

  test('nothing went against the policy, and nothing stands in the console', () => {
    expect(hall.complaints).toEqual([]);
  });
});
